#include "validators/duplicates/near_index.h"

#include <gtest/gtest.h>
#include <tbb/global_control.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <set>

#include "base/hash.h"
#include "validators/duplicates/near_batch.h"

namespace validators {
namespace {

using Set = std::vector<Token>;
using Rows = std::vector<std::uint32_t>;

class Random {
 public:
  explicit Random(std::uint64_t seed) : seed_(seed) {}
  std::uint64_t next() { return base::mix(seed_, ++count_); }
  std::size_t below(std::size_t size) { return next() % size; }

 private:
  const std::uint64_t seed_;
  std::uint64_t count_ = 0;
};

Set to_set(const std::set<Token>& tokens) { return {tokens.begin(), tokens.end()}; }

/// Tokens 0 … vocabulary - 1, the first much more frequent than the last.
Token draw(Random& random, std::size_t vocabulary) {
  const std::size_t below = 1 + random.below(vocabulary);
  return static_cast<Token>(base::mix(random.below(below)));
}

/// Sets of any size up to 90, most of them near nothing.
std::vector<Set> random_sets(std::size_t count, std::uint64_t seed) {
  Random random(seed);
  std::vector<Set> sets;
  for (std::size_t i = 0; i < count; ++i) {
    std::set<Token> tokens;
    const std::size_t size = random.below(50) == 0 ? random.below(90) : random.below(12);
    while (tokens.size() < size) tokens.insert(draw(random, 400));
    sets.push_back(to_set(tokens));
  }
  return sets;
}

/// Rows of forty templates with a few values each, every third one a copy of another with some tokens
/// changed, lost or added: masses of pairs just below and just above a threshold.
std::vector<Set> template_sets(std::size_t count, std::uint64_t seed) {
  Random random(seed);
  std::vector<Set> templates;
  for (std::size_t i = 0; i < 40; ++i) {
    std::set<Token> tokens;
    for (std::size_t size = 4 + random.below(20); tokens.size() < size;) tokens.insert(draw(random, 300));
    templates.push_back(to_set(tokens));
  }
  std::vector<Set> sets;
  while (sets.size() < count) {
    const bool copy = !sets.empty() && random.below(3) == 0;
    const Set& from = copy ? sets[random.below(sets.size())] : templates[random.below(templates.size())];
    std::set<Token> tokens(from.begin(), from.end());
    for (std::size_t edits = random.below(copy ? 4 : 8); edits > 0; --edits) {
      if (random.below(2) == 0)
        tokens.insert(
            static_cast<Token>(random.below(3) == 0 ? random.next() : base::mix(random.below(2000))));
      if (random.below(3) == 0 && !tokens.empty()) tokens.erase(tokens.begin());
    }
    sets.push_back(to_set(tokens));
  }
  return sets;
}

/// By the definition, in thousandths.
bool near_by_definition(const Set& a, const Set& b, std::size_t per_mille) {
  Set common;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(common));
  return !common.empty() && common.size() * 1000 >= per_mille * (a.size() + b.size() - common.size());
}

Rows find_all(const NearIndex& index, const Set& tokens) {
  Rows rows;
  index.find(tokens, [&rows](std::uint32_t row) {
    rows.push_back(row);
    return true;
  });
  return rows;
}

TEST(Jaccard, IsExactAtTheThreshold) {
  // Sets of 0 … a-1 and a-common … a-common+b-1.
  for (const std::size_t per_mille : {500U, 600U, 667U, 700U, 800U, 850U, 900U, 999U, 1000U}) {
    const Jaccard jaccard(static_cast<double>(per_mille) / 1000);
    for (Token a = 0; a <= 40; ++a) {
      for (Token b = 0; b <= 40; ++b) {
        for (Token common = 0; common <= std::min(a, b); ++common) {
          Set x;
          Set y;
          for (Token i = 0; i < a; ++i) x.push_back(i);
          for (Token i = 0; i < b; ++i) y.push_back(a - common + i);
          const bool expected = near_by_definition(x, y, per_mille);
          ASSERT_EQ(jaccard.is_near(x, y), expected) << per_mille << ' ' << a << ' ' << b << ' ' << common;
          if (!expected) continue;
          ASSERT_LE(a + b - 2 * common, jaccard.most_different(a));
          // So a rare token is common, and the smaller set has it early.
          ASSERT_LE(a - common + 1, jaccard.prefix(a));
          ASSERT_LE(a - common + 1, a <= b ? jaccard.early(a) : a);
        }
      }
    }
  }
}

TEST(NearIndex, FindsWhatBruteForceFinds) {
  for (const std::size_t per_mille : {500U, 600U, 700U, 800U, 900U, 1000U}) {
    for (const bool templates : {false, true}) {
      const auto sets = templates ? template_sets(1500, per_mille) : random_sets(1500, per_mille);
      NearIndex index(static_cast<double>(per_mille) / 1000);
      std::size_t neighbours = 0;
      for (std::uint32_t i = 0; i < sets.size(); ++i) {
        Rows expected;
        for (std::uint32_t j = 0; j < i; ++j)
          if (near_by_definition(sets[i], sets[j], per_mille)) expected.push_back(j);
        ASSERT_EQ(find_all(index, sets[i]), expected) << per_mille << ' ' << templates << ' ' << i;
        ASSERT_EQ(index.add(sets[i]), i);  // all of them, so that neighbours are many
        neighbours += expected.size();
      }
      EXPECT_GT(neighbours, 20u);
    }
  }
}

TEST(NearIndex, StaysExactWhereTheOrderIsLearntAndListsAreLong) {
  // Past the 8,192nd row; three tokens stand in every row, so that some lists are chains of blocks.
  const std::size_t count = 12'000;
  auto sets = template_sets(count, 5);
  for (Set& set : sets) {
    std::set<Token> tokens(set.begin(),
                           set.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(2, set.size())));
    for (Token i = 1; i <= 3; ++i) tokens.insert(i);
    set = to_set(tokens);
  }
  NearIndex index(0.6);
  for (const Set& set : sets) index.add(set);
  for (std::size_t i = 0; i < count; i += 149) {
    Rows expected;
    for (std::uint32_t j = 0; j < count; ++j)
      if (near_by_definition(sets[i], sets[j], 600)) expected.push_back(j);
    ASSERT_GT(expected.size(), 0u);
    ASSERT_EQ(find_all(index, sets[i]), expected) << i;
  }
}

TEST(NearIndex, NoBoundIsTooTight) {
  // Before an order is learnt, smaller tokens are the rarer ones: what the sets don't share comes first, so
  // that what they share is as late in both as it can be, and each token they don't share flips a bit of its
  // own. Two rows of each kind, because a row alone in its list isn't asked for its bitmap.
  for (const std::size_t per_mille : {500U, 667U, 800U, 850U, 900U, 1000U}) {
    const Jaccard jaccard(static_cast<double>(per_mille) / 1000);
    std::size_t pairs = 0;
    for (std::size_t a = 1; a <= 24; ++a) {
      for (std::size_t b = a; b <= 30; ++b) {
        const std::size_t common = jaccard.needed(a + b);
        if (common > a) continue;
        Token next = 1;
        const auto take = [&next](Set& set, std::size_t count) {
          for (; count > 0; --count) set.push_back(next++);
        };
        Set x;
        Set y;
        take(x, a - common);
        take(y, b - common);
        for (std::size_t i = 0; i < common; ++i, ++next) {
          x.push_back(next);
          y.push_back(next);
        }
        for (const auto& [in_index, asked] : {std::pair{x, y}, std::pair{y, x}}) {
          NearIndex index(static_cast<double>(per_mille) / 1000);
          index.add(in_index);
          index.add(in_index);
          ASSERT_EQ(find_all(index, asked), (Rows{0, 1})) << per_mille << ' ' << a << ' ' << b;
        }
        ++pairs;
      }
    }
    EXPECT_GE(pairs, 24u);
  }
}

TEST(NearIndex, WhatIsPreparedIsAddedAtWhateverTime) {
  // What was prepared before an order was learnt is added after it.
  for (const std::size_t per_mille : {600U, 800U, 900U}) {
    const auto sets = template_sets(2500, 31 * per_mille);
    NearIndex index(static_cast<double>(per_mille) / 1000);
    std::set<std::uint32_t> released;
    Random random(per_mille);
    for (std::size_t first = 0; first < sets.size();) {
      const std::size_t size = std::min(sets.size() - first, 1 + random.below(90));
      std::vector<NearQuery> queries(size);
      for (std::size_t i = 0; i < size; ++i) index.prepare(sets[first + i], queries[i]);
      for (std::size_t i = 0; i < size; ++i) {
        Rows expected;
        for (std::uint32_t j = 0; j < first; ++j)
          if (!released.contains(j) && near_by_definition(sets[first + i], sets[j], per_mille))
            expected.push_back(j);
        Rows found;
        index.find(queries[i], [&found](std::uint32_t row) {
          found.push_back(row);
          return true;
        });
        ASSERT_EQ(found, expected) << per_mille << ' ' << first + i;
      }
      for (const NearQuery& query : queries) index.add(query);
      first += size;
      const auto row = static_cast<std::uint32_t>(random.below(first));
      index.release(row);
      released.insert(row);
    }
  }
}

TEST(NearIndex, StopsWhenToldTo) {
  NearIndex index(0.8);
  for (int i = 0; i < 10; ++i) index.add(Set{1, 2, 3});
  Rows seen;
  index.find(Set{1, 2, 3}, [&seen](std::uint32_t row) {
    seen.push_back(row);
    return seen.size() < 4;
  });
  EXPECT_EQ(seen, (Rows{0, 1, 2, 3}));
}

TEST(NearIndex, NothingIsNearTheEmptySet) {
  NearIndex index(0.5);
  EXPECT_EQ(index.add(Set{}), 0u);
  EXPECT_EQ(index.add(Set{7}), 1u);
  EXPECT_EQ(find_all(index, Set{}), Rows{});
  EXPECT_EQ(find_all(index, Set{7}), Rows{1});
}

TEST(NearIndex, AReleasedRowIsFoundNoMore) {
  const auto sets = template_sets(1500, 9);  // past a learning, which leaves released rows out
  NearIndex index(0.7);
  std::set<std::uint32_t> released;
  for (std::uint32_t i = 0; i < sets.size(); ++i) {
    Rows expected;
    for (std::uint32_t j = 0; j < i; ++j)
      if (!released.contains(j) && near_by_definition(sets[i], sets[j], 700)) expected.push_back(j);
    ASSERT_EQ(find_all(index, sets[i]), expected) << i;
    ASSERT_EQ(index.add(sets[i]), i);
    if (i % 5 == 2) {
      index.release(i - 1);
      released.insert(i - 1);
    }
  }
  EXPECT_EQ(index.size(), sets.size());
}

TEST(NearBatch, AnswersAsOneRowAfterTheOther) {
  const auto sets = template_sets(6000, 3);
  // Accepted unless three are near, so that neighbours within a batch and before it both count.
  const auto accepted = [](std::span<const std::uint32_t> neighbours) { return neighbours.size() < 3; };
  std::vector<Rows> expected;
  NearIndex streaming(0.7);
  for (const Set& set : sets) {
    expected.push_back(find_all(streaming, set));
    if (accepted(expected.back())) streaming.add(set);
  }
  ASSERT_LT(streaming.size(), sets.size());

  for (const int threads : {1, 2, 8}) {
    const tbb::global_control control(tbb::global_control::max_allowed_parallelism,
                                      static_cast<std::size_t>(threads));
    tbb::task_arena arena(threads);
    for (const std::size_t size : {std::size_t{1}, std::size_t{7}, std::size_t{4096}}) {
      NearIndex index(0.7);
      std::vector<Rows> found;
      for (std::size_t first = 0; first < sets.size(); first += size) {
        std::vector<std::span<const Token>> batch;
        for (std::size_t i = first; i < std::min(sets.size(), first + size); ++i) batch.emplace_back(sets[i]);
        const DecideNear decide = [&](std::size_t i, std::span<const std::uint32_t> neighbours) {
          EXPECT_EQ(first + i, found.size());
          found.emplace_back(neighbours.begin(), neighbours.end());
          return accepted(neighbours);
        };
        arena.execute([&] { add_batch(index, batch, decide); });
      }
      ASSERT_EQ(found, expected) << threads << " threads, batches of " << size;
      ASSERT_EQ(index.size(), streaming.size());
    }
  }
}

}  // namespace
}  // namespace validators
