// How the parts of an utterance are joined: where space between them stays and where it goes away, and
// how slots are tagged. The rules are docs/patterns.md, "Space".
//
// Pattern text is prepared once, at load (make_piece); joining then looks at one flag on each side.
// Values are copied byte for byte, with `[`, `]` and `\` escaped; only their first and last code point
// is looked at. PatternWriter: one utterance, one thread, no allocation but the output's.
#pragma once

#include <string>
#include <string_view>

namespace local_model {

/// A run of pattern text, ready to be appended.
struct Piece {
  std::string text;  // escaped; without space at its ends, single spaces inside
  bool space_before = false;
  bool space_after = false;
  bool closed_before = false;  // takes no space before it: `,`, and what is Chinese
  bool closed_after = false;
};

/// `chinese`: of a job in Chinese, where no space stands beside Han and full-width punctuation.
Piece make_piece(std::string_view text, bool chinese);

class PatternWriter {
 public:
  PatternWriter(std::string& out, bool chinese) : out_(out), chinese_(chinese) {}

  void piece(const Piece& piece) {
    space_ = space_ || piece.space_before;
    if (piece.text.empty()) return;
    open(piece.closed_before);
    out_ += piece.text;
    closed_ = piece.closed_after;
    space_ = piece.space_after;
  }
  /// `[slot:value]`, or `[frame.slot:value]` if `frame` isn't empty.
  void tagged(std::string_view frame, std::string_view slot, std::string_view value);

 private:
  // Settles the space between what was written and what comes.
  void open(bool closed) {
    if (space_ && !closed && !closed_) out_ += ' ';
    space_ = false;
  }

  std::string& out_;
  bool chinese_;
  bool space_ = false;
  bool closed_ = true;  // no space at the start
};

}  // namespace local_model
