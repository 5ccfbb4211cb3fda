#include "pipeline/cost_estimate.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include "base/text.h"
#include "pipeline/budget.h"
#include "pipeline/follow_ups.h"

namespace pipeline {
namespace {

constexpr std::int64_t kSamples = 16;
constexpr double kTokensOfCjk = 0.7;
constexpr double kTokensOfByte = 0.3;
constexpr double kChatTokens = 12;     // roles and marks around two messages
constexpr double kEnvelopeTokens = 8;  // {"utterances":[]}
constexpr double kQuotesTokens = 2;    // of an utterance
constexpr double kTagTokens = 2;       // [ : ] beside name and value
constexpr double kTokensOfWord = 1.35;
constexpr double kVoteTokens = 4;        // "3 ok",
constexpr double kReadingTokens = 12;    // and what a judge reads in a text
constexpr double kUsualCharacters = 12;  // of an utterance, and
constexpr double kUsualWords = 8;

// The middle of `7-12`.
std::optional<double> middle(std::string_view range) {
  int low = 0;
  int high = 0;
  const char* end = range.data() + range.size();
  const auto first = std::from_chars(range.data(), end, low);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != '-') return std::nullopt;
  const auto second = std::from_chars(first.ptr + 1, end, high);
  if (second.ec != std::errc() || second.ptr != end) return std::nullopt;
  return (low + high) / 2.0;
}

// Of the planned length, in characters or words.
double planned_length(const prompts::Job& job, const std::vector<std::size_t>& style) {
  for (std::size_t axis = 0; axis < std::min(job.style.size(), style.size()); ++axis)
    if (const auto length = middle(job.style[axis].values[style[axis]])) return *length;
  return job.chinese() ? kUsualCharacters : kUsualWords;
}

double reply_tokens(const prompts::Job& job, const prompts::AttemptPlan& plan) {
  double tokens = kEnvelopeTokens;
  for (std::size_t i = 0; i < plan.utterances.size(); ++i) {
    const double length =
        planned_length(job, i < plan.styles.size() ? plan.styles[i] : std::vector<std::size_t>());
    double values = 0;
    double names = 0;
    for (const model::PlannedFrame& frame : plan.utterances[i].frames)
      for (const model::PlannedSlot& slot : frame.slots) {
        values += estimated_tokens(slot.text);
        names += estimated_tokens(slot.name) + kTagTokens;
      }
    // The planned length counts the values; they may be longer than it.
    tokens +=
        std::max(length * (job.chinese() ? kTokensOfCjk : kTokensOfWord), values) + names + kQuotesTokens;
  }
  return tokens;
}

// The tail of a prompt, and what is answered.
struct Asked {
  std::string prompt;
  double answer = 0;
};

// What a judge is asked about an attempt.
Asked question_about(const prompts::Job& job, const prompts::Renderer& renderer, const prompts::Cell& cell,
                     const prompts::AttemptPlan& plan, const Voice& voice) {
  const std::vector<datasets::Row> rows = prompts::expected_rows(job, cell, plan);
  const double each = voice.opinion == prompts::Opinion::reading ? kVoteTokens : kReadingTokens;
  return {renderer.judge().prefix(voice.opinion) + renderer.judge().tail(voice.opinion, rows),
          kEnvelopeTokens + each * static_cast<double>(rows.size())};
}

struct Share {
  std::int64_t attempts = 0;
  std::int64_t samples = 0;
  double likely = 0;  // of the samples together
  double most = 0;    // of the dearest

  void add(const prompts::ModelSpec& spec, const std::string& prompt, double answer) {
    const auto written = std::min<double>(answer, spec.sampling.max_tokens);
    likely += cost_of_tokens(spec.price, estimated_tokens(prompt) + kChatTokens, written);
    most = std::max(most, most_cost_of(spec.price, spec.sampling, prompt.size()));
  }
};

}  // namespace

double estimated_tokens(std::string_view text) {
  double tokens = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t before = at;
    const char32_t c = base::next_code_point(text, at);
    const bool cjk = c >= 0x2E80 && c != base::kInvalidCodePoint;
    tokens += cjk ? kTokensOfCjk : kTokensOfByte * static_cast<double>(at - before);
  }
  return tokens;
}

CostEstimate estimate_cost(const prompts::Job& job, const prompts::Renderer& renderer,
                           const prompts::Lane& lane, const prompts::Cell& cell, std::uint64_t first,
                           std::int64_t count) {
  const std::vector<Voice> voices = cell.catalogue ? std::vector<Voice>() : voices_of(job);
  std::vector<Share> shares(job.models.size() + voices.size());
  std::vector<std::string> prefixes(job.models.size());
  for (std::int64_t i = 0; i < count; ++i) {
    const std::uint64_t attempt = first + static_cast<std::uint64_t>(i);
    const std::size_t model = prompts::choose_model(job, lane, cell, attempt);
    const prompts::ModelSpec& spec = job.models[model];
    for (std::size_t voice = 0; voice < voices.size(); ++voice) {
      const prompts::ModelSpec& judge = job.models[voices[voice].model];
      Share& share = shares[job.models.size() + voice];
      ++share.attempts;
      if (judge.price.currency.empty() || share.samples == kSamples) continue;
      ++share.samples;
      const Asked asked = question_about(
          job, renderer, cell,
          prompts::plan_attempt(job, cell, attempt, prompts::candidates_per_request(cell, spec)),
          voices[voice]);
      share.add(judge, asked.prompt, asked.answer);
    }
    if (spec.price.currency.empty()) continue;
    Share& share = shares[model];
    ++share.attempts;
    if (share.samples == kSamples) continue;
    if (share.samples++ == 0) prefixes[model] = renderer.prefix(lane, spec.profile);
    const prompts::AttemptPlan plan =
        prompts::plan_attempt(job, cell, attempt, prompts::candidates_per_request(cell, spec));
    share.add(spec, prefixes[model] + renderer.tail(cell, plan, spec.profile), reply_tokens(job, plan));
  }
  CostEstimate sum;
  for (const Share& share : shares) {
    if (share.samples == 0) continue;
    const auto attempts = static_cast<double>(share.attempts);
    sum.likely += share.likely / static_cast<double>(share.samples) * attempts;
    sum.most += share.most * attempts;
  }
  return sum;
}

std::string currency_of(const prompts::Job& job) {
  for (const prompts::ModelSpec& spec : job.models)
    if (!spec.price.currency.empty()) return spec.price.currency;
  return {};
}

}  // namespace pipeline
