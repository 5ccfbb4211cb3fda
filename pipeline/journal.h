// The journal: every outcome that was received, on disk before anything is decided about it. Starting
// a run is reading its journals; an attempt whose key is stored completes at once.
//
// One writer per file; all `journal/*.jsonl` are read, in the order of their names, and the first
// outcome of a key wins. docs/formats.md ("Journal") has the records. open() cuts off what a kill or a
// power cut left torn at the end of this writer's own file.
//
// find(), read() and what says so may be called from any thread while one thread adds outcomes. Memory: about
// 70 bytes per stored outcome; bodies stay on disk.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/file.h"
#include "base/hash.h"
#include "base/result.h"
#include "model/request.h"

namespace pipeline {

/// Where a stored outcome lies.
struct StoredAt {
  std::uint64_t offset = 0;
  std::uint32_t length = 0;  // of the line, without newline
  std::uint16_t file = 0;
  bool failed = false;  // no reply, but that there will be none
};

/// What a model has delivered into this directory so far.
struct ModelTotals {
  std::uint64_t replies = 0;
  std::uint64_t failed = 0;
  model::Usage usage;
  double cost = 0;  // what they were charged, in the job's currency at that time

  void add(const model::Usage& used, double charged);
};

/// What a reply's record says beside the outcome itself.
struct ReplyContext {
  base::Hash128 key;
  std::string_view cell;
  std::uint64_t attempt = 0;
  model::Purpose purpose = model::Purpose::generate;
  std::string_view model;  // id in the job
  const std::string* prefix = nullptr;
  std::string_view tail;
  double cost = 0;
};

class Journal {
 public:
  /// Creates `directory` and the file `writer`.jsonl if need be. `notes` receives what a person should
  /// know (bytes cut off). `limit`: a run that was killed never had more on its way than this leaves; 0:
  /// none.
  static base::Result<std::unique_ptr<Journal>> open(const base::Path& directory, const std::string& job_name,
                                                     const std::string& writer,
                                                     std::vector<std::string>& notes, double limit = 0);

  std::uint64_t stored() const { return stored_; }  // outcomes found by open()
  /// By model id, with what this call added. Not while add() may run.
  const std::unordered_map<std::string, ModelTotals>& totals() const { return totals_; }
  /// What was charged for requests that brought no outcome: add_lost(), and set_aside() of runs that died.
  double lost() const;

  bool find(const base::Hash128& key, StoredAt& at) const;
  /// Reads a stored outcome back.
  base::Status read(const StoredAt& at, model::Outcome& outcome) const;

  /// Queues the record of an outcome (reply or failed); flush() writes all queued ones with one
  /// write(2). One thread.
  void add(const ReplyContext& context, const model::Outcome& outcome);
  base::Status flush();
  /// Writes down, at once, that requests which may cost so much together are on their way; 0: none. open()
  /// counts what a run that died has left behind as lost. Any thread.
  base::Status set_aside(double cost);
  /// Charges what was sent and brings no outcome, at once. Any thread.
  base::Status add_lost(double cost);
  /// fdatasyncs, then writes a sync record; does nothing if nothing was written since.
  base::Status sync();

 private:
  struct Queued {
    base::Hash128 key;
    std::uint64_t offset;  // in the batch
    std::uint32_t length;
    bool failed;
  };

  Journal() = default;
  base::Status load(const base::Path& path, bool own, double limit, std::vector<std::string>& notes);
  base::Status visit(std::uint64_t offset, std::string_view line);
  base::Status append(std::string_view bytes, std::uint64_t& start);
  void append_record(std::string_view json);

  std::string job_name_;
  base::Path path_;                // the file being read, for messages
  mutable std::mutex file_mutex_;  // guards file_ while a run goes on, and lost_
  base::AppendFile file_;
  double lost_ = 0;
  double aside_ = 0;  // of the file being read
  std::vector<base::RandomAccessFile> readers_;
  std::uint16_t own_file_ = 0;
  std::unordered_set<std::string> prefixes_;  // digests in the own file
  std::vector<std::string> queued_prefixes_;  // in the batch
  bool loading_own_ = false;
  std::uint64_t stored_ = 0;
  std::unordered_map<std::string, ModelTotals> totals_;
  std::string batch_;
  std::string scratch_;
  std::vector<Queued> queued_;
  std::atomic<bool> unsynced_{false};

  mutable std::shared_mutex mutex_;  // guards index_
  std::unordered_map<base::Hash128, StoredAt, base::Hash128Hasher> index_;
};

}  // namespace pipeline
