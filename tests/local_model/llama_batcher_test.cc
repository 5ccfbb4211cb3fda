#include "local_model/llama_batcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "local_model/wire_grammar.h"
#include "tests/local_model/llama_testing.h"

namespace local_model {
namespace {

using ::testing::HasSubstr;

BatcherOptions options(int sequences, int context_tokens) {
  BatcherOptions made;
  made.sequences = sequences;
  made.prefixes = 2;
  made.context_tokens = context_tokens;
  return made;
}

std::unique_ptr<LlamaBatcher> open(const BatcherOptions& options) {
  auto made = LlamaBatcher::make(shipped_weights(), nullptr, options);
  EXPECT_TRUE(made) << made.error().message;
  return std::move(*made);
}

Generation generation(std::uint64_t id, int n, int max_tokens = 100) {
  const model::Request request = compact_request(n);
  Generation made;
  made.id = id;
  made.prefix_hash = base::hash128(*request.prefix);
  made.prefix =
      std::make_shared<const std::vector<Token>>(shipped_weights()->tokenize(*request.prefix, true));
  made.tail = shipped_weights()->tokenize(request.tail, true);
  made.max_tokens = max_tokens;
  made.sampling.temperature = 0;  // the likeliest words: nothing but the numbers of the model decides
  made.grammar = wire_grammar(request);
  return made;
}

std::map<std::uint64_t, Generated> run(LlamaBatcher& batcher, std::vector<Generation> all) {
  std::map<std::uint64_t, Generated> results;
  std::vector<Generated> done;
  std::size_t next = 0;
  for (int steps = 0; (next < all.size() || !batcher.idle()) && steps < 100'000; ++steps) {
    while (next < all.size() && batcher.has_room(all[next]))
      EXPECT_TRUE(batcher.start(std::move(all[next++])));
    done.clear();
    EXPECT_TRUE(batcher.step(done));
    for (Generated& one : done) EXPECT_TRUE(results.emplace(one.id, std::move(one)).second);
  }
  return results;
}

double largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  EXPECT_EQ(a.size(), b.size());
  double most = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    most = std::max(most, static_cast<double>(std::abs(a[i] - b[i])));
  return most;
}

TEST(LlamaBatcher, ASharedPrefixGivesTheSameLogitsAsNone) {
  const Generation one = generation(0, 30);
  const std::vector<Token> none;
  std::vector<Token> whole = *one.prefix;
  whole.insert(whole.end(), one.tail.begin(), one.tail.end());
  const BatcherOptions with = options(4, 4096);
  BatcherOptions without = with;
  without.prefixes = 0;
  const std::vector<float> alone = open(without)->logits_after(none, whole);
  ASSERT_FALSE(alone.empty());
  const auto sharing = open(with);
  EXPECT_LT(largest_difference(alone, sharing->logits_after(*one.prefix, one.tail)), 1e-2);
  // From a kept prefix, and from one that takes over the beginning of another.
  EXPECT_LT(largest_difference(alone, sharing->logits_after(*one.prefix, one.tail)), 1e-2);
  std::vector<Token> longer(whole.begin(), whole.end() - 5);
  EXPECT_LT(largest_difference(alone, sharing->logits_after(longer, {whole.end() - 5, whole.end()})), 1e-2);
  // Something else gives something else.
  EXPECT_GT(largest_difference(alone, sharing->logits_after(*one.prefix, generation(0, 31).tail)), 1e-2);
}

TEST(LlamaBatcher, SequencesJoinAndLeaveAtAnyStep) {
  const auto batcher = open(options(3, 4096));
  std::vector<Generation> all;
  for (int n = 0; n < 20; ++n)
    all.push_back(generation(static_cast<std::uint64_t>(n), n, n % 4 == 0 ? 3 : 100));
  const auto results = run(*batcher, std::move(all));
  ASSERT_EQ(results.size(), 20U);
  for (int n = 0; n < 20; ++n) {
    const Generated& one = results.at(static_cast<std::uint64_t>(n));
    EXPECT_EQ(one.error, "");
    if (n % 4 == 0) {
      EXPECT_EQ(one.finish, model::Finish::length);
      EXPECT_EQ(one.usage.completion_tokens, 3);
    } else {
      EXPECT_EQ(one.finish, model::Finish::stop);
      EXPECT_TRUE(has_planned_tags(compact_request(n), one.text)) << one.text;
    }
  }
}

TEST(LlamaBatcher, TheLikeliestWordsDontDependOnTheCompany) {
  std::vector<Generation> alone;
  std::vector<Generation> together;
  for (int n = 0; n < 8; ++n) {
    alone.push_back(generation(static_cast<std::uint64_t>(n), n));
    together.push_back(generation(static_cast<std::uint64_t>(n), n));
  }
  const auto one = run(*open(options(1, 1024)), std::move(alone));
  const auto eight = run(*open(options(8, 4096)), std::move(together));
  int equal = 0;
  for (std::uint64_t n = 0; n < 8; ++n) equal += one.at(n).text == eight.at(n).text;
  EXPECT_GE(equal, 6);  // sums of floats in another order may tip a close choice
}

TEST(LlamaBatcher, AFullCacheLetsTheRestWait) {
  // Room for about three at once, though there are sixteen places.
  const auto batcher = open(options(16, 768));
  EXPECT_LE(batcher->context_tokens(), 768);
  std::vector<Generation> all;
  for (int n = 0; n < 30; ++n) all.push_back(generation(static_cast<std::uint64_t>(n), n, 60));
  const auto results = run(*batcher, std::move(all));
  ASSERT_EQ(results.size(), 30U);
  for (const auto& [id, one] : results) EXPECT_EQ(one.error, "") << id;
}

TEST(LlamaBatcher, PrefixesMakeRoomForOthers) {
  const auto batcher = open(options(4, 1024));
  std::vector<Generation> all;
  for (int n = 0; n < 24; ++n) {
    Generation one = generation(static_cast<std::uint64_t>(n), n, 40);
    const std::string prefix = "<|intent|>intent_" + std::to_string(n % 6) + "<|desc|>" +
                               std::string(40, static_cast<char>('a' + n % 6));
    one.prefix = std::make_shared<const std::vector<Token>>(shipped_weights()->tokenize(prefix, true));
    one.prefix_hash = base::hash128(prefix);
    all.push_back(std::move(one));
  }
  const auto results = run(*batcher, std::move(all));
  ASSERT_EQ(results.size(), 24U);
  for (const auto& [id, one] : results) EXPECT_EQ(one.error, "") << id;
}

TEST(LlamaBatcher, ARefusedGrammarIsAnError) {
  const auto batcher = open(options(2, 1024));
  for (const char* grammar : {"root ::= missing", "root ::= [", "root ::= root \"a\"", "start ::= \"a\""}) {
    Generation one = generation(1, 1);
    one.grammar = grammar;
    ASSERT_TRUE(batcher->has_room(one));
    const auto status = batcher->start(std::move(one));
    ASSERT_FALSE(status) << grammar;
    EXPECT_THAT(status.error().message, HasSubstr("llama.cpp refuses the grammar"));
    EXPECT_TRUE(batcher->idle());
  }
  EXPECT_EQ(run(*batcher,
                [] {
                  std::vector<Generation> all;
                  all.push_back(generation(2, 2));
                  return all;
                }())
                .at(2)
                .error,
            "");
}

TEST(LlamaBatcher, MoreSequencesThanLlamaHasAreRefused) {
  const auto made = LlamaBatcher::make(shipped_weights(), nullptr, options(400, 4096));
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, HasSubstr("no context of 4096 tokens for 400 sequences"));
}

}  // namespace
}  // namespace local_model
