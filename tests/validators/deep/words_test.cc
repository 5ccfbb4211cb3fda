#include "validators/deep/words.h"

#include <gtest/gtest.h>

#include <string>

#include "base/text.h"
#include "tests/validators/deep/deep_testing.h"
#include "validators/deep/corpus.h"
#include "validators/deep/phrases.h"

namespace validators::deep {
namespace {

TEST(Words, AreCutByScript) {
  const std::pair<std::string, std::string> table[] = {
      {"", ""},
      {"turn it up", "turn|it|up"},
      {" turn  it\tup ", "turn|it|up"},
      {"what's on?", "what|'s|on|?"},
      {"at 5 o'clock", "at|5|o|'clock"},
      {"room A301, 20%", "room|A301|,|20|%"},
      {"打开主屏", "打|开|主|屏"},
      {"打开A301的PPT", "打|开|A301|的|PPT"},
      {"音量30％", "音|量|30|％"},
      {"テレビ", "テ|レ|ビ"},
      {"café naïve", "café|naïve"},
  };
  for (const auto& [text, expected] : table) {
    const std::u32string code_points = base::to_utf32(text);
    std::string words;
    for (const Word& word : split_words(code_points)) {
      if (!words.empty()) words += '|';
      words += base::to_utf8(std::u32string_view(code_points).substr(word.start, word.end - word.start));
    }
    EXPECT_EQ(words, expected);
  }
}

TEST(Corpus, TakesLabelsByWords) {
  auto rows = std::vector<datasets::Row>{row("play", "Play [artist:Queen] in [room:the bath]")};
  rows.push_back(rows.front());
  rows.back().frames.front().slots[0].start += 1;                                         // inside a word
  rows.back().frames.front().slots[1].start = rows.back().frames.front().slots[0].start;  // on top of it
  rows.push_back(row("", "hello"));
  rows.back().frames.clear();
  rows.back().kind = datasets::Kind::out_of_scope;
  rows.push_back(rows.front());
  rows.back().frames.push_back(rows.back().frames.front());
  rows.back().frames.back().slots.clear();
  const Corpus corpus = make_corpus(rows);

  ASSERT_EQ(corpus.sentences.size(), 4u);
  EXPECT_EQ(corpus.names, (std::vector<std::string>{"artist", "room"}));
  EXPECT_EQ(corpus.intents, (std::vector<std::string>{"play", "out_of_scope"}));
  EXPECT_EQ(corpus.sentences[0].labels, (std::vector<Label>{{0, 1, 2}, {1, 3, 5}}));
  EXPECT_EQ(corpus.sentences[1].labels.size(), 1u);
  EXPECT_EQ(corpus.sentences[1].labels[0].first, 1u);
  EXPECT_EQ(corpus.sentences[2].intent, 1u);
  EXPECT_EQ(corpus.sentences[3].intent, kNone);
  EXPECT_EQ(corpus.sentences[3].labels.size(), 2u);
  EXPECT_EQ(corpus.vocabulary[corpus.sentences[0].ids[1]], "queen");
  EXPECT_EQ(corpus.sentences[0].surface(3, 5), "the bath");
  ASSERT_NE(corpus.sentences[0].label_at(4), nullptr);
  EXPECT_EQ(corpus.sentences[0].label_at(2), nullptr);
}

TEST(Corpus, HoldsRowsOfAllShapes) {
  std::vector<datasets::Row> rows(3);
  rows[1].text = "。";
  rows[2] = row("a", "x");
  rows[2].frames.front().slots.push_back({"unplaced", "", "7", 0, 0});
  rows[2].frames.front().slots.push_back({"beyond", "y", "y", 90, 99});
  const Corpus corpus = make_corpus(rows);
  for (const Sentence& sentence : corpus.sentences) EXPECT_TRUE(sentence.labels.empty());
}

TEST(Phrases, AreFoundWhereTheyBegin) {
  Phrases phrases;
  const std::vector<std::uint32_t> text = {7, 8, 9, 7, 8};
  const std::span<const std::uint32_t> all(text);
  EXPECT_EQ(phrases.add(all.subspan(0, 1)), 0u);
  EXPECT_EQ(phrases.add(all.subspan(0, 3)), 1u);
  EXPECT_EQ(phrases.add(all.subspan(0, 1)), 0u);
  EXPECT_EQ(phrases.find(all.subspan(0, 2)), kNone);
  EXPECT_EQ(phrases.find(all.subspan(0, 3)), 1u);
  EXPECT_EQ(phrases.find(all.subspan(1, 1)), kNone);
  std::string found;
  phrases.for_each_prefix(all, [&](std::size_t length, std::uint32_t phrase) {
    found += std::to_string(length) + ":" + std::to_string(phrase) + " ";
  });
  EXPECT_EQ(found, "1:0 3:1 ");
}

}  // namespace
}  // namespace validators::deep
