#include "pipeline/batch_journal.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <utility>

#include "base/json_writer.h"
#include "base/record_log.h"

namespace pipeline {
namespace {

std::string_view text_of(simdjson::dom::element object, const char* name) {
  std::string_view text;
  return object[name].get(text) == simdjson::SUCCESS ? text : std::string_view();
}

/// What became of a batch.
template <class T>
std::string event_record(const std::string& reference, const char* name, const T& value) {
  std::string json;
  base::JsonWriter w(json);
  w.begin_object().key("batch").begin_object().member("ref", reference).member(name, value);
  w.end_object().end_object();
  return json;
}

}  // namespace

base::Result<std::unique_ptr<BatchJournal>> BatchJournal::open(const base::Path& directory,
                                                               const std::string& job_name,
                                                               const Journal& journal) {
  std::unique_ptr<BatchJournal> batches(new BatchJournal(directory / "batches.jsonl", job_name, journal));
  const auto scan = base::scan_record_log(
      batches->path_, [&](std::uint64_t, std::string_view line) { return batches->visit(line); });
  if (!scan) return base::pass(scan);
  if (scan->records + scan->cut == 0) return batches;
  auto file = base::AppendFile::open(batches->path_);
  if (!file) return base::pass(file);
  batches->file_ = std::move(*file);
  batches->opened_ = scan->records > 0;
  if (scan->cut > 0)
    if (auto status = batches->file_.truncate(scan->end); !status) return base::pass(status);
  return batches;
}

base::Status BatchJournal::visit(std::string_view line) {
  simdjson::dom::parser parser;
  simdjson::dom::element record;
  simdjson::dom::element event;
  if (parser.parse(line.data(), line.size()).get(record) != simdjson::SUCCESS)
    return base::failed(fmt::format("{}: a record is no JSON", path_.string()));
  if (record["batch"].get(event) != simdjson::SUCCESS) return {};
  const std::string_view reference = text_of(event, "ref");
  simdjson::dom::array keys;
  if (event["keys"].get(keys) == simdjson::SUCCESS) {
    Entry entry{std::string(reference), {}, std::string(text_of(event, "model")), {}, false};
    for (const simdjson::dom::element one : keys) {
      std::string_view hex;
      base::Hash128 key;
      if (one.get(hex) == simdjson::SUCCESS && base::from_hex(hex, key)) entry.keys.push_back(key);
    }
    add(std::move(entry));
  } else if (Entry* entry = entry_of(reference)) {
    entry->id = text_of(event, "id");
    bool gone = false;
    entry->gone = event["gone"].get(gone) == simdjson::SUCCESS && gone;
  }
  return {};
}

void BatchJournal::add(Entry entry) {
  for (const base::Hash128& key : entry.keys) last_of_[key] = entries_.size();
  entries_.push_back(std::move(entry));
}

BatchJournal::Entry* BatchJournal::entry_of(std::string_view reference) {
  const auto found = std::find_if(entries_.rbegin(), entries_.rend(),
                                  [&](const Entry& entry) { return entry.reference == reference; });
  return found == entries_.rend() ? nullptr : &*found;
}

std::size_t BatchJournal::open_requests(std::size_t number) const {
  const std::vector<base::Hash128>& keys = entries_[number].keys;
  return static_cast<std::size_t>(std::count_if(keys.begin(), keys.end(), [&](const base::Hash128& key) {
    StoredAt at;
    return last_of_.at(key) == number && !journal_.find(key, at);
  }));
}

bool BatchJournal::find(const base::Hash128& key, remote_model::StoredBatch& batch) const {
  const std::lock_guard lock(mutex_);
  const auto found = last_of_.find(key);
  if (found == last_of_.end() || entries_[found->second].gone) return false;
  const Entry& entry = entries_[found->second];
  batch = {entry.reference, entry.id, entry.keys.size()};
  return true;
}

std::vector<remote_model::StoredBatch> BatchJournal::unfinished(const std::string& model) const {
  const std::lock_guard lock(mutex_);
  std::vector<remote_model::StoredBatch> result;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    if (entry.gone || entry.model != model) continue;
    if (open_requests(i) > 0) result.push_back({entry.reference, entry.id, entry.keys.size()});
  }
  return result;
}

base::Status BatchJournal::intend(const std::string& reference, const std::string& model,
                                  const std::vector<base::Hash128>& keys) {
  std::string json;
  base::JsonWriter w(json);
  w.begin_object().key("batch").begin_object().member("ref", reference).member("model", model);
  w.key("keys").begin_array();
  for (const base::Hash128& key : keys) w.value(base::to_hex(key));
  w.end_array().end_object().end_object();
  const std::lock_guard lock(mutex_);
  if (auto status = append(json); !status) return status;
  add({reference, {}, model, keys, false});
  return {};
}

base::Status BatchJournal::created(const std::string& reference, const std::string& id) {
  const std::lock_guard lock(mutex_);
  if (auto status = append(event_record(reference, "id", id)); !status) return status;
  if (Entry* entry = entry_of(reference)) entry->id = id;
  return {};
}

base::Status BatchJournal::gone(const std::string& reference) {
  const std::lock_guard lock(mutex_);
  if (auto status = append(event_record(reference, "gone", true)); !status) return status;
  if (Entry* entry = entry_of(reference)) entry->gone = true;
  return {};
}

/// Safe on disk when it returns.
base::Status BatchJournal::append(std::string_view json) {
  std::string lines;
  if (!opened_) {
    auto file = base::AppendFile::open(path_);
    if (!file) return base::pass(file);
    file_ = std::move(*file);
    std::string head;
    base::JsonWriter(head).begin_object().member("journal", 1).member("job", job_name_).end_object();
    lines = base::seal_record(head) + "\n";
  }
  lines += base::seal_record(json) + "\n";
  if (auto status = file_.append(lines); !status) return status;
  if (auto status = file_.sync(); !status) return status;
  if (!std::exchange(opened_, true))
    if (auto status = base::sync_directory(path_.parent_path()); !status) return status;
  // Behind the fdatasync: it proves that what stands before it is on disk.
  return file_.append(base::seal_record("{\"sync\":{}}") + "\n");
}

}  // namespace pipeline
