// Valid replies with random damage, always the same: whatever comes, check() returns, every candidate
// has a place, and what it accepts is a readable row whose offsets cut out its values.
#include <gtest/gtest.h>

#include "base/hash.h"
#include "base/text.h"
#include "validators_testing.h"

namespace validators {
namespace {

using testing::Attempt;
using testing::Values;

class Damage {
 public:
  explicit Damage(std::uint64_t seed) : state_(seed) {}

  std::size_t below(std::size_t n) { return static_cast<std::size_t>((state_ = base::mix(state_)) % n); }

  void apply(std::string& text) {
    static const std::string_view kPieces[] = {
        "\"", "'",      "[",      "]",       "{",    "}",       ",",
        ":",  "\\",     "\\u",    "\\ud800", "```",  "<think>", "</think>",
        "“",  "”",      "［",     "］",      "：",   "，",      "\n",
        "\0", "\xFF",   "\xE4",   "三",      "十",   "百分之",  "30",
        "%",  "-",      "主屏",   "麦克风",  "話筒", "[level:", "[device:主屏]",
        " ",  "\u3000", "\u0301", "😀",       "{x}",  "零下",    "utterances"};
    if (text.empty()) return;
    const std::size_t at = below(text.size());
    switch (below(5)) {
      case 0:
        text[at] = static_cast<char>(below(256));
        break;
      case 1:
        text.erase(at, 1 + below(4));
        break;
      case 2:
        text.insert(at, kPieces[below(std::size(kPieces))]);
        break;
      case 3:
        text.resize(at);
        break;
      default:
        text.insert(at, text.substr(below(text.size()), below(20)));
    }
  }

 private:
  std::uint64_t state_;
};

void expect_sound(const CheckedReply& reply, std::size_t planned, std::size_t cells,
                  const std::string& body) {
  ASSERT_FALSE(reply.candidates.empty()) << body;
  ASSERT_LE(reply.candidates.size(), planned) << body;
  for (const Candidate& candidate : reply.candidates) {
    ASSERT_LT(candidate.index, planned) << body;
    ASSERT_LT(candidate.cell, cells) << body;
    if (candidate.verdict != Verdict::accepted) {
      ASSERT_TRUE(candidate.row.empty()) << body;
      ASSERT_LE(candidate.raw.size(), 4096u);
      continue;
    }
    const auto row = datasets::parse_row(candidate.row);
    ASSERT_TRUE(row) << body;
    const std::u32string text = base::to_utf32(row->text);
    std::uint32_t behind = 0;
    for (const datasets::Frame& frame : row->frames)
      for (const datasets::Slot& slot : frame.slots) {
        ASSERT_LE(slot.end, text.size()) << body;
        ASSERT_EQ(base::to_utf8(text.substr(slot.start, slot.end - slot.start)), slot.text) << body;
        ASSERT_GE(slot.start, behind) << body;
        behind = slot.end;
      }
  }
}

TEST(Hostile, DamagedRepliesNeverBreakAnything) {
  const prompts::Job job = testing::chinese_job();
  Attempt attempt(job, testing::lane_of(job, "set_volume", {{0}, {0, 1}}), 1);
  attempt.plan(Values{{"level", "30"}, {"device", "主屏"}})
      .plan(Values{{"level", "百分之五十"}, {"device", "麦克风"}})
      .plan(Values{{"level", "零"}, {"device", "副屏"}});
  const std::string body =
      testing::envelope({"把[device:主屏]音量调到[level:30]", "[device:话筒]调到百分之五十吧",
                         "请把[device:副屏]的声音关到[level:零]。"});
  ASSERT_EQ(attempt.check(body).candidates[1].verdict, Verdict::accepted);
  int accepted = 0;
  for (std::uint64_t seed = 0; seed < 30'000; ++seed) {
    std::string damaged = body;
    Damage damage(seed);
    for (std::size_t n = 1 + damage.below(6); n > 0; --n) damage.apply(damaged);
    const CheckedReply reply = attempt.check(damaged, static_cast<model::Finish>(seed % 3));
    expect_sound(reply, 3, 2, damaged);
    if (HasFatalFailure()) return;
    for (const Candidate& candidate : reply.candidates) accepted += candidate.verdict == Verdict::accepted;
  }
  EXPECT_GT(accepted, 20'000);  // of 90,000: most damage is local, and what it spares is kept
}

TEST(Hostile, RandomBytes) {
  const prompts::Job job = testing::english_job();
  Attempt attempt(job, testing::lane_of(job, "set_volume", {{0}, {0, 1}}), 1);
  attempt.plan(Values{{"level", "thirty"}, {"device", "mic"}});
  for (std::uint64_t seed = 0; seed < 3'000; ++seed) {
    Damage random(seed);
    std::string body;
    for (std::size_t n = random.below(300); n > 0; --n) body += static_cast<char>(random.below(256));
    expect_sound(attempt.check(body), 1, 2, body);
    expect_sound(attempt.check(testing::envelope({body})), 1, 2, body);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace validators
