// What a pattern file says, ready for drawing: for each entry and each set of slots that it can take,
// the grammar of exactly the utterances that use each of these slots once (pattern_compiler.h makes it).
//
// States refer to states by index; there are no cycles. A state is a text, a slot, a sequence of
// states, or a choice among states with fixed probabilities. Drawing from a state can't fail and costs
// one random number per choice. Read-only once it is compiled: any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "local_model/pattern_text.h"

namespace local_model {

constexpr std::size_t kMaxSlots = 16;  // of an entry

/// A slot has two bits. Bit b: takes its one value (@[slot] and @[slot+] do); bit 16 + b: takes several
/// values (only @[slot+] does).
using SlotMask = std::uint32_t;

class PatternGrammar {
 public:
  enum class Kind : std::uint8_t { text, slot, list, frame, sequence, choice };
  struct State {
    Kind kind = Kind::sequence;
    std::uint32_t first = 0;  // piece, slot, frame (0 or 1), or the first of its items or options
    std::uint32_t count = 0;  // of items or options
  };
  /// Drawn evenly; then `state` if 32 more random bits are below `threshold`, `other` if not.
  struct Option {
    std::uint32_t threshold = 0;
    std::uint32_t state = 0;
    std::uint32_t other = 0;
  };
  struct Start {
    SlotMask mask = 0;
    std::uint32_t state = 0;
  };
  struct Entry {
    static constexpr std::uint32_t kNone = static_cast<std::uint32_t>(-1);
    std::string name;
    std::vector<std::string> slots;  // bit -> name
    std::vector<Start> starts;       // ascending masks
    SlotMask always = 0;             // bits beside the planned slots: &[1] and &[2]
    std::uint32_t clause = kNone;    // the entry `name#clause`
    /// The state that uses exactly the slots of `mask` and what is always used; null if there is none.
    const Start* find(SlotMask mask) const;
  };

  const Entry* find(std::string_view entry) const;

  // For the compiler. Each gives the index of a state that does it, new or not.
  struct Weighted {
    double weight = 0;
    std::uint32_t state = 0;
  };
  static constexpr std::uint32_t kEmpty = 0;  // says nothing
  std::uint32_t add_text(Piece piece);
  std::uint32_t add_leaf(Kind kind, std::uint32_t index);
  std::uint32_t add_sequence(std::vector<std::uint32_t> parts);
  std::uint32_t add_choice(const std::vector<Weighted>& weighted);

  std::vector<Piece> pieces;
  std::vector<State> states = {{}};
  std::vector<std::uint64_t> derivations = {1};  // of each state: ways to draw from it, saturating
  std::vector<std::uint32_t> items;
  std::vector<Option> options;
  std::vector<Entry> entries;  // ascending names

 private:
  std::uint32_t add_state(State state, std::uint64_t ways);
};

}  // namespace local_model
