#include "local_model/pattern_grammar.h"

#include <algorithm>
#include <limits>

namespace local_model {
namespace {

std::uint64_t saturating_add(std::uint64_t a, std::uint64_t b) {
  std::uint64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? std::numeric_limits<std::uint64_t>::max() : sum;
}

std::uint64_t saturating_multiply(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? std::numeric_limits<std::uint64_t>::max() : product;
}

}  // namespace

std::uint32_t PatternGrammar::add_text(Piece piece) {
  pieces.push_back(std::move(piece));
  return add_leaf(Kind::text, static_cast<std::uint32_t>(pieces.size() - 1));
}

std::uint32_t PatternGrammar::add_leaf(Kind kind, std::uint32_t index) {
  return add_state({kind, index, 0}, 1);
}

std::uint32_t PatternGrammar::add_sequence(std::vector<std::uint32_t> parts) {
  parts.erase(std::remove(parts.begin(), parts.end(), kEmpty), parts.end());
  if (parts.empty()) return kEmpty;
  if (parts.size() == 1) return parts[0];
  std::uint64_t ways = 1;
  for (const std::uint32_t part : parts) {
    ways = saturating_multiply(ways, derivations[part]);
  }
  const auto first = static_cast<std::uint32_t>(items.size());
  items.insert(items.end(), parts.begin(), parts.end());
  return add_state({Kind::sequence, first, static_cast<std::uint32_t>(parts.size())}, ways);
}

std::uint32_t PatternGrammar::add_choice(const std::vector<Weighted>& weighted) {
  if (weighted.empty()) return kEmpty;  // only when exhausted
  if (weighted.size() == 1) return weighted[0].state;
  const std::size_t count = weighted.size();
  double total = 0;
  std::uint64_t ways = 0;
  for (const Weighted& option : weighted) {
    total += option.weight;
    ways = saturating_add(ways, derivations[option.state]);
  }
  // Vose's alias method: `share` is an option's probability times the number of options; what one
  // column lacks of 1 another gives.
  std::vector<double> share(count);
  std::vector<std::size_t> small;
  std::vector<std::size_t> large;
  std::vector<Option> columns(count);
  for (std::size_t i = 0; i < count; ++i) {
    share[i] = weighted[i].weight / total * static_cast<double>(count);
    columns[i] = {std::numeric_limits<std::uint32_t>::max(), weighted[i].state, weighted[i].state};
    (share[i] < 1 ? small : large).push_back(i);
  }
  while (!small.empty() && !large.empty()) {
    const std::size_t low = small.back();
    const std::size_t high = large.back();
    small.pop_back();
    columns[low].threshold = static_cast<std::uint32_t>(std::max(share[low], 0.0) * 0x1p32);
    columns[low].other = weighted[high].state;
    share[high] -= 1 - share[low];
    if (share[high] < 1) {
      large.pop_back();
      small.push_back(high);
    }
  }
  const auto first = static_cast<std::uint32_t>(options.size());
  options.insert(options.end(), columns.begin(), columns.end());
  return add_state({Kind::choice, first, static_cast<std::uint32_t>(count)}, ways);
}

std::uint32_t PatternGrammar::add_state(State state, std::uint64_t ways) {
  states.push_back(state);
  derivations.push_back(ways);
  return static_cast<std::uint32_t>(states.size() - 1);
}

const PatternGrammar::Start* PatternGrammar::Entry::find(SlotMask mask) const {
  const auto found = std::lower_bound(starts.begin(), starts.end(), mask | always,
                                      [](const Start& start, SlotMask value) { return start.mask < value; });
  return found == starts.end() || found->mask != (mask | always) ? nullptr : &*found;
}

const PatternGrammar::Entry* PatternGrammar::find(std::string_view entry) const {
  const auto found = std::lower_bound(entries.begin(), entries.end(), entry,
                                      [](const Entry& e, std::string_view name) { return e.name < name; });
  return found == entries.end() || found->name != entry ? nullptr : &*found;
}

}  // namespace local_model
