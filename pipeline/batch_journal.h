// Which batches were submitted, and what is in them: `journal/batches.jsonl` of the run directory, a journal
// of its own writer, in the form of the others (docs/formats.md). Without it a run that goes on would pay a
// second time for what is under way.
//
// Any thread. A record costs an fdatasync; there are three per batch at most. Memory: about 50 bytes per
// request that was ever in a batch.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/file.h"
#include "pipeline/journal.h"
#include "remote_model/batch_store.h"

namespace pipeline {

class BatchJournal final : public remote_model::BatchStore {
 public:
  /// After `journal`, which has read and checked all files of the directory; it says which requests have
  /// their outcome, and outlives this. The file is made with the first record.
  static base::Result<std::unique_ptr<BatchJournal>> open(const base::Path& directory,
                                                          const std::string& job_name,
                                                          const Journal& journal);

  bool find(const base::Hash128& key, remote_model::StoredBatch& batch) const override;
  std::vector<remote_model::StoredBatch> unfinished(const std::string& model) const override;
  base::Status intend(const std::string& reference, const std::string& model,
                      const std::vector<base::Hash128>& keys) override;
  base::Status created(const std::string& reference, const std::string& id) override;
  base::Status gone(const std::string& reference) override;

 private:
  struct Entry {
    std::string reference;
    std::string id;
    std::string model;
    std::vector<base::Hash128> keys;
    bool gone = false;
  };

  BatchJournal(base::Path path, std::string job_name, const Journal& journal)
      : path_(std::move(path)), job_name_(std::move(job_name)), journal_(journal) {}
  base::Status visit(std::string_view line);
  void add(Entry entry);
  Entry* entry_of(std::string_view reference);
  std::size_t open_requests(std::size_t number) const;
  base::Status append(std::string_view json);

  const base::Path path_;
  const std::string job_name_;
  const Journal& journal_;
  mutable std::mutex mutex_;  // guards all below
  base::AppendFile file_;
  bool opened_ = false;
  std::vector<Entry> entries_;
  std::unordered_map<base::Hash128, std::size_t, base::Hash128Hasher> last_of_;  // key -> place in entries_
};

}  // namespace pipeline
