// From the tags of an utterance to its slots: known and allowed, each planned value there once and as
// planned, values that nobody planned checked against their type, forgotten tags put back where that is
// certain. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/request.h"
#include "prompts/annotation.h"
#include "prompts/job.h"
#include "prompts/plan.h"
#include "validators/boundaries.h"
#include "validators/repairs.h"
#include "validators/text_rules.h"

namespace validators {

/// A slot in an utterance.
struct FoundSlot {
  std::size_t frame = 0;
  const prompts::IntentSlot* slot = nullptr;
  const model::PlannedSlot* planned = nullptr;  // nullptr: a value of the model's own
  std::string_view text;                        // points into the annotated text
  std::uint32_t start = 0;                      // code points, half open
  std::uint32_t end = 0;
};

/// What a value must be that nobody planned: no placeholder, and one of its type. `slot` is for the detail.
Finding check_value(const prompts::SlotType& type, std::string_view slot, std::string_view value);

class TagRules {
 public:
  /// `job` must outlive the rules.
  explicit TagRules(const prompts::Job& job) : job_(&job), boundaries_(job) {}

  /// Whether the tags carry every planned value. With `untagged`, values that stand in the text without
  /// a tag count as well.
  bool agrees(const prompts::Cell& cell, const model::PlannedUtterance& planned,
              const prompts::AnnotatedText& utterance, bool untagged) const;

  /// Fills `found`, by start, and sets `cell` to the cell of the lane that the utterance counts for;
  /// on entry it is the one that was asked for. Adds to `repairs` what was mended.
  Finding check(const prompts::Lane& lane, const model::PlannedUtterance& planned,
                const prompts::AnnotatedText& utterance, std::size_t& cell, std::vector<FoundSlot>& found,
                Repairs& repairs) const;

 private:
  const prompts::Intent* intent_of(const prompts::Cell& cell, const model::PlannedFrame& frame) const;
  const prompts::SlotType& type_of(const prompts::IntentSlot& slot) const {
    return job_->slot_types[slot.type];
  }
  bool resolve(const prompts::Cell& cell, const model::PlannedUtterance& planned, const prompts::Tag& tag,
               FoundSlot& found) const;
  /// The tags as slots; one value in two tags side by side becomes one.
  Finding collect(const prompts::Cell& cell, const model::PlannedUtterance& planned,
                  const prompts::AnnotatedText& utterance, std::vector<FoundSlot>& found,
                  Repairs& repairs) const;
  /// Whether `second`, right behind `first`, is the rest of its value; then `first` is both.
  Finding join(const model::PlannedUtterance& planned, const std::vector<FoundSlot>& found, FoundSlot& first,
               const FoundSlot& second, bool& joined) const;
  Finding check_planned(const prompts::Cell& cell, const model::PlannedUtterance& planned,
                        const prompts::AnnotatedText& utterance, std::vector<FoundSlot>& found, bool& missing,
                        Repairs& repairs) const;
  Finding check_unplanned(const model::PlannedUtterance& planned, const std::vector<FoundSlot>& found,
                          const FoundSlot& slot) const;
  /// `found` is by start.
  Finding check_boundaries(std::string_view text, const std::vector<FoundSlot>& found) const;
  /// Linked values that no row of their table has together; `carried` are the intent's slots that were found.
  Finding check_rows(const prompts::Intent& intent, const std::vector<std::size_t>& carried,
                     const std::vector<FoundSlot>& found) const;
  Finding find_cell(const prompts::Lane& lane, bool missing, const std::vector<FoundSlot>& found,
                    std::size_t& cell) const;

  const prompts::Job* job_;
  Boundaries boundaries_;
};

}  // namespace validators
