#include "pipeline/journal.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <filesystem>
#include <mutex>

#include "base/json_writer.h"
#include "base/record_log.h"

namespace pipeline {
namespace {

constexpr std::int64_t kVersion = 1;

model::Finish finish_from(std::string_view name) {
  for (const auto finish : {model::Finish::stop, model::Finish::length, model::Finish::content_filter})
    if (name == model::finish_name(finish)) return finish;
  return model::Finish::stop;
}

// A record's line as a document; `buffer` keeps simdjson's padding.
simdjson::simdjson_result<simdjson::dom::element> parse(std::string_view line) {
  thread_local simdjson::dom::parser parser;
  return parser.parse(line.data(), line.size());  // copies into a padded buffer
}

std::string_view text_of(simdjson::dom::element object, const char* name) {
  std::string_view text;
  return object[name].get(text) == simdjson::SUCCESS ? text : std::string_view();
}

double real_of(simdjson::dom::element object, const char* name) {
  double number = 0;
  return object[name].get(number) == simdjson::SUCCESS ? number : 0;
}

std::int64_t number_of(simdjson::dom::element object, const char* name) {
  std::int64_t number = 0;
  return object[name].get(number) == simdjson::SUCCESS ? number : 0;
}

model::Usage usage_of(simdjson::dom::element reply) {
  simdjson::dom::element usage;
  if (reply["usage"].get(usage) != simdjson::SUCCESS) return {};
  const auto tokens = [&](const char* name) { return model::plausible_tokens(number_of(usage, name)); };
  return {tokens("prompt_tokens"), tokens("completion_tokens"), tokens("cached_tokens"),
          tokens("reasoning_tokens")};
}

std::string cost_record(const char* event, double cost) {
  std::string json;
  base::JsonWriter(json)
      .begin_object()
      .key(event)
      .begin_object()
      .member("cost", cost)
      .end_object()
      .end_object();
  return base::seal_record(json) + '\n';
}

}  // namespace

void ModelTotals::add(const model::Usage& used, double charged) {
  usage.prompt_tokens += used.prompt_tokens;
  usage.completion_tokens += used.completion_tokens;
  usage.cached_tokens += used.cached_tokens;
  usage.reasoning_tokens += used.reasoning_tokens;
  cost += charged;
}

base::Result<std::unique_ptr<Journal>> Journal::open(const base::Path& directory, const std::string& job_name,
                                                     const std::string& writer,
                                                     std::vector<std::string>& notes, double limit) {
  std::unique_ptr<Journal> journal(new Journal);
  journal->job_name_ = job_name;
  if (auto status = base::make_directories(directory); !status) return base::pass(status);
  const base::Path own = directory / (writer + ".jsonl");
  std::vector<base::Path> paths;
  std::error_code code;
  for (const auto& entry : std::filesystem::directory_iterator(directory, code))
    if (entry.path().extension() == ".jsonl") paths.push_back(entry.path());
  if (code) return base::failed(fmt::format("cannot read {}: {}", directory.string(), code.message()));
  if (std::find(paths.begin(), paths.end(), own) == paths.end()) paths.push_back(own);
  std::sort(paths.begin(), paths.end());
  for (const base::Path& path : paths)
    if (auto status = journal->load(path, path == own, limit, notes); !status) return base::pass(status);
  return journal;
}

base::Status Journal::load(const base::Path& path, bool own, double limit, std::vector<std::string>& notes) {
  path_ = path;
  loading_own_ = own;
  aside_ = 0;
  const auto scan = base::scan_record_log(
      path, [this](std::uint64_t offset, std::string_view line) { return visit(offset, line); });
  if (!scan) return base::pass(scan);
  if (scan->cut > 0 && !own)
    notes.push_back(
        fmt::format("{}: the last {} bytes are torn and were passed over", path.string(), scan->cut));
  if (own) {
    auto file = base::AppendFile::open(path);
    if (!file) return base::pass(file);
    file_ = std::move(*file);
    own_file_ = static_cast<std::uint16_t>(readers_.size());
    if (scan->cut > 0) {
      if (auto status = file_.truncate(scan->end); !status) return status;
      notes.push_back(fmt::format("{}: cut off {} torn bytes at the end; what they held is asked for again",
                                  path.string(), scan->cut));
    }
    if (scan->records == 0) {
      scratch_.clear();
      base::JsonWriter(scratch_)
          .begin_object()
          .member("journal", kVersion)
          .member("job", job_name_)
          .end_object();
      append_record(scratch_);
      if (auto status = flush(); !status) return status;
    }
  }
  if (aside_ > 0 && own && limit > 0) {
    double spent = lost_;
    for (const auto& [id, totals] : totals_) spent += totals.cost;
    aside_ = std::clamp(limit - spent, 0.0, aside_);
  }
  if (aside_ > 0 && own) {  // nobody else works here: the run that left it is dead
    std::uint64_t start = 0;
    const std::string records = cost_record("lost", aside_) + cost_record("set_aside", 0);
    if (auto status = append(records, start); !status) return status;
    notes.push_back(
        "the last run was killed; what was set aside for its requests on their way counts as spent");
  }
  lost_ += aside_;
  auto reader = base::RandomAccessFile::open(path);
  if (!reader) return base::pass(reader);
  readers_.push_back(std::move(*reader));
  return {};
}

base::Status Journal::visit(std::uint64_t offset, std::string_view line) {
  simdjson::dom::element record;
  if (parse(line).get(record) != simdjson::SUCCESS)
    return base::failed(fmt::format("{}: the record at byte {} is no JSON", path_.string(), offset));
  if (offset == 0) {
    std::int64_t version = 0;
    if (record["journal"].get(version) != simdjson::SUCCESS)
      return base::failed(
          fmt::format("{}: not a journal of slotmill; move it out of this directory", path_.string()));
    if (version > kVersion)
      return base::failed(
          fmt::format("{}: written by a newer slotmill (journal version {}, this one reads {}); "
                      "use that version, or another output directory",
                      path_.string(), version, kVersion));
    if (const auto name = text_of(record, "job"); name != job_name_)
      return base::failed(
          fmt::format("{}: belongs to the job {}, not to {}; choose another name or output directory",
                      path_.string(), name, job_name_));
    return {};
  }
  simdjson::dom::element event;
  if (record["prompt"].get(event) == simdjson::SUCCESS) {
    if (loading_own_) prefixes_.emplace(text_of(event, "digest"));  // each file is complete in itself
    return {};
  }
  if (record["set_aside"].get(event) == simdjson::SUCCESS) {
    aside_ = real_of(event, "cost");
    return {};
  }
  if (record["lost"].get(event) == simdjson::SUCCESS) {
    lost_ += real_of(event, "cost");
    return {};
  }
  const bool is_reply = record["reply"].get(event) == simdjson::SUCCESS;
  if (!is_reply && record["failed"].get(event) != simdjson::SUCCESS) return {};  // sync, or unknown: skipped
  base::Hash128 key;
  if (!base::from_hex(text_of(event, "key"), key))
    return base::failed(fmt::format("{}: the record at byte {} has no valid key", path_.string(), offset));
  ++stored_;
  ModelTotals& totals = totals_[std::string(text_of(event, "model"))];
  ++(is_reply ? totals.replies : totals.failed);
  totals.add(is_reply ? usage_of(event) : model::Usage{}, real_of(event, "cost"));
  index_.try_emplace(key, StoredAt{offset, static_cast<std::uint32_t>(line.size()),
                                   static_cast<std::uint16_t>(readers_.size()), !is_reply});
  return {};
}

bool Journal::find(const base::Hash128& key, StoredAt& at) const {
  const std::shared_lock lock(mutex_);
  const auto found = index_.find(key);
  if (found == index_.end()) return false;
  at = found->second;
  return true;
}

base::Status Journal::read(const StoredAt& at, model::Outcome& outcome) const {
  thread_local std::string line;
  if (auto status = readers_[at.file].read(at.offset, at.length, line); !status) return status;
  simdjson::dom::element record;
  simdjson::dom::element event;
  if (parse(line).get(record) != simdjson::SUCCESS)
    return base::failed(fmt::format("the journal changed while it was read (byte {})", at.offset));
  outcome = {};
  if (record["reply"].get(event) == simdjson::SUCCESS) {
    outcome.kind = model::Outcome::Kind::reply;
    outcome.body = text_of(event, "body");
    outcome.finish = finish_from(text_of(event, "finish"));
    outcome.milliseconds = number_of(event, "ms");
    outcome.usage = usage_of(event);
  } else if (record["failed"].get(event) == simdjson::SUCCESS) {
    outcome.kind = model::Outcome::Kind::failed;
    outcome.body = text_of(event, "reason");
  } else {
    return base::failed(fmt::format("the journal changed while it was read (byte {})", at.offset));
  }
  return {};
}

void Journal::append_record(std::string_view json) {
  batch_ += base::seal_record(json);
  batch_ += '\n';
}

void Journal::add(const ReplyContext& context, const model::Outcome& outcome) {
  std::string digest;
  if (context.prefix != nullptr) {
    digest = base::to_hex(base::hash128(*context.prefix));
    const bool known =
        prefixes_.contains(digest) ||
        std::find(queued_prefixes_.begin(), queued_prefixes_.end(), digest) != queued_prefixes_.end();
    if (!known) {
      queued_prefixes_.push_back(digest);
      scratch_.clear();
      base::JsonWriter w(scratch_);
      w.begin_object().key("prompt").begin_object().member("digest", digest).member("text", *context.prefix);
      w.end_object().end_object();
      append_record(scratch_);
    }
  }
  scratch_.clear();
  base::JsonWriter w(scratch_);
  const bool is_reply = outcome.kind == model::Outcome::Kind::reply;
  w.begin_object().key(is_reply ? "reply" : "failed").begin_object();
  w.member("key", base::to_hex(context.key)).member("cell", context.cell);
  w.member("attempt", context.attempt).member("model", context.model);
  if (context.purpose == model::Purpose::judge || context.purpose == model::Purpose::embed)
    w.member("purpose", model::purpose_name(context.purpose));
  if (is_reply) {
    w.member("prefix", digest).member("tail", context.tail);
    w.member("finish", model::finish_name(outcome.finish));
    w.key("usage").begin_object().member("prompt_tokens", outcome.usage.prompt_tokens);
    w.member("completion_tokens", outcome.usage.completion_tokens);
    if (outcome.usage.cached_tokens != 0) w.member("cached_tokens", outcome.usage.cached_tokens);
    if (outcome.usage.reasoning_tokens != 0) w.member("reasoning_tokens", outcome.usage.reasoning_tokens);
    w.end_object();
    w.member("ms", outcome.milliseconds).member("cost", context.cost).member("body", outcome.body);
  } else {
    w.member("cost", context.cost).member("reason", outcome.body);
  }
  w.end_object().end_object();
  ModelTotals& totals = totals_[std::string(context.model)];
  ++(is_reply ? totals.replies : totals.failed);
  totals.add(outcome.usage, context.cost);
  const std::uint64_t start = batch_.size();
  append_record(scratch_);
  queued_.push_back({context.key, start, static_cast<std::uint32_t>(batch_.size() - start - 1), !is_reply});
}

base::Status Journal::append(std::string_view bytes, std::uint64_t& start) {
  const std::lock_guard lock(file_mutex_);
  start = file_.size();
  return file_.append(bytes);
}

base::Status Journal::set_aside(double cost) {
  std::uint64_t start = 0;
  unsynced_ = true;
  return append(cost_record("set_aside", cost), start);
}

base::Status Journal::add_lost(double cost) {
  std::uint64_t start = 0;
  auto status = append(cost_record("lost", cost), start);
  unsynced_ = true;
  const std::lock_guard lock(file_mutex_);
  lost_ += cost;
  return status;
}

double Journal::lost() const {
  const std::lock_guard lock(file_mutex_);
  return lost_;
}

base::Status Journal::flush() {
  std::uint64_t start = 0;
  auto status = batch_.empty() ? base::Status{} : append(batch_, start);
  if (status) {
    if (!batch_.empty()) unsynced_ = true;
    prefixes_.insert(queued_prefixes_.begin(), queued_prefixes_.end());
    const std::unique_lock lock(mutex_);
    for (const Queued& queued : queued_)
      index_.try_emplace(queued.key,
                         StoredAt{start + queued.offset, queued.length, own_file_, queued.failed});
  }
  batch_.clear();
  queued_.clear();
  queued_prefixes_.clear();
  return status;
}

base::Status Journal::sync() {
  if (!unsynced_.exchange(false)) return {};
  // In this order, and nothing between: a sync record on disk proves that what stands before it is.
  const std::lock_guard lock(file_mutex_);
  if (auto status = file_.sync(); !status) {
    unsynced_ = true;
    return status;
  }
  return file_.append(base::seal_record("{\"sync\":{}}") + '\n');
}

}  // namespace pipeline
