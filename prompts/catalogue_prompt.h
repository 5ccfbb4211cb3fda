// The prompt that asks a model for values of a slot type (`ask:`), from the templates values.*.mustache: the
// prefix says what the type is, where its values are said, and which are there already; the tail how many to
// write. Attempts don't know of each other, and equal questions bring equal answers: so each tail has an
// angle of its own, one of six in turn, from the most common values to the rare ones. Const after make(); any
// thread.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "prompts/job.h"
#include "prompts/plan.h"

namespace prompts {

class CataloguePrompt {
 public:
  /// `job` must outlive it.
  static base::Result<CataloguePrompt> make(const Job& job);
  CataloguePrompt(CataloguePrompt&&) noexcept;
  CataloguePrompt& operator=(CataloguePrompt&&) noexcept;
  ~CataloguePrompt();

  /// `type` is one of the job's asks.
  std::string prefix(std::size_t type) const;
  std::string tail(std::size_t type, const AttemptPlan& plan) const;

 private:
  struct Impl;
  explicit CataloguePrompt(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace prompts
