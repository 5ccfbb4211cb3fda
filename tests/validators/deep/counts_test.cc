// The sources that count: each on rows where it must speak, and on rows where it must not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/validators/deep/deep_testing.h"
#include "validators/deep/boundary_variants.h"
#include "validators/deep/gazetteer.h"
#include "validators/deep/intent_slots.h"
#include "validators/deep/labelled_words.h"
#include "validators/deep/shared_values.h"
#include "validators/deep/value_majority.h"

namespace validators::deep {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Texts = std::vector<std::string>;
using Rows = std::vector<datasets::Row>;

Texts gazetteer_says(const Rows& rows) {
  const Corpus corpus = make_corpus(rows);
  return in_words(corpus, gazetteer(corpus, ValueCounts(corpus)));
}

TEST(Gazetteer, FindsMissedSlots) {
  const Rows labelled =
      rows("go", {"fly to [city:New York]", "to [city:york]", "is it cold in [city:oslo]"}, 3);
  const std::pair<std::string, Texts> table[] = {
      {"a hotel in oslo", {"9 missed_slot - -> [city:oslo]"}},
      {"a hotel in Oslo!", {"9 missed_slot - -> [city:Oslo]"}},
      {"a hotel in new york", {"9 missed_slot - -> [city:new york]"}},  // the longest
      {"york or oslo", {"9 missed_slot - -> [city:york]", "9 missed_slot - -> [city:oslo]"}},
      {"a hotel in oslofjord", {}},  // words only
      {"a hotel in new", {}},
      {"a hotel in [city:oslo]", {}},
      {"a hotel in [city:oslo city]", {}},
  };
  for (const auto& [text, expected] : table)
    EXPECT_EQ(gazetteer_says(labelled + rows("go", {text})), expected) << text;
}

TEST(Gazetteer, FindsMissedSlotsInChinese) {
  const Rows labelled = rows("volume", {"把[device:主屏]调高", "[device:副屏]静音"}, 2);
  EXPECT_THAT(gazetteer_says(labelled + rows("volume", {"打开主屏"})),
              ElementsAre("4 missed_slot - -> [device:主屏]"));
  EXPECT_THAT(gazetteer_says(labelled + rows("volume", {"打开主题"})), IsEmpty());
}

TEST(Gazetteer, IsSilentWhereTheValueIsAWordLikeOthers) {
  // Labelled twice, unlabelled twice: no majority. Labelled once: no evidence.
  EXPECT_THAT(gazetteer_says(rows("a", {"[name:may] came", "[name:may] left", "you may go", "he may stay"})),
              IsEmpty());
  EXPECT_THAT(gazetteer_says(rows("a", {"[name:may] came", "you may go"})), IsEmpty());
}

TEST(Gazetteer, CountsWithinAnIntentToo) {
  const Rows music = rows("music", {"play [genre:blues]"}, 3);
  const Rows others = rows("talk", {"i have the blues"}, 5);
  EXPECT_THAT(gazetteer_says(music + others + rows("music", {"some blues please"})),
              ElementsAre("8 missed_slot - -> [genre:blues]"));
}

TEST(Gazetteer, FindsSpuriousSlots) {
  const Rows plain = rows("a", {"turn it up please"}, 3);
  EXPECT_THAT(gazetteer_says(plain + rows("a", {"louder [device:please]"})),
              ElementsAre("3 spurious_slot [device:please] -> -"));
  EXPECT_THAT(gazetteer_says(plain + rows("a", {"[device:please]"}, 3)), IsEmpty());
}

Texts labelled_words_say(const Rows& rows) {
  const Corpus corpus = make_corpus(rows);
  return in_words(corpus, labelled_words(corpus));
}

TEST(LabelledWords, FindWhatIsLeftOfAMissedSlot) {
  const Rows labelled =
      rows("a", {"play [album:blue moon]", "play [album:moon shadow]", "[album:old moon]"}, 2);
  EXPECT_THAT(labelled_words_say(labelled + rows("a", {"play harvest moon"})),
              ElementsAre("6 missed_slot - -> [album:moon]"));
  EXPECT_THAT(labelled_words_say(labelled + rows("a", {"play moon shadow now"})),
              ElementsAre("6 missed_slot - -> [album:moon]"));  // shadow is in too few
  EXPECT_THAT(labelled_words_say(labelled + rows("a", {"play harvest moon", "the moon is up"})), IsEmpty());
}

Texts majority_says(const Rows& rows, const std::vector<std::vector<std::string>>& shared = {}) {
  const Corpus corpus = make_corpus(rows);
  const ValueCounts counts(corpus);
  return in_words(corpus, value_majority(corpus, counts, SharedValues(corpus, counts, shared)));
}

TEST(ValueMajority, FindsWrongNames) {
  const Rows right = rows("a", {"play [artist:queen] in [room:bath]"}, 3);
  EXPECT_THAT(majority_says(right + rows("a", {"play [room:queen]"})),
              ElementsAre("3 slot_type [room:queen] -> [artist:queen]"));
  EXPECT_THAT(majority_says(right + rows("a", {"play [room:bath] in [artist:bath]"})),
              ElementsAre("3 slot_type [artist:bath] -> [room:bath]"));
}

TEST(ValueMajority, FindsSwappedSlots) {
  const Rows right = rows("a", {"play [artist:queen] in [room:bath]"}, 3);
  EXPECT_THAT(majority_says(right + rows("a", {"play [room:queen] in [artist:bath]"})),
              ElementsAre("3 swapped_slots [room:queen] -> [artist:queen] [artist:bath] -> [room:bath]"));
}

TEST(ValueMajority, IsSilentWithoutAMajorityOrTheName) {
  const Rows two = rows("a", {"[artist:queen]"}, 3) + rows("a", {"[song:queen]"}, 3);
  EXPECT_THAT(majority_says(two), IsEmpty());
  // The other intent's name isn't one that this intent has.
  EXPECT_THAT(majority_says(rows("a", {"[artist:queen]"}, 5) + rows("b", {"[title:queen]"})), IsEmpty());
}

TEST(ValueMajority, PassesWhatTheJobSaysIsShared) {
  const Rows flights = rows("fly", {"from [from:oslo] to [to:rome]"}, 4) + rows("fly", {"to [to:oslo]"});
  EXPECT_THAT(majority_says(flights), ElementsAre("4 slot_type [to:oslo] -> [from:oslo]"));
  EXPECT_THAT(majority_says(flights, {{"from", "to"}}), IsEmpty());
  EXPECT_THAT(majority_says(flights, {{"from", "via"}, {"nothing"}}),
              Contains("4 slot_type [to:oslo] -> [from:oslo]"));
}

TEST(SharedValues, AreSeenInTheData) {
  Rows flights;
  for (const std::string city : {"oslo", "rome", "lima", "paris"})
    flights = std::move(flights) + rows("fly", {"from [from:" + city + "]", "to [to:" + city + "]"}, 3);
  flights = std::move(flights) + rows("fly", {"from [from:oslo]"}, 20);
  EXPECT_THAT(majority_says(flights), IsEmpty());
  // Not by a few mistakes.
  const Rows right = rows("a", {"[artist:queen] [room:bath]", "[artist:abba] [room:attic]"}, 30);
  const Corpus corpus = make_corpus(right + rows("a", {"[room:queen] [room:abba] [artist:attic]"}, 2));
  const SharedValues shared(corpus, ValueCounts(corpus), {});
  EXPECT_FALSE(shared.shared(0, 1));
  EXPECT_FALSE(shared.shared(1, 0));
}

TEST(SharedValues, AreThoseOfOneSlotTypeOfTheJob) {
  prompts::Job job;
  job.intents.resize(2);
  const auto slot = [](const char* name, std::size_t type) {
    prompts::IntentSlot s;
    s.name = name;
    s.type = type;
    return s;
  };
  job.intents[0].slots = {slot("from", 1), slot("to", 1), slot("day", 0)};
  job.intents[1].slots = {slot("to", 1), slot("via", 1), slot("seat", 2)};
  EXPECT_THAT(slots_of_one_type(job), ElementsAre(Texts{"from", "to", "via"}));
}

Texts boundaries_say(const Rows& rows) {
  const Corpus corpus = make_corpus(rows);
  Texts texts = in_words(corpus, boundary_variants(corpus, ValueCounts(corpus)));
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());  // two sources may say the same
  return texts;
}

TEST(BoundaryVariants, FindWhatIsAWordTooLongOrTooShort) {
  const Rows right = rows("a", {"fly to [city:new york] now", "see [city:oslo]"}, 3);
  const std::pair<std::string, Texts> table[] = {
      {"go to [city:york]", {}},  // `new` doesn't stand there
      {"go to new [city:york]", {"6 boundary [city:york] -> [city:new york]"}},
      {"go to [city:new] york", {"6 boundary [city:new] -> [city:new york]"}},
      {"go [city:to oslo]", {"6 boundary [city:to oslo] -> [city:oslo]"}},
      {"go to [city:oslo now]", {"6 boundary [city:oslo now] -> [city:oslo]"}},
      {"go to [city:oslo]", {}},
      {"go to [city:cape town]", {}},
  };
  for (const auto& [text, expected] : table)
    EXPECT_EQ(boundaries_say(right + rows("a", {text})), expected) << text;
}

TEST(BoundaryVariants, FindEdgesThatNoOtherSlotHas) {
  const Rows right = rows("volume", {"把[device:主屏]调高", "把[device:副屏]调低"}, 15);
  EXPECT_THAT(boundaries_say(right + rows("volume", {"[device:把话筒]调高"})),
              ElementsAre("30 boundary [device:把话筒] -> [device:话筒]"));
  EXPECT_THAT(boundaries_say(right + rows("volume", {"把[device:话筒调]高"})),
              ElementsAre("30 boundary [device:话筒调] -> [device:话筒]"));
  EXPECT_THAT(boundaries_say(right + rows("volume", {"把[device:侧屏]调高"})), IsEmpty());
  // 屏 ends devices and stands nowhere else.
  EXPECT_THAT(boundaries_say(right + rows("volume", {"把[device:侧]屏调高"})),
              ElementsAre("30 boundary [device:侧] -> [device:侧屏]"));
}

Texts intents_say(const Rows& rows) {
  const Corpus corpus = make_corpus(rows);
  return in_words(corpus, intent_slots(corpus, ValueCounts(corpus)));
}

TEST(IntentSlots, FindIntentsThatNeverHaveSuchASlot) {
  const Rows right = rows("play", {"hear [artist:queen]"}, 50) + rows("weather", {"rain in [city:oslo]"}, 50);
  EXPECT_THAT(intents_say(right + rows("weather", {"hear [artist:abba]"})),
              ElementsAre("100 intent -> play"));
  EXPECT_THAT(intents_say(right + rows("weather", {"sun in [city:rome]"})), IsEmpty());
  // Ten in a hundred are no slip.
  EXPECT_THAT(intents_say(right + rows("weather", {"hear [artist:abba]"}, 10)), IsEmpty());
}

}  // namespace
}  // namespace validators::deep
