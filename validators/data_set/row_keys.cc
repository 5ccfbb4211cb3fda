#include "validators/data_set/row_keys.h"

namespace validators {
namespace {

constexpr char kSeparator = '\x1f';  // no text contains it

}  // namespace

RowKeys RowKeyMaker::make(datasets::Row& row) const {
  RowKeys keys;
  row.language = job_->language;
  const std::string normalised = rows_.normalise(row.text);
  keys.text = rows_.text_hash(normalised);
  std::string intents;
  std::string values;
  for (const datasets::Frame& frame : row.frames) {
    if (&frame != &row.frames.front()) intents += '+';
    intents += frame.intent;
    values += kSeparator;
    for (const datasets::Slot& slot : frame.slots)
      ((values += slot.name) += kSeparator) += slot.value + kSeparator;
  }
  keys.intents = base::hash64(intents);
  keys.values = base::hash64(values);
  std::string id = job_->language;
  ((id += kSeparator) += intents) += kSeparator;
  row.id = base::to_hex(base::hash64(id += normalised));
  row.template_text = rows_.template_of(row, normalised);
  keys.template_hash = base::hash64(row.template_text);
  return keys;
}

}  // namespace validators
