// The objects of a JSON document that are records, one by one, each with its place: so that one broken
// utterance is a fault of its line and not the end of the file, and so that memory is one record.
//
// It knows strings and brackets, no more; each record is parsed by its reader. What it relies on: a string
// ends on its line (JSON allows no other), so a quote too many harms one line; brackets nest, but where a
// record lacks one, the next record begins all the same, if records are known to begin with one name.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/readers/reading.h"

namespace datasets {

/// Called with the record's bytes, its place, and the names of the members that lead to it from the top:
/// {"Intent":[{…}]} gives `Intent`.
using VisitRecord =
    std::function<void(std::string_view json, Place place, const std::vector<std::string>& path)>;

/// Visits every object that is an element of an array and in no other such object. With `first_key`, an
/// object that begins with this member is always a record of its own. A document without an array may be
/// objects one after the other, printed over many lines; then these are the records, if `top_level` is set.
void for_each_record(std::string_view json, const VisitRecord& visit, std::string_view first_key = {},
                     bool top_level = false);

}  // namespace datasets
