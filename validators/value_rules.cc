#include "validators/value_rules.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <unordered_set>

#include "base/json_writer.h"
#include "base/text.h"
#include "base/unicode.h"
#include "validators/placeholders.h"

namespace validators {
namespace {

constexpr std::size_t kLongest = 60;         // code points; longer ones are sentences
constexpr std::size_t kMostRawBytes = 4096;  // of a rejected value
// Brackets tag, and the others mean something in a values file.
constexpr std::string_view kSigns = "[]\\=|";
constexpr std::string_view kWideSigns = "［］＝｜";

struct Fault {
  Verdict verdict = Verdict::accepted;
  std::string detail;
};

/// The first sign that can't stand in a value; empty if there is none.
std::string_view find_sign(std::string_view text) {
  if (text.starts_with('#')) return text.substr(0, 1);
  for (std::size_t at = 0, start = 0; at < text.size(); start = at) {
    const char32_t c = base::next_code_point(text, at);
    const std::string_view sign = text.substr(start, at - start);
    const bool wide = sign.size() > 1 && kWideSigns.find(sign) != std::string_view::npos;
    if (base::is_control(c) || wide || (sign.size() == 1 && kSigns.find(sign) != std::string_view::npos))
      return sign;
  }
  return {};
}

Fault fault_of(std::string_view text, std::string_view normalised, const prompts::SlotType& type) {
  if (normalised.empty()) return {Verdict::empty, "no letter and no digit"};
  if (const std::string_view sign = find_sign(text); !sign.empty()) {
    std::size_t at = 0;
    return {Verdict::bad_character,
            fmt::format("U+{:04X}", static_cast<unsigned>(base::next_code_point(sign, at)))};
  }
  if (const std::size_t length = base::count_code_points(text); length > kLongest)
    return {Verdict::too_long, fmt::format("{} characters, at most {}", length, kLongest)};
  if (const std::string_view found = find_placeholder(text); !found.empty())
    return {Verdict::placeholder, std::string(found)};
  if (type.pattern() != nullptr &&
      !re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()), *type.pattern()))
    return {Verdict::pattern_mismatch, type.pattern()->pattern()};
  return {};
}

}  // namespace

void check_values(const prompts::Job& job, std::size_t type_number, std::size_t asked,
                  const std::vector<std::string>& values, CheckedReply& out) {
  const prompts::SlotType& type = job.slot_types[type_number];
  const auto ask = std::find_if(job.asks.begin(), job.asks.end(),
                                [&](const prompts::Ask& one) { return one.type == type_number; });
  const std::int64_t listed = ask == job.asks.end() ? 0 : ask->known;
  std::unordered_set<std::string> known;
  for (std::int64_t i = 0; i < listed; ++i)
    known.insert(base::normalise(type.value(static_cast<std::uint64_t>(i)).text, job.chinese()));
  for (std::size_t i = 0; i < asked; ++i) {
    Candidate& candidate = out.candidates.emplace_back();
    candidate.index = static_cast<std::uint32_t>(i);
    if (i >= values.size()) {
      candidate.verdict = Verdict::missing_candidate;
      candidate.detail = fmt::format("{} of {} values came", values.size(), asked);
      continue;
    }
    const std::string_view text = base::trim_white_space(values[i]);
    const std::string normalised = base::normalise(text, job.chinese());
    Fault fault = fault_of(text, normalised, type);
    if (fault.verdict == Verdict::accepted && known.contains(normalised))
      fault = {Verdict::duplicate, "the job lists it"};
    candidate.verdict = fault.verdict;
    candidate.detail = std::move(fault.detail);
    if (candidate.verdict != Verdict::accepted) {
      if (text.size() <= kMostRawBytes) candidate.raw = text;
      continue;
    }
    // The type's name is in it, so that a value of two types is no conflict.
    candidate.text = base::hash128(type.name() + '\n' + normalised);
    candidate.template_hash = candidate.text.low;
    base::append_json_string(text, candidate.row);
  }
}

}  // namespace validators
