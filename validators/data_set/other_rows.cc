#include "validators/data_set/other_rows.h"

#include <fmt/format.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/parallel_sort.h>

#include <span>
#include <unordered_map>

#include "validators/duplicates/near_batch.h"

namespace validators {
namespace {

std::string intents_of(const datasets::Row& row) {
  std::string out;
  for (const datasets::Frame& frame : row.frames) (out += out.empty() ? "" : "+") += frame.intent;
  return out.empty() ? "none" : out;
}

class OtherRows {
 public:
  OtherRows(const std::vector<RowKeys>& keys, const OtherRowRules& rules, DataSet& set)
      : keys_(keys), rules_(rules), set_(set) {}

  void check() {
    for (std::uint32_t i = 0; i < set_.rows.size(); ++i)
      if (set_.rows[i].verdict == Verdict::accepted) order_.push_back(i);
    check_texts();
    if (rules_.near > 0 || rules_.per_template > 0) check_lanes();
  }

 private:
  std::string place(std::uint32_t row) const {
    return set_.place_of(set_.rows[row].file, set_.rows[row].place);
  }

  void fault(std::uint32_t row, Verdict verdict, std::string what, bool note = false) {
    DataRow& data = set_.rows[row];
    set_.faults.push_back({data.file, data.place, verdict, note, false, std::move(what)});
    if (!note) data.verdict = verdict;
  }

  // Rows of one text stand together, in their order.
  void check_texts() {
    tbb::parallel_sort(order_.begin(), order_.end(), [&](std::uint32_t a, std::uint32_t b) {
      return keys_[a].text != keys_[b].text ? keys_[a].text < keys_[b].text : a < b;
    });
    for (std::size_t begin = 0; begin < order_.size();) {
      std::size_t end = begin + 1;
      while (end < order_.size() && keys_[order_[end]].text == keys_[order_[begin]].text) ++end;
      if (end - begin > 1) check_text(std::span(order_).subspan(begin, end - begin));
      begin = end;
    }
  }

  void check_text(std::span<const std::uint32_t> rows) {
    const auto other = [&](std::uint32_t row) {
      for (const std::uint32_t candidate : rows)
        if (keys_[candidate].intents != keys_[row].intents) return candidate;
      return row;
    };
    if (other(rows.front()) != rows.front()) {
      for (const std::uint32_t row : rows) {
        const std::uint32_t against = other(row);
        fault(row, Verdict::conflict,
              fmt::format("{} here, {} at {}", intents_of(set_.rows[row].row),
                          intents_of(set_.rows[against].row), place(against)));
      }
      return;
    }
    const std::uint32_t first = rows.front();
    for (const std::uint32_t row : rows.subspan(1)) {
      const bool same = keys_[row].values == keys_[first].values;
      fault(row, Verdict::duplicate,
            fmt::format("of {}{}", place(first), same ? "" : ", which has other slots"));
    }
  }

  // Rows of one intent, as they would commit one after the other.
  void check_lanes() {
    std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> lanes;
    std::vector<std::uint64_t> names;  // in the order of their first row
    for (std::uint32_t i = 0; i < set_.rows.size(); ++i) {
      if (set_.rows[i].verdict != Verdict::accepted) continue;
      auto& rows = lanes[keys_[i].intents];
      if (rows.empty()) names.push_back(keys_[i].intents);
      rows.push_back(i);
    }
    for (const std::uint64_t name : names) check_lane(lanes[name]);
  }

  void check_lane(const std::vector<std::uint32_t>& rows) {
    std::unordered_map<std::uint64_t, std::int64_t> templates;
    const auto repeated = [&](std::uint32_t row) {
      std::int64_t& count = templates[keys_[row].template_hash];
      if (rules_.per_template > 0 && count >= rules_.per_template) {
        fault(row, Verdict::template_repeated,
              fmt::format("{} rows before it have its wording: {}", count, set_.rows[row].row.template_text),
              rules_.notes);
        return true;
      }
      ++count;
      return false;
    };
    if (rules_.near <= 0) {
      for (const std::uint32_t row : rows) repeated(row);
      return;
    }
    std::vector<std::vector<Token>> tokens(rows.size());
    tbb::parallel_for(std::size_t{0}, rows.size(),
                      [&](std::size_t i) { shingle(set_.rows[rows[i]].row.template_text, tokens[i]); });
    const std::vector<std::span<const Token>> batch(tokens.begin(), tokens.end());
    NearIndex index(rules_.near);
    std::vector<std::uint32_t> added;  // by number in the index
    add_batch(index, batch, [&](std::size_t i, std::span<const std::uint32_t> neighbours) {
      const std::uint32_t row = rows[i];
      for (const std::uint32_t neighbour : neighbours)
        if (keys_[added[neighbour]].values == keys_[row].values) {
          fault(row, Verdict::near_duplicate,
                fmt::format("of {}: {}", place(added[neighbour]), set_.rows[added[neighbour]].row.text),
                rules_.notes);
          return false;
        }
      if (rules_.per_template > 0 && static_cast<std::int64_t>(neighbours.size()) >= rules_.per_template) {
        fault(row, Verdict::template_repeated,
              fmt::format("{} rows before it have nearly its wording, the first is {}", neighbours.size(),
                          place(added[neighbours.front()])),
              rules_.notes);
        return false;
      }
      if (repeated(row)) return false;
      added.push_back(row);
      return true;
    });
  }

  const std::vector<RowKeys>& keys_;
  const OtherRowRules& rules_;
  DataSet& set_;
  std::vector<std::uint32_t> order_;
};

}  // namespace

void check_other_rows(const std::vector<RowKeys>& keys, const OtherRowRules& rules, DataSet& set) {
  OtherRows(keys, rules, set).check();
}

}  // namespace validators
