// Puts an utterance together from pieces of text, some of them slots: offsets are counted here, so that no
// reader counts them. White space at both ends of the utterance goes, and white space at the ends of a slot
// belongs to the text around it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "datasets/row.h"

namespace datasets {

class Utterance {
 public:
  void text(std::string_view piece) { text_ += piece; }
  /// `value` empty: as written.
  void slot(std::string_view name, std::string_view piece, std::string_view value = {});
  /// The row's text and one frame with the slots. False if a slot has no text. The object is empty after it.
  bool finish(std::string_view intent, Row& row);

 private:
  struct Piece {
    std::string name;
    std::string value;
    std::size_t begin = 0;  // bytes
    std::size_t end = 0;
  };
  std::string text_;
  std::vector<Piece> slots_;  // by begin
};

/// Whether a label says that the utterance is none of the intents: `none`, `out_of_scope`, `oos` and such.
bool is_no_intent(std::string_view label);

/// Fills `frames` and `kind` by the intent: none for out of scope.
void set_single_frame(std::string_view intent, std::vector<Slot> slots, Row& row);

}  // namespace datasets
