#include "local_model/pattern_compiler.h"

#include <fmt/format.h>

#include <algorithm>

#include "local_model/pattern_checks.h"

namespace local_model {
namespace {

using Grammar = PatternGrammar;
using Node = PatternNode;

constexpr std::uint32_t kNone = static_cast<std::uint32_t>(-1);
constexpr unsigned kSeveral = 16;  // distance of a slot's second bit from its first

bool overlap(SlotMask a, SlotMask b) { return ((a | a >> kSeveral) & (b | b >> kSeveral) & 0xFFFF) != 0; }

struct Cell {
  SlotMask mask = 0;
  double weight = 0;            // probability that the node produces exactly this mask
  std::uint32_t state = kNone;  // once it is built
};
using Table = std::vector<Cell>;  // ascending masks

Cell* find_cell(Table& table, SlotMask mask) {
  const auto found = std::lower_bound(table.begin(), table.end(), mask,
                                      [](const Cell& cell, SlotMask value) { return cell.mask < value; });
  return found == table.end() || found->mask != mask ? nullptr : &*found;
}

// Adds up cells of equal masks. Weights below what a double can hold are as good as impossible.
Table merged(Table cells) {
  std::stable_sort(cells.begin(), cells.end(), [](const Cell& a, const Cell& b) { return a.mask < b.mask; });
  Table out;
  for (const Cell& cell : cells) {
    if (cell.weight <= 0) continue;
    if (!out.empty() && out.back().mask == cell.mask) {
      out.back().weight += cell.weight;
    } else {
      out.push_back(cell);
    }
  }
  return out;
}

class Compiler {
 public:
  Compiler(const PatternFile& file, const std::vector<PatternDemand>& demands, bool chinese,
           PatternProblems& problems)
      : file_(file),
        demands_(demands),
        chinese_(chinese),
        problems_(problems),
        lengths_(file.nodes.size(), kUnknown),
        text_states_(file.nodes.size(), kNone),
        tables_(file.nodes.size()),
        suffixes_(file.nodes.size()),
        ready_(file.nodes.size()) {}

  Grammar compile() {
    for (const auto& definition : file_.entries) compile_entry(definition);
    std::sort(grammar_.entries.begin(), grammar_.entries.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
    for (auto& entry : grammar_.entries) {
      if (const auto* clause = grammar_.find(entry.name + std::string(kClauseSuffix))) {
        entry.clause = static_cast<std::uint32_t>(clause - grammar_.entries.data());
      }
    }
    return std::move(grammar_);
  }

 private:
  static constexpr std::size_t kUnknown = static_cast<std::size_t>(-1);

  void compile_entry(const PatternDefinition& definition) {
    if (exhausted_) return;
    Grammar::Entry entry;
    entry.name = definition.name;
    if (definition.name == kMultiIntent) {
      entry.slots = {"&[1]", "&[2]"};
      entry.always = 0b11;
    }
    entry_ = &entry;
    allowed_ = allowed_slots(definition.name, demands_);
    if (longest(definition.node) > kMaxUtterance) {
      problems_.add(definition.position, fmt::format("%[{}] makes utterances of more than {} bytes",
                                                     definition.name, kMaxUtterance));
      return;
    }
    Table& root = table(definition.node);
    if (entry.slots.size() > kMaxSlots) {
      problems_.add(definition.position, fmt::format("%[{}] uses {} slots, more than {}", definition.name,
                                                     entry.slots.size(), kMaxSlots));
    } else {
      for (Cell& cell : root) entry.starts.push_back({cell.mask, build(definition.node, cell)});
    }
    if (exhausted_) {
      problems_.add(definition.position,
                    fmt::format("%[{}]: too many combinations of optional slots; write fewer optional parts "
                                "in one line",
                                definition.name));
    }
    grammar_.entries.push_back(std::move(entry));
    for (const std::uint32_t id : touched_) {
      tables_[id] = {};
      suffixes_[id] = {};
      ready_[id] = false;
    }
    touched_.clear();
  }

  // Bytes of pattern text in the longest utterance of a node; every leaf counts, so this bounds the
  // steps of drawing, too.
  std::size_t longest(std::uint32_t id) {
    if (lengths_[id] != kUnknown) return lengths_[id];
    const Node& node = file_.nodes[id];
    std::size_t length = 0;
    switch (node.kind) {
      case Node::Kind::text:
        length = node.text.size();
        break;
      case Node::Kind::sequence:
        length = 1;
        for (const std::uint32_t child : node.children) length += longest(child);
        break;
      case Node::Kind::choice:
      case Node::Kind::alias:
        for (const std::uint32_t child : node.children) length = std::max(length, longest(child));
        break;
      default:
        length = 1;
    }
    // Far above the limit a longer text is no news, and sums can't overflow.
    return lengths_[id] = std::min(length, 2 * kMaxUtterance);
  }

  // --- bottom-up: which masks, how likely

  bool spend(std::size_t work) {
    work_ += work;
    exhausted_ = exhausted_ || work_ > kMaxWork;
    return !exhausted_;
  }

  std::uint32_t slot_bit(const std::string& name) {
    auto& slots = entry_->slots;
    const auto bit = static_cast<std::uint32_t>(std::find(slots.begin(), slots.end(), name) - slots.begin());
    if (bit == slots.size()) slots.push_back(name);
    return bit;
  }

  Table slot_table(const Node& node) {
    if (allowed_ != nullptr && std::find(allowed_->begin(), allowed_->end(), node.text) == allowed_->end()) {
      return {};
    }
    const std::uint32_t bit = slot_bit(node.text);
    if (bit >= kMaxSlots) return {};
    const SlotMask one = SlotMask{1} << bit;
    if (node.kind == Node::Kind::slot) return {{one, 1}};
    return {{one, 1}, {one << kSeveral, 1}};
  }

  Table& table(std::uint32_t id) {
    const Node& node = file_.nodes[id];
    if (node.kind == Node::Kind::alias) return table(node.children[0]);
    if (ready_[id]) return tables_[id];
    ready_[id] = true;
    touched_.push_back(id);
    Table result;
    switch (node.kind) {
      case Node::Kind::text:
        result = {{0, 1}};
        break;
      case Node::Kind::slot:
      case Node::Kind::list:
        result = slot_table(node);
        break;
      case Node::Kind::frame:
        // Only in lines of %[multi_intent], whose first two bits are the frames.
        result = {{node.text == "1" ? SlotMask{1} : SlotMask{2}, 1}};
        break;
      case Node::Kind::sequence:
        result = sequence_table(id, node);
        break;
      default:
        result = choice_table(node);
    }
    spend(result.size());
    return tables_[id] = std::move(result);
  }

  Table choice_table(const Node& node) {
    const double total = sum_of_weights(node);
    Table cells;
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      const Table& child = table(node.children[i]);
      if (!spend(child.size())) return {};
      for (const Cell& cell : child) cells.push_back({cell.mask, cell.weight * node.weights[i] / total});
    }
    return merged(std::move(cells));
  }

  static double sum_of_weights(const Node& node) {
    double total = 0;
    for (const std::uint32_t weight : node.weights) total += weight;
    return total;
  }

  // suffixes_[id][i]: what the children from i on produce together.
  Table sequence_table(std::uint32_t id, const Node& node) {
    std::vector<Table> suffixes(node.children.size() + 1);
    suffixes.back() = {{0, 1}};
    for (std::size_t i = node.children.size(); i-- > 0;) {
      const Table& child = table(node.children[i]);
      const Table& rest = suffixes[i + 1];
      if (!spend(child.size() * rest.size())) return {};
      Table cells;
      for (const Cell& a : child)
        for (const Cell& b : rest)
          if (!overlap(a.mask, b.mask)) cells.push_back({a.mask | b.mask, a.weight * b.weight});
      suffixes[i] = merged(std::move(cells));
    }
    Table all = suffixes[0];
    suffixes_[id] = std::move(suffixes);
    return all;
  }

  // --- top-down: a state for each (node, mask) that is needed

  std::uint32_t build(std::uint32_t id, SlotMask mask) { return build(id, *find_cell(table(id), mask)); }

  std::uint32_t build(std::uint32_t id, Cell& cell) {
    if (cell.state != kNone) return cell.state;
    const Node& node = file_.nodes[id];
    std::uint32_t state = Grammar::kEmpty;
    switch (node.kind) {
      case Node::Kind::text:
        state = text_state(id, node);
        break;
      case Node::Kind::slot:
        state = grammar_.add_leaf(Grammar::Kind::slot, slot_bit(node.text));
        break;
      case Node::Kind::list:
        state = grammar_.add_leaf(Grammar::Kind::list, slot_bit(node.text));
        break;
      case Node::Kind::frame:
        state = grammar_.add_leaf(Grammar::Kind::frame, node.text == "1" ? 0u : 1u);
        break;
      case Node::Kind::sequence:
        state = build_sequence(id, 0, cell.mask);
        break;
      case Node::Kind::choice:
        state = build_choice(node, cell.mask);
        break;
      case Node::Kind::alias:
        return build(node.children[0], cell);
    }
    return cell.state = state;
  }

  std::uint32_t text_state(std::uint32_t id, const Node& node) {
    if (text_states_[id] == kNone) text_states_[id] = grammar_.add_text(make_piece(node.text, chinese_));
    return text_states_[id];
  }

  std::uint32_t build_choice(const Node& node, SlotMask mask) {
    std::vector<Grammar::Weighted> options;
    if (!spend(node.children.size())) return Grammar::kEmpty;
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      Cell* cell = find_cell(table(node.children[i]), mask);
      if (cell == nullptr) continue;
      options.push_back({cell->weight * node.weights[i], build(node.children[i], *cell)});
    }
    return grammar_.add_choice(options);
  }

  // The children from `at` on, which have to produce `mask`. As far as there is one way to divide the
  // mask among them they are one sequence; where there are several, a choice among the ways ends it.
  std::uint32_t build_sequence(std::uint32_t id, std::size_t at, SlotMask mask) {
    Cell& start = *find_cell(suffixes_[id][at], mask);
    if (start.state != kNone) return start.state;
    const auto& children = file_.nodes[id].children;
    std::vector<std::uint32_t> parts;
    for (; at < children.size(); ++at) {
      const std::vector<SlotMask> shares = possible_shares(children[at], suffixes_[id][at + 1], mask);
      if (!spend(shares.size() + 1)) return Grammar::kEmpty;
      if (shares.size() > 1) {
        parts.push_back(build_split(id, at, mask, shares));
        break;
      }
      parts.push_back(build(children[at], shares[0]));
      mask &= ~shares[0];
    }
    return start.state = grammar_.add_sequence(parts);
  }

  // What the child may take of `mask` so that the rest can do with what is left.
  std::vector<SlotMask> possible_shares(std::uint32_t child, Table& rest, SlotMask mask) {
    std::vector<SlotMask> shares;
    const Table& cells = table(child);
    spend(cells.size());
    for (const Cell& cell : cells) {
      if ((cell.mask & ~mask) == 0 && find_cell(rest, mask & ~cell.mask) != nullptr)
        shares.push_back(cell.mask);
    }
    return shares;
  }

  std::uint32_t build_split(std::uint32_t id, std::size_t at, SlotMask mask,
                            const std::vector<SlotMask>& shares) {
    const std::uint32_t child = file_.nodes[id].children[at];
    std::vector<Grammar::Weighted> options;
    for (const SlotMask share : shares) {
      Cell& mine = *find_cell(table(child), share);
      const double weight = mine.weight * find_cell(suffixes_[id][at + 1], mask & ~share)->weight;
      const std::uint32_t first = build(child, mine);
      options.push_back({weight, grammar_.add_sequence({first, build_sequence(id, at + 1, mask & ~share)})});
    }
    return grammar_.add_choice(options);
  }

  const PatternFile& file_;
  const std::vector<PatternDemand>& demands_;
  const bool chinese_;
  PatternProblems& problems_;

  Grammar grammar_;
  std::size_t work_ = 0;
  bool exhausted_ = false;
  std::vector<std::size_t> lengths_;
  std::vector<std::uint32_t> text_states_;

  // Of the entry that is being compiled; indexed by node, never resized, so references stay good.
  Grammar::Entry* entry_ = nullptr;
  const std::vector<std::string>* allowed_ = nullptr;
  std::vector<Table> tables_;
  std::vector<std::vector<Table>> suffixes_;
  std::vector<char> ready_;
  std::vector<std::uint32_t> touched_;
};

}  // namespace

PatternGrammar compile_patterns(const PatternFile& file, const std::vector<PatternDemand>& demands,
                                bool chinese, PatternProblems& problems) {
  return Compiler(file, demands, chinese, problems).compile();
}

}  // namespace local_model
