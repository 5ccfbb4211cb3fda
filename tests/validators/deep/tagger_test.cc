#include "validators/deep/tagger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "base/hash.h"
#include "tests/validators/deep/deep_testing.h"
#include "validators/deep/tagger_votes.h"

namespace validators::deep {
namespace {

using ::testing::IsEmpty;

TEST(Tags, AndLabelsSayTheSame) {
  const std::vector<Label> table[] = {
      {}, {{0, 0, 1}}, {{1, 0, 3}, {1, 3, 4}}, {{0, 1, 2}, {1, 2, 4}, {0, 4, 5}}, {{2, 3, 5}}};
  for (const auto& labels : table) EXPECT_EQ(labels_of(tags_of(labels, 5, 3), 3), labels);
}

/// Rows of a few words with random labels: nothing to learn, so all weights are in use.
std::vector<datasets::Row> random_rows(std::size_t count) {
  std::uint64_t drawn = 0;
  const auto below = [&](std::uint64_t size) { return base::mix(7, ++drawn) % size; };
  std::vector<datasets::Row> result;
  for (std::size_t i = 0; i < count; ++i) {
    std::string text;
    for (std::size_t word = 0; word < 4; ++word) {
      const std::string letters(1, static_cast<char>('a' + below(5)));
      if (word > 0) text += ' ';
      text += below(3) == 0 ? "[" + std::string(below(2) == 0 ? "x" : "y") + ":" + letters + " b]" : letters;
    }
    result.push_back(row("i", text));
  }
  return result;
}

bool is_way(const Tags& tags, std::size_t names) {
  for (std::size_t i = 0; i < tags.size(); ++i) {
    if (tags[i] <= names) continue;
    if (i == 0 || (tags[i - 1] != tags[i] && tags[i - 1] != tags[i] - names)) return false;
  }
  return true;
}

TEST(Tagger, DecodesTheBestOfAllWays) {
  const Corpus corpus = make_corpus(random_rows(40));
  ASSERT_EQ(corpus.names.size(), 2u);
  const TagFeatures features(corpus);
  std::vector<Tags> gold;
  std::vector<std::uint32_t> rows;
  for (std::uint32_t i = 0; i < corpus.sentences.size(); ++i) {
    gold.push_back(tags_of(corpus.sentences[i].labels, corpus.sentences[i].ids.size(), 2));
    if (i % 2 == 0) rows.push_back(i);
  }
  Tagger tagger(features, 2);
  tagger.train(rows, gold, 3, 1);
  std::size_t compared = 0;
  for (std::uint32_t row = 0; row < gold.size(); ++row) {
    const std::size_t words = gold[row].size();
    if (words > 6) continue;
    const Tags best = tagger.decode(row, words);
    ASSERT_TRUE(is_way(best, 2));
    std::int64_t most = std::numeric_limits<std::int64_t>::min();
    std::size_t ways = 1;
    for (std::size_t i = 0; i < words; ++i) ways *= 5;
    for (std::size_t way = 0; way < ways; ++way) {
      Tags tags(words);
      for (std::size_t i = 0, rest = way; i < words; ++i, rest /= 5) tags[i] = static_cast<Tag>(rest % 5);
      if (is_way(tags, 2)) most = std::max(most, tagger.score(row, tags));
    }
    EXPECT_EQ(tagger.score(row, best), most);
    ++compared;
  }
  EXPECT_GT(compared, 10u);
}

TEST(Tagger, LearnsWhereSlotsStand) {
  const auto rows = many_rows() + std::vector<datasets::Row>{row("play", "i want to hear radiohead"),
                                                             row("weather", "will it rain today in dublin")};
  const Corpus corpus = make_corpus(rows);
  const TagFeatures features(corpus);
  std::vector<Tags> gold;
  std::vector<std::uint32_t> seen;
  for (std::uint32_t i = 0; i < corpus.sentences.size(); ++i) {
    gold.push_back(tags_of(corpus.sentences[i].labels, corpus.sentences[i].ids.size(), corpus.names.size()));
    if (i < 200) seen.push_back(i);
  }
  Tagger tagger(features, corpus.names.size());
  tagger.train(seen, gold, 5, 1);
  const auto says = [&](std::uint32_t row) {
    const Sentence& sentence = corpus.sentences[row];
    std::string text;
    for (const Label& label : labels_of(tagger.decode(row, sentence.ids.size()), corpus.names.size()))
      text += corpus.names[label.name] + ":" + sentence.surface(label.first, label.last) + " ";
    return text;
  };
  EXPECT_EQ(says(0), "artist:queen ");
  EXPECT_EQ(says(200), "artist:radiohead ");
  EXPECT_EQ(says(201), "day:today city:dublin ");
}

TEST(Differences, AreOneOfTheKinds) {
  struct Case {
    std::vector<Label> own;
    std::vector<Label> other;
    std::vector<std::string> expected;
  };
  const Corpus corpus = make_corpus(rows("i", {"[x:a] [y:b] [z:c] d e"}));
  const Case table[] = {
      {{{0, 0, 1}}, {{0, 0, 1}}, {}},
      {{}, {{0, 0, 2}}, {"0 missed_slot - -> [x:a b]"}},
      {{{0, 0, 2}}, {}, {"0 spurious_slot [x:a b] -> -"}},
      {{{0, 0, 2}}, {{0, 1, 2}}, {"0 boundary [x:a b] -> [x:b]"}},
      {{{0, 0, 2}}, {{1, 0, 2}}, {"0 slot_type [x:a b] -> [y:a b]"}},
      {{{0, 0, 2}}, {{1, 1, 3}}, {"0 slot_type [x:a b] -> [y:b c]"}},
      {{{0, 0, 1}, {1, 2, 3}}, {{1, 0, 1}, {0, 2, 3}}, {"0 swapped_slots [x:a] -> [y:a] [y:c] -> [x:c]"}},
      {{{0, 0, 4}}, {{1, 0, 2}, {0, 2, 4}}, {"0 boundary [x:a b c d] -> [x:c d]"}},
      {{{0, 0, 1}, {0, 1, 2}}, {{0, 0, 2}}, {"0 boundary [x:a] -> [x:a b]", "0 boundary [x:b] -> [x:a b]"}},
  };
  for (const Case& c : table) EXPECT_EQ(in_words(corpus, differences(0, c.own, c.other)), c.expected);
}

TEST(TaggerVotes, FindFaultsAmongRightRows) {
  const std::pair<std::string, std::string> table[] = {
      {"will it rain today in [city:oslo]", "200 missed_slot - -> [day:today]"},
      {"will it rain [day:today] [city:in oslo]", "200 boundary [city:in oslo] -> [city:oslo]"},
      {"how cold is [day:new york] [day:tonight]", "200 slot_type [day:new york] -> [city:new york]"},
      {"tell me the weather in [day:lima] [city:today]",
       "200 swapped_slots [day:lima] -> [city:lima] [city:today] -> [day:today]"},
      {"what is the [day:weather] in [city:lima] [day:today]", "200 spurious_slot [day:weather] -> -"},
  };
  for (const auto& [text, expected] : table) {
    const Corpus corpus = make_corpus(many_rows() + std::vector<datasets::Row>{row("weather", text)});
    auto opinions = tagger_votes(corpus);
    ASSERT_THAT(opinions, ::testing::Not(IsEmpty())) << text;
    const auto surest = std::max_element(opinions.begin(), opinions.end(), [](const auto& a, const auto& b) {
      return a.confidence < b.confidence;
    });
    EXPECT_EQ(in_words(corpus, *surest), expected);
  }
  EXPECT_THAT(tagger_votes(make_corpus(many_rows())), IsEmpty());
}

TEST(TaggerVotes, NeedSlots) {
  EXPECT_THAT(tagger_votes(make_corpus(rows("a", {"hello", "", "bye"}))), IsEmpty());
  EXPECT_THAT(tagger_votes(make_corpus({})), IsEmpty());
  EXPECT_THAT(tagger_votes(make_corpus(rows("a", {"[x:hello]"}))), ::testing::SizeIs(::testing::Le(1)));
}

}  // namespace
}  // namespace validators::deep
