#include "validators/data_set/slot_disagreement.h"

#include <fmt/format.h>
#include <oneapi/tbb/parallel_sort.h>

#include <tuple>
#include <unordered_map>

#include "base/hash.h"
#include "base/text.h"
#include "base/unicode.h"

namespace validators {
namespace {

constexpr std::size_t kFewest = 10;
constexpr std::size_t kOneIn = 10;     // a minority of at most one in so many
constexpr std::size_t kMostMeant = 2;  // uses of the slot that has few

struct Use {
  std::uint64_t value = 0;  // hash of the folded surface
  std::uint32_t slot = 0;   // number of its name
  std::uint32_t row = 0;
  auto key() const { return std::tie(value, slot, row); }
};

bool has_letter(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = base::next_code_point(text, at);
    if (c != base::kInvalidCodePoint && base::is_alphanumeric(c) &&
        base::script_of(c) != base::Script::common)
      return true;
  }
  return false;
}

}  // namespace

void note_slot_disagreement(DataSet& set) {
  std::unordered_map<std::string, std::uint32_t> numbers;
  std::vector<std::string> names;
  std::vector<Use> uses;
  for (std::uint32_t i = 0; i < set.rows.size(); ++i)
    for (const datasets::Frame& frame : set.rows[i].row.frames)
      for (const datasets::Slot& slot : frame.slots) {
        if (!datasets::is_placed(slot) || !has_letter(slot.text)) continue;
        const auto [at, added] = numbers.emplace(slot.name, static_cast<std::uint32_t>(names.size()));
        if (added) names.push_back(slot.name);
        uses.push_back({base::hash64(base::fold(slot.text)), at->second, i});
      }
  tbb::parallel_sort(uses.begin(), uses.end(), [](const Use& a, const Use& b) { return a.key() < b.key(); });
  for (std::size_t begin = 0; begin < uses.size();) {
    std::size_t end = begin;
    std::size_t most = 0;  // uses of the slot that has the most
    std::uint32_t usual = 0;
    while (end < uses.size() && uses[end].value == uses[begin].value) {
      std::size_t next = end;
      while (next < uses.size() && uses[next].value == uses[end].value && uses[next].slot == uses[end].slot)
        ++next;
      if (next - end > most) {
        most = next - end;
        usual = uses[end].slot;
      }
      end = next;
    }
    const std::size_t all = end - begin;
    if (all >= kFewest && most < all && (all - most) * kOneIn <= all)
      for (std::size_t i = begin; i < end; ++i) {
        const auto same = [&](std::size_t other) {
          return other >= begin && other < end && uses[other].slot == uses[i].slot;
        };
        if (uses[i].slot == usual || same(i + kMostMeant) || (same(i - 1) && same(i + 1)) ||
            same(i - kMostMeant))
          continue;
        const DataRow& data = set.rows[uses[i].row];
        for (const datasets::Frame& frame : data.row.frames)
          for (const datasets::Slot& slot : frame.slots) {
            if (slot.name != names[uses[i].slot] || !datasets::is_placed(slot) ||
                base::hash64(base::fold(slot.text)) != uses[i].value)
              continue;
            set.faults.push_back({data.file, data.place, Verdict::slot_disagreement, true, false,
                                  fmt::format("{}: `{}` is {} in {} of {} places", slot.name, slot.text,
                                              names[usual], most, all)});
          }
      }
    begin = end;
  }
}

}  // namespace validators
