#include "validators/deep/second_opinions.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tbb/global_control.h>
#include <tbb/task_arena.h>

#include "tests/validators/deep/deep_testing.h"
#include "validators/deep/folds.h"
#include "validators/deep/intent_votes.h"

namespace validators::deep {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string in_words(const Candidate& candidate) {
  std::string text = fmt::format("{} {} {} {:.6f}", candidate.row, kind_name(candidate.kind),
                                 suggestion(candidate), candidate.score);
  for (const Reason& reason : candidate.reasons) text += fmt::format("; {}: {}", reason.source, reason.text);
  return text;
}

TEST(Folds, CutEveryPartitionEvenlyAndDifferently) {
  for (const std::size_t rows : {0u, 1u, 4u, 1003u}) {
    for (std::uint32_t partition = 0; partition < kPartitions; ++partition) {
      std::vector<std::size_t> sizes(kFolds);
      for (const auto fold : folds(partition, rows)) ++sizes[fold];
      for (const std::size_t size : sizes) EXPECT_LE(size, rows / kFolds + 1);
    }
  }
  EXPECT_NE(folds(0, 1003), folds(1, 1003));
}

TEST(IntentVotes, FindWrongIntents) {
  auto rows = many_rows();
  EXPECT_THAT(intent_votes(make_corpus(rows)), IsEmpty());
  rows[40].frames.front().intent = "weather";
  rows[41].frames.front().intent = "play";
  const Corpus corpus = make_corpus(rows);
  EXPECT_THAT(in_words(corpus, intent_votes(corpus)),
              ElementsAre("40 intent -> play", "41 intent -> weather"));
}

TEST(IntentVotes, NeedTwoIntentsAndTakeAnyRow) {
  EXPECT_THAT(intent_votes(make_corpus(rows("a", {"hello", "bye"}))), IsEmpty());
  EXPECT_THAT(intent_votes(make_corpus({})), IsEmpty());
  // Fewer rows than folds, rows without words, an intent with one row.
  const auto few = rows("a", {"", "x"}) + rows("b", {"x"});
  EXPECT_THAT(intent_votes(make_corpus(few)), ::testing::SizeIs(::testing::Le(3)));
}

TEST(IntentVotes, KnowOutOfScope) {
  auto rows = many_rows();
  for (std::size_t i = 0; i < 40; ++i) {
    datasets::Row& other = rows.emplace_back();
    other.text = fmt::format("tell me a joke about number {}", i % 7);
    other.kind = datasets::Kind::out_of_scope;
  }
  rows.push_back(row("play", "tell me a joke about number 3"));
  const Corpus corpus = make_corpus(rows);
  EXPECT_THAT(in_words(corpus, intent_votes(corpus)), ElementsAre("240 intent -> out_of_scope"));
}

Opinion opinion(std::uint32_t row, Kind kind, const char* source, double confidence,
                std::vector<Edit> edits) {
  Opinion opinion{.row = row, .kind = kind, .source = source};
  opinion.confidence = confidence;
  opinion.reason = source;
  opinion.edits = std::move(edits);
  return opinion;
}

TEST(Ranking, JoinsWhatIsSaidOfAPlace) {
  const Corpus corpus = make_corpus(rows("i", {"[x:a] [y:b] c d", "[x:a] b"}));
  const Label a{0, 0, 1};
  Opinion intent{.row = 0, .kind = Kind::intent, .intent = 0, .source = "s"};
  intent.confidence = 0.4;
  intent.reason = "s";
  const auto list = rank(corpus,
                         {
                             opinion(1, Kind::spurious, "s", 0.5, {{a, std::nullopt}}),
                             opinion(0, Kind::type, "s", 0.5, {{a, Label{1, 0, 1}}}),
                             opinion(0, Kind::boundary, "t", 0.6, {{a, Label{0, 0, 2}}}),
                             opinion(0, Kind::type, "t", 0.3, {{a, Label{1, 0, 1}}}),
                             opinion(0, Kind::missed, "s", 0.2, {{std::nullopt, Label{0, 2, 4}}}),
                             opinion(0, Kind::missed, "s", 0.1, {{std::nullopt, Label{0, 1, 2}}}),
                             intent,
                         },
                         0.15);
  std::vector<std::string> texts;
  for (const Candidate& candidate : list) texts.push_back(in_words(candidate));
  EXPECT_THAT(texts, ElementsAre("0 boundary [x:a b] instead of [x:a] 0.800000; t: t; s: s",
                                 "1 spurious_slot no [x:a] 0.500000; s: s", "0 intent i 0.400000; s: s",
                                 "0 missed_slot [x:c d] 0.200000; s: s"));
  EXPECT_EQ(list[0].changes[0].to->start, 0u);
  EXPECT_EQ(list[0].changes[0].to->end, 3u);
}

TEST(Ranking, OrdersEqualScoresByRowAndPlace) {
  const Corpus corpus = make_corpus(rows("i", {"[x:a] [y:b] c d", "[x:a] b"}));
  const auto list = rank(corpus,
                         {
                             opinion(1, Kind::missed, "s", 0.5, {{std::nullopt, Label{0, 1, 2}}}),
                             opinion(0, Kind::missed, "s", 0.5, {{std::nullopt, Label{0, 3, 4}}}),
                             opinion(0, Kind::missed, "s", 0.5, {{std::nullopt, Label{0, 2, 3}}}),
                         },
                         0);
  std::vector<std::string> texts;
  for (const Candidate& candidate : list) texts.push_back(suggestion(candidate));
  EXPECT_THAT(texts, ElementsAre("[x:c]", "[x:d]", "[x:b]"));
}

/// Some of each kind of fault.
std::vector<datasets::Row> faulty_rows() {
  auto all = many_rows();
  all[10] = row("play", "put on some queen please");
  all[31] = row("weather", "what is the weather in [day:rome] [city:today]");
  all[51] = row("weather", "will it rain [day:tomorrow] [city:in oslo]");
  all[71].frames.front().intent = "play";
  all[90] = row("play", "[artist:play] [artist:adele] on my phone");
  return all;
}

TEST(SecondOpinions, ListTheFaultsFirst) {
  std::vector<std::string> first;
  for (const Candidate& candidate : second_opinions(faulty_rows(), {})) {
    if (first.size() == 5) break;
    first.push_back(fmt::format("{} {} {}", candidate.row, kind_name(candidate.kind), suggestion(candidate)));
  }
  EXPECT_THAT(first,
              ::testing::UnorderedElementsAre(
                  "10 missed_slot [artist:queen]",
                  "31 swapped_slots [city:rome] instead of [day:rome], [day:today] instead of [city:today]",
                  "51 boundary [city:oslo] instead of [city:in oslo]", "71 intent weather",
                  "90 spurious_slot no [artist:play]"));
  EXPECT_THAT(second_opinions(many_rows(), {}), IsEmpty());
}

TEST(SecondOpinions, AreTheSameForAnyNumberOfThreads) {
  std::vector<std::vector<std::string>> lists;
  for (const int threads : {1, 2, 8}) {
    const tbb::global_control control(tbb::global_control::max_allowed_parallelism,
                                      static_cast<std::size_t>(threads));
    tbb::task_arena arena(threads);
    auto& list = lists.emplace_back();
    arena.execute([&] {
      for (const Candidate& candidate : second_opinions(faulty_rows(), {}, 0))
        list.push_back(in_words(candidate));
    });
  }
  EXPECT_GE(lists[0].size(), 5u);
  EXPECT_EQ(lists[0], lists[1]);
  EXPECT_EQ(lists[0], lists[2]);
}

TEST(SecondOpinions, TakeAnyRows) {
  EXPECT_THAT(second_opinions({}, {}), IsEmpty());
  EXPECT_THAT(second_opinions(rows("a", {"x"}, 10) + rows("b", {"x"}, 9), {}, 0), IsEmpty());
  std::vector<datasets::Row> odd(32);
  odd[1].text = "。、";
  odd[2] = row("a", "[x:a]");
  EXPECT_NO_FATAL_FAILURE(second_opinions(odd, {}, 0));
}

}  // namespace
}  // namespace validators::deep
