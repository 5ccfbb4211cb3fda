// A model without a model: utterances from patterns (docs/patterns.md) around the planned values. For
// a first data set, for tests, for lanes that need no model, and as material that a model paraphrases.
//
// What an utterance says depends on the request alone (its key seeds the choice), so equal requests
// get equal replies. submit() answers at once, on the caller's thread; any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "model/model.h"

namespace local_model {

/// What the job will ask of an entry: checked when the file is loaded.
struct PatternDemand {
  std::string entry;                           // `set_volume`
  std::vector<std::string> slots;              // all that the entry may use
  std::vector<std::vector<std::string>> sets;  // the slot sets that must each have a pattern
};

class PatternModel final : public model::Model {
 public:
  /// `language` decides how a list of values is joined. The error holds one line per problem, each
  /// `patterns.txt:12:7: …`; bad_input. Demands for `out_of_scope_near`, `out_of_scope_far` and
  /// `multi_intent` have no slots.
  static base::Result<std::unique_ptr<PatternModel>> load(const base::Path& path, const std::string& language,
                                                          const std::vector<PatternDemand>& demands);
  ~PatternModel() override;

  const model::ModelIdentity& identity() const override;
  model::Capabilities capabilities() const override;
  std::string describe() const override;
  std::size_t credits() const override;
  void submit(model::Ticket ticket, const model::Request& request, model::OutcomeSink& sink) override;
  void drain() override {}  // nothing ever waits or is in flight
  void abort() override {}

  /// How many different wordings (values masked) the entry has for a slot set, counted up to `limit`:
  /// for the feasibility of quotas. Never too few: exact up to 20,000 ways to say it, above that an upper
  /// bound. At most 50 ms.
  std::uint64_t count_wordings(const std::string& entry, const std::vector<std::string>& slots,
                               std::uint64_t limit) const;

 private:
  struct Impl;
  explicit PatternModel(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace local_model
