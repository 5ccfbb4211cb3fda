#include "local_model/pattern_sampler.h"

#include <algorithm>
#include <array>
#include <unordered_set>

#include "base/hash.h"
#include "base/unicode.h"
#include "local_model/pattern_file.h"

namespace local_model {
namespace {

using Kind = PatternGrammar::Kind;

constexpr std::uint64_t kEnumerated = 20'000;

// splitmix64: base::mix is its output function and adds the step itself.
class RandomPick {
 public:
  explicit RandomPick(std::uint64_t seed) : state_(seed) {}

  std::uint32_t operator()(const PatternGrammar& grammar, const PatternGrammar::State& choice) {
    const std::uint64_t random = base::mix(state_);
    state_ += 0x9E3779B97F4A7C15;
    const std::uint64_t column = (random >> 32) * choice.count >> 32;
    const PatternGrammar::Option& option = grammar.options[choice.first + column];
    return static_cast<std::uint32_t>(random) < option.threshold ? option.state : option.other;
  }

 private:
  std::uint64_t state_;
};

// The derivation of a given number, all numbers below the start's count giving different ones: a mixed
// radix number whose digits are read off as choices come up.
class NumberedPick {
 public:
  explicit NumberedPick(std::uint64_t number) : number_(number) {}

  std::uint32_t operator()(const PatternGrammar& grammar, const PatternGrammar::State& choice) {
    const auto derivations_of = [&](std::uint32_t i) {
      return grammar.derivations[grammar.options[choice.first + i].state];
    };
    std::uint64_t total = 0;
    for (std::uint32_t i = 0; i < choice.count; ++i) total += derivations_of(i);
    std::uint64_t digit = number_ % total;
    std::uint32_t i = 0;
    while (digit >= derivations_of(i)) digit -= derivations_of(i++);
    // What lies inside the option is the lowest digit of what is left.
    number_ = number_ / total * derivations_of(i) + digit;
    return grammar.options[choice.first + i].state;
  }

 private:
  std::uint64_t number_;
};

/// A frame, ready to be put into words.
struct Voice {
  const PatternGrammar::Entry* entry = nullptr;
  const model::PlannedFrame* frame = nullptr;
  std::uint32_t state = 0;
  std::string_view prefix;  // of its tags; empty when it is alone
  // By bit: the first of the slot's values, and how many it has.
  std::array<std::uint32_t, kMaxSlots> first{};
  std::array<std::uint32_t, kMaxSlots> values{};
};

// Which state of `entry` says this frame; false if none does.
bool match(const PatternGrammar::Entry& entry, const model::PlannedFrame& frame, Voice& voice) {
  SlotMask mask = 0;
  voice.values = {};
  for (std::uint32_t i = 0; i < frame.slots.size(); ++i) {
    const auto found = std::find(entry.slots.begin(), entry.slots.end(), frame.slots[i].name);
    if (found == entry.slots.end()) return false;
    const auto bit = static_cast<std::size_t>(found - entry.slots.begin());
    if (voice.values[bit]++ == 0) {
      voice.first[bit] = i;
      mask |= SlotMask{1} << bit;
    } else {
      mask = (mask & ~(SlotMask{1} << bit)) | SlotMask{1} << (kMaxSlots + bit);
    }
  }
  const PatternGrammar::Start* start = entry.find(mask);
  if (start == nullptr) return false;
  voice.entry = &entry;
  voice.frame = &frame;
  voice.state = start->state;
  return true;
}

template <class Pick>
class Walk {
 public:
  /// `frames`: what &[1] and &[2] say; null where they are only named.
  Walk(const PatternGrammar& grammar, const Piece& comma, const Piece& and_piece, const Voice* frames,
       Pick pick, PatternWriter writer)
      : grammar_(grammar), comma_(comma), and_(and_piece), frames_(frames), pick_(pick), writer_(writer) {}

  void run(std::uint32_t id, const Voice& voice) {
    for (;;) {
      const PatternGrammar::State& state = grammar_.states[id];
      switch (state.kind) {
        case Kind::text:
          return writer_.piece(grammar_.pieces[state.first]);
        case Kind::slot:
          return value(voice, voice.frame->slots[voice.first[state.first]]);
        case Kind::list:
          return list(voice, state.first);
        case Kind::frame:
          return frame(state.first);
        case Kind::choice:
          id = pick_(grammar_, state);
          continue;
        case Kind::sequence:
          if (state.count == 0) return;
          for (std::uint32_t i = 0; i + 1 < state.count; ++i) run(grammar_.items[state.first + i], voice);
          id = grammar_.items[state.first + state.count - 1];
      }
    }
  }

 private:
  void value(const Voice& voice, const model::PlannedSlot& slot) {
    writer_.tagged(voice.prefix, slot.name, slot.text);
  }

  void list(const Voice& voice, std::uint32_t bit) {
    const auto& slots = voice.frame->slots;
    const std::string& name = voice.entry->slots[bit];
    std::uint32_t left = voice.values[bit];
    for (std::size_t i = voice.first[bit]; left > 0; ++i) {
      if (slots[i].name != name) continue;
      value(voice, slots[i]);
      --left;
      if (left > 0) writer_.piece(left == 1 ? and_ : comma_);
    }
  }

  void frame(std::uint32_t index) {
    if (frames_ == nullptr) return writer_.tagged({}, index == 0 ? "1" : "2", {});
    run(frames_[index].state, frames_[index]);
  }

  const PatternGrammar& grammar_;
  const Piece& comma_;
  const Piece& and_;
  const Voice* frames_;
  Pick pick_;
  PatternWriter writer_;
};

// An intent's entry. A frame that calls itself `multi_intent` would be said within itself.
const PatternGrammar::Entry* find_intent(const PatternGrammar& grammar, const model::PlannedFrame& frame) {
  return frame.name == kMultiIntent ? nullptr : grammar.find(frame.name);
}

// For a frame of two: its clause if that has a pattern for the slots, otherwise its own entry.
PatternSampler::Drawn match_clause(const PatternGrammar& grammar, const model::PlannedFrame& frame,
                                   Voice& voice) {
  const PatternGrammar::Entry* entry = find_intent(grammar, frame);
  if (entry == nullptr) return PatternSampler::Drawn::unknown_entry;
  voice.prefix = frame.name;
  const bool said = (entry->clause != PatternGrammar::Entry::kNone &&
                     match(grammar.entries[entry->clause], frame, voice)) ||
                    match(*entry, frame, voice);
  return said ? PatternSampler::Drawn::done : PatternSampler::Drawn::no_pattern;
}

}  // namespace

PatternSampler::PatternSampler(const PatternGrammar& grammar, bool chinese)
    : grammar_(grammar),
      chinese_(chinese),
      comma_(make_piece(chinese ? "、" : ", ", chinese)),
      and_(make_piece(chinese ? "和" : " and ", chinese)) {}

PatternSampler::Drawn PatternSampler::append(const model::PlannedUtterance& utterance, std::uint64_t seed,
                                             std::string& out) const {
  const auto& frames = utterance.frames;
  Voice whole;
  std::array<Voice, 2> parts;
  if (frames.size() == 1) {
    const PatternGrammar::Entry* entry = find_intent(grammar_, frames[0]);
    if (entry == nullptr) return Drawn::unknown_entry;
    if (!match(*entry, frames[0], whole)) return Drawn::no_pattern;
  } else {
    const PatternGrammar::Entry* joined = grammar_.find(kMultiIntent);
    if (frames.size() != 2 || joined == nullptr) return Drawn::unknown_entry;
    for (std::size_t i = 0; i < 2; ++i) {
      if (const Drawn drawn = match_clause(grammar_, frames[i], parts[i]); drawn != Drawn::done) return drawn;
    }
    const PatternGrammar::Start* start = joined->find(0);
    if (start == nullptr) return Drawn::no_pattern;
    whole.state = start->state;
  }
  Walk walk(grammar_, comma_, and_, parts.data(), RandomPick(seed), PatternWriter(out, chinese_));
  walk.run(whole.state, whole);
  return Drawn::done;
}

std::uint64_t PatternSampler::count_wordings(std::string_view name, const std::vector<std::string>& slots,
                                             std::uint64_t limit) const {
  const PatternGrammar::Entry* entry = grammar_.find(name);
  if (entry == nullptr) return 0;
  model::PlannedFrame frame;
  for (const std::string& slot : slots) frame.slots.push_back({slot, "[" + slot + "]"});
  Voice voice;
  if (!match(*entry, frame, voice)) return 0;
  const std::uint64_t derivations = grammar_.derivations[voice.state];
  if (derivations > kEnumerated) return std::min(derivations, limit);
  std::unordered_set<std::uint64_t> wordings;
  std::string text;
  for (std::uint64_t number = 0; number < derivations && wordings.size() < limit; ++number) {
    text.clear();
    Walk walk(grammar_, comma_, and_, nullptr, NumberedPick(number), PatternWriter(text, chinese_));
    walk.run(voice.state, voice);
    wordings.insert(base::hash64(base::normalise(text, chinese_)));
  }
  return wordings.size();
}

}  // namespace local_model
