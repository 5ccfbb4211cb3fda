#include "validators/verdict.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace validators {
namespace {

TEST(Verdict, CodesAreTheNamesAndNoTwoAreEqual) {
  EXPECT_EQ(verdict_code(Verdict::accepted), "accepted");
  EXPECT_EQ(verdict_code(Verdict::failed), "failed");
  EXPECT_EQ(verdict_code(Verdict::broken_json), "broken_json");
  EXPECT_EQ(verdict_code(Verdict::missing_candidate), "missing_candidate");
  EXPECT_EQ(verdict_code(Verdict::ambiguous_value), "ambiguous_value");
  EXPECT_EQ(verdict_code(Verdict::not_in_catalogue), "not_in_catalogue");
  EXPECT_EQ(verdict_code(Verdict::placeholder), "placeholder");
  EXPECT_EQ(verdict_code(Verdict::empty), "empty");
  EXPECT_EQ(verdict_code(Verdict::copied_example), "copied_example");
  EXPECT_EQ(verdict_code(Verdict::near_duplicate), "near_duplicate");
  EXPECT_EQ(verdict_code(Verdict::template_repeated), "template_repeated");
  EXPECT_EQ(verdict_code(Verdict::surplus), "surplus");
  std::set<std::string_view> codes;
  for (std::size_t i = 0; i < kVerdictCount; ++i) codes.insert(verdict_code(static_cast<Verdict>(i)));
  EXPECT_EQ(codes.size(), kVerdictCount);
}

TEST(Verdict, EachHasAdvice) {
  for (std::size_t i = 0; i < kVerdictCount; ++i) {
    const std::string advice(verdict_advice(static_cast<Verdict>(i)));
    EXPECT_GT(advice.size(), 10u) << i;
    EXPECT_EQ(advice.find('\n'), std::string::npos);
  }
  EXPECT_EQ(verdict_advice(Verdict::template_repeated),
            "ask for more styles or raise duplicates.per_template");
}

}  // namespace
}  // namespace validators
