#include "pipeline/format_watch.h"

#include <fmt/format.h>

#include <algorithm>

#include "remote_model/dialect.h"

namespace pipeline {
namespace {

using model::ResponseFormat;
using validators::Repair;

constexpr std::size_t kSample = Lane::kFirstReplies;
constexpr std::size_t kMostLanes = 4;      // more of them would be waited for longer
constexpr std::size_t kLeastReplies = 10;  // fewer say nothing

bool is_watched(const prompts::ModelSpec& spec) {
  return spec.kind == prompts::ModelSpec::Kind::remote && spec.response_format != ResponseFormat::text;
}

std::string way_out(const prompts::ModelSpec& spec) {
  const bool is_schema = spec.response_format == ResponseFormat::json_schema;
  const bool is_known =
      remote_model::find_dialect(spec.provider) == &remote_model::dialect_for(spec.provider, spec.base_url);
  const bool has_object =
      remote_model::dialect_for(spec.provider, spec.base_url).knows(ResponseFormat::json_object);
  return fmt::format(
      "the server seems to ignore {}: write response_format: {}, or {}",
      is_schema ? "json_schema" : "json_object", is_schema && has_object ? "json_object or text" : "text",
      is_known ? fmt::format("make sure that it is a server of the kind {} and up to date", spec.provider)
               : "name its kind in provider: (vllm, sglang, …)");
}

}  // namespace

FormatWatch::FormatWatch(const prompts::Job& job, const prompts::Plan& plan) : job_(job) {
  for (std::size_t i = 0; i < job.models.size(); ++i) {
    if (!is_watched(job.models[i])) continue;
    Watched watched;
    watched.model = i;
    for (std::size_t lane = 0; lane < plan.lanes.size() && watched.lanes.size() < kMostLanes; ++lane)
      if (prompts::serves(job.models[i], plan.lanes[lane].name)) watched.lanes.push_back(lane);
    if (watched.lanes.empty()) continue;
    watched.share = (kSample + watched.lanes.size() - 1) / watched.lanes.size();
    watched_.push_back(std::move(watched));
  }
  unjudged_ = watched_.size();
}

std::vector<std::string> FormatWatch::look(const std::vector<Lane>& lanes) {
  std::vector<std::string> messages;
  if (unjudged_ == 0) return messages;
  for (Watched& watched : watched_) {
    if (watched.judged) continue;
    // A lane that is quiet has no more to say; it goes on only when all are.
    const bool is_there = std::all_of(watched.lanes.begin(), watched.lanes.end(), [&](std::size_t lane) {
      return lanes[lane].first_replies(watched.model).size() >= watched.share ||
             lanes[lane].uncommitted() == 0;
    });
    if (!is_there) continue;
    judge(watched, lanes);
    watched.judged = true;
    --unjudged_;
    if (!watched.message.empty()) messages.push_back(watched.message);
  }
  return messages;
}

void FormatWatch::judge(Watched& watched, const std::vector<Lane>& lanes) const {
  RepairCounts counts{};
  std::size_t broken = 0;
  std::size_t replies = 0;
  for (const std::size_t lane : watched.lanes) {
    const auto& first = lanes[lane].first_replies(watched.model);
    for (std::size_t i = 0; i < std::min(first.size(), watched.share); ++i, ++replies)
      if (first[i])
        ++counts[static_cast<std::size_t>(*first[i])];
      else
        ++broken;
  }
  const std::size_t wrong =
      replies - static_cast<std::size_t>(counts[static_cast<std::size_t>(Repair::strict)]);
  if (replies < kLeastReplies || 2 * wrong <= replies) return;
  std::string kinds = broken > 0 ? fmt::format("{} not to be read", broken) : "";
  for (const Repair repair : {Repair::fenced, Repair::extracted, Repair::mended, Repair::salvaged})
    if (const auto count = counts[static_cast<std::size_t>(repair)]; count > 0)
      kinds += fmt::format("{}{} {}", kinds.empty() ? "" : ", ", count, validators::repair_name(repair));
  const auto cut = static_cast<std::size_t>(counts[static_cast<std::size_t>(Repair::salvaged)]);
  const prompts::ModelSpec& spec = job_.models[watched.model];
  watched.message = fmt::format(
      "{}:{}:{}: model {}: {} of the first {} replies are not the JSON that was asked for ({}); {}",
      job_.file.string(), spec.mark.line, spec.mark.column, spec.id, wrong, replies, kinds,
      2 * cut > wrong ? "most are cut off: raise sampling.max_tokens, or switch thinking off"
                      : way_out(spec));
}

std::vector<std::string> FormatWatch::said() const {
  std::vector<std::string> messages;
  for (const Watched& watched : watched_)
    if (!watched.message.empty()) messages.push_back(watched.message);
  return messages;
}

}  // namespace pipeline
