// What `validate --deep` adds to a validation: rows that a person should look at again, surest first. It
// changes nothing else: no fault, no exit code, no row that --fix writes.
#pragma once

#include <string>
#include <vector>

#include "base/json_writer.h"
#include "validators/data_set/validate.h"
#include "validators/deep/ranking.h"

namespace cli {

using ReviewList = std::vector<validators::deep::Candidate>;

/// On `threads` threads, one per core if that is 0. Slots of one type share their values if rules are a
/// job's.
ReviewList make_review_list(const validators::Validation& validation, std::size_t threads);

/// `a.jsonl:12: review: missed_slot: why ([city:oslo])`.
std::string review_line(const validators::Validation& validation,
                        const validators::deep::Candidate& candidate);
/// The same as an array of objects.
void append_review_list(const validators::Validation& validation, const ReviewList& list,
                        base::JsonWriter& json);
/// How many of each kind, on standard error.
void print_review_summary(const ReviewList& list);

}  // namespace cli
