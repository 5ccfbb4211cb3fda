// The values of one slot type as they are collected, from the job or from a values file: trimmed,
// checked one by one, each surface with one meaning.
//
// Refuses: empty values, control characters, more than kMaxLength code points, values of nothing but
// punctuation (they vanish when texts are compared), values that don't match the type's pattern, and a
// surface (as base::normalise compares them) with a second meaning. An exact repeat is a warning.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "prompts/catalogue.h"
#include "prompts/job_fields.h"

namespace prompts {

class ValueList {
 public:
  static constexpr std::size_t kMaxLength = 200;  // code points
  static constexpr std::size_t kMaxValues = 1'000'000;

  struct Place {
    std::string file;  // empty: the job
    Mark mark;
    std::string where;  // `slot_types.device.values[3]`; empty in a values file
  };

  /// `pattern` may be null.
  ValueList(const ReadContext& context, const re2::RE2* pattern) : context_(context), pattern_(pattern) {}

  /// False if `text` was refused.
  bool add(std::string_view text, std::string_view canonical, const Place& place);
  std::size_t size() const { return values_.size(); }
  std::vector<Value> take() { return std::move(values_); }

 private:
  struct Meaning {
    std::string canonical;
    std::string text;
    int line = 0;
  };
  void error(const Place& place, const std::string& message);

  const ReadContext& context_;
  const re2::RE2* pattern_;
  std::vector<Value> values_;
  std::unordered_map<std::string, Meaning> meanings_;  // by normalised surface
  std::unordered_map<std::string, int> lines_;         // by surface as it is
  bool full_ = false;
};

/// `values:`, a list of values and of maps with one canonical value and its synonyms.
void read_values(const YamlNode& node, std::string_view where, const ReadContext& context, ValueList& list);
/// `file:`, one value per line, `canonical = synonym | synonym`; lines that begin with # and empty
/// ones are skipped.
void read_values_file(const YamlNode& node, std::string_view where, const ReadContext& context,
                      ValueList& list);
/// The contents of such a file.
void read_values_text(const NamedFile& named, const ReadContext& context, ValueList& list);

}  // namespace prompts
