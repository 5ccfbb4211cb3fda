#include "local_model/known_words.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace local_model {
namespace {

const KnownWords& known() {
  static const KnownWords words("mute\nset_volume", "请把的", "please the I'd");
  return words;
}

TEST(KnownWords, AnIntentOfTheModelsOwnHasNoLimit) {
  EXPECT_FALSE(known().limit("<|intent|>mute<|desc|>静音", "<|slots|><|style|><|out|>"));
  EXPECT_FALSE(known().limit("", "<|far|>zh<|style|><|out|>"));
  EXPECT_FALSE(known().limit("", "<|near|>borrow<|desc|>借书<|slots|><|style|><|out|>"));
  EXPECT_FALSE(KnownWords().limit("<|intent|>borrow<|desc|>借书", "<|slots|><|style|><|out|>"));
}

TEST(KnownWords, OfAnotherItHasThoseOfDescriptionAndExamplesAndTheFunctionWords) {
  const auto lexicon = known().limit(
      "<|intent|>borrow<|desc|>借书",
      R"(<|example|>把[book:三体]借我<|example|>[book:A\]B]，上APP看<|slots|>book<|is|>活着<|style|>口语<|out|>)");
  ASSERT_TRUE(lexicon);
  EXPECT_EQ(base::to_utf8(lexicon->characters), base::to_utf8(base::to_utf32("上书借我把的看请")));
  EXPECT_EQ(lexicon->words, (std::set<std::string>{"APP"}));
}

TEST(KnownWords, WhereWordsHaveSpacesTheyAreTakenWholeAndAsInsideASentence) {
  const auto lexicon =
      known().limit("<|intent|>borrow<|desc|>Borrow a book",
                    "<|example|>can I get [book:Emma]?<|slots|>book<|is|>Dune<|style|><|out|>");
  ASSERT_TRUE(lexicon);
  EXPECT_TRUE(lexicon->characters.empty());
  EXPECT_EQ(lexicon->words, (std::set<std::string>{"Borrow", "I", "I'd", "a", "book", "borrow", "can", "get",
                                                   "please", "the"}));
}

}  // namespace
}  // namespace local_model
