#include "datasets/readers/utterance.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "base/unicode.h"

namespace datasets {

void Utterance::slot(std::string_view name, std::string_view piece, std::string_view value) {
  const std::string_view tight = base::trim_white_space(piece);
  const std::size_t begin = text_.size() + static_cast<std::size_t>(tight.data() - piece.data());
  text_ += piece;
  slots_.push_back(
      {std::string(name), std::string(value.empty() ? tight : value), begin, begin + tight.size()});
}

bool Utterance::finish(std::string_view intent, Row& row) {
  const std::string_view tight = base::trim_white_space(text_);
  const auto first = static_cast<std::size_t>(tight.data() - text_.data());
  std::vector<Slot> slots;
  slots.reserve(slots_.size());
  bool whole = true;
  std::size_t at = first;  // bytes, with `point` code points of the trimmed text before it
  std::uint32_t point = 0;
  const auto count_to = [&](std::size_t end) {
    if (end <= at) return;
    point +=
        static_cast<std::uint32_t>(base::count_code_points(std::string_view(text_).substr(at, end - at)));
    at = end;
  };
  for (Piece& piece : slots_) {
    if (piece.begin == piece.end) {
      whole = false;
      continue;
    }
    Slot& slot = slots.emplace_back();
    slot.name = std::move(piece.name);
    slot.value = std::move(piece.value);
    slot.text = text_.substr(piece.begin, piece.end - piece.begin);
    count_to(piece.begin);
    slot.start = point;
    count_to(piece.end);
    slot.end = point;
  }
  row.text = tight;
  set_single_frame(intent, std::move(slots), row);
  text_.clear();
  slots_.clear();
  return whole;
}

bool is_no_intent(std::string_view label) {
  static constexpr std::array<std::string_view, 10> kNames = {
      "none",         "null",          "oos",          "ood",  "out_of_scope",
      "out-of-scope", "out_of_domain", "nlu_fallback", "NONE", "None"};
  return label.empty() || std::find(kNames.begin(), kNames.end(), label) != kNames.end();
}

void set_single_frame(std::string_view intent, std::vector<Slot> slots, Row& row) {
  row.frames.clear();
  if (is_no_intent(intent) && slots.empty()) {
    row.kind = Kind::out_of_scope;
    return;
  }
  row.kind = Kind::in_scope;
  row.frames.push_back({std::string(intent), std::move(slots)});
}

}  // namespace datasets
