#include "local_model/token_sampler.h"

#include <gtest/gtest.h>
#include <llama.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

namespace local_model {
namespace {

std::vector<std::pair<float, Token>> by_sorting(const std::vector<float>& logits, std::size_t k) {
  std::vector<std::pair<float, Token>> all;
  for (std::size_t i = 0; i < logits.size(); ++i) all.emplace_back(logits[i], static_cast<Token>(i));
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return a.first > b.first || (a.first == b.first && a.second < b.second);
  });
  all.resize(std::min(k, all.size()));
  return all;
}

TEST(AppendLargest, EqualsSorting) {
  std::mt19937 random(7);
  for (const std::size_t size : {1U, 5U, 63U, 64U, 65U, 200U, 5000U})
    for (const std::size_t k : {1U, 2U, 64U, 100U})
      for (const int steps : {3, 1'000'000}) {  // many equal ones, and hardly any
        std::vector<float> logits;
        for (std::size_t i = 0; i < size; ++i)
          logits.push_back(static_cast<float>(static_cast<int>(random() % static_cast<unsigned>(steps))) -
                           100);
        std::vector<llama_token_data> largest;
        append_largest(logits.data(), logits.size(), k, largest);
        const auto expected = by_sorting(logits, k);
        ASSERT_EQ(largest.size(), expected.size());
        for (std::size_t i = 0; i < largest.size(); ++i) {
          ASSERT_EQ(largest[i].logit, expected[i].first) << size << " " << k << " " << i;
          ASSERT_EQ(largest[i].id, expected[i].second) << size << " " << k << " " << i;
        }
      }
}

TEST(AppendLargest, NaNIsLeftOut) {
  std::vector<float> logits(200, std::numeric_limits<float>::quiet_NaN());
  logits[150] = -3;
  std::vector<llama_token_data> largest;
  append_largest(logits.data(), logits.size(), 2, largest);
  ASSERT_EQ(largest.size(), 1U);
  EXPECT_EQ(largest[0].id, 150);
}

}  // namespace
}  // namespace local_model
