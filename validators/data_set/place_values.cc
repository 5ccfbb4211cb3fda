#include "validators/data_set/place_values.h"

#include <fmt/format.h>
#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <atomic>
#include <map>

#include "base/text.h"
#include "base/unicode.h"
#include "validators/surface.h"

namespace validators {
namespace {

// Without a job: a slot's values are expected in the text if so many are there.
constexpr std::size_t kFewestFound = 20;
constexpr std::size_t kMissedOneIn = 20;

struct Taken {
  std::vector<Span> spans;
  bool free(const Span& place) const {
    return std::none_of(spans.begin(), spans.end(), [&](const Span& other) {
      return place.start < other.end && other.start < place.end;
    });
  }
};

std::vector<Span> verbatim(std::u32string_view text, std::u32string_view value) {
  std::vector<Span> places;
  for (std::size_t at = text.find(value); at != std::u32string_view::npos; at = text.find(value, at + 1))
    places.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at + value.size())});
  return places;
}

bool is_word(std::u32string_view text, const Span& place) {
  const auto joined = [&](std::size_t at) {
    const auto latin = [](char32_t c) { return base::is_alphanumeric(c) && !base::is_han(c); };
    return latin(text[at - 1]) && latin(text[at]);
  };
  return !(place.start > 0 && joined(place.start)) && !(place.end < text.size() && joined(place.end));
}

class Placer {
 public:
  explicit Placer(const prompts::Job& job) : job_(job) {
    const bool simplify = job.chinese() && !job.language.starts_with("zh-Hant");
    open_ = prompts::SlotType::of_values("", prompts::SlotType::Form::values, {}, true, simplify);
    prompts::NumberRange range;
    range.low = -1000000000;
    range.high = 1000000000;
    range.written = {prompts::Written::arabic, prompts::Written::cjk};
    number_ = prompts::SlotType::of_numbers("", range, job.language);
  }

  void place(datasets::Row& row) const {
    std::vector<datasets::Slot*> open;
    Taken taken;
    for (datasets::Frame& frame : row.frames)
      for (datasets::Slot& slot : frame.slots) {
        if (datasets::is_placed(slot)) {
          taken.spans.push_back({slot.start, slot.end});
        } else {
          open.push_back(&slot);
        }
      }
    if (open.empty()) return;
    const std::u32string text = base::to_utf32(row.text);
    // Longer values first: 客厅 may stand in 客厅灯, which is another slot's.
    std::stable_sort(open.begin(), open.end(), [](const datasets::Slot* a, const datasets::Slot* b) {
      return a->value.size() > b->value.size();
    });
    for (const bool spoken : {false, true})
      for (const datasets::Frame& frame : row.frames)
        for (datasets::Slot* slot : open)
          if (!datasets::is_placed(*slot) && belongs(frame, slot)) find(frame, text, spoken, *slot, taken);
    for (datasets::Frame& frame : row.frames)
      std::stable_sort(frame.slots.begin(), frame.slots.end(),
                       [](const datasets::Slot& a, const datasets::Slot& b) { return a.start < b.start; });
  }

 private:
  static bool belongs(const datasets::Frame& frame, const datasets::Slot* slot) {
    return !frame.slots.empty() && slot >= frame.slots.data() &&
           slot < frame.slots.data() + frame.slots.size();
  }

  const prompts::SlotType& type_of(const datasets::Frame& frame, const datasets::Slot& slot) const {
    if (const prompts::Intent* intent = job_.find_intent(frame.intent))
      if (const prompts::IntentSlot* known = intent->find_slot(slot.name))
        return job_.slot_types[known->type];
    return *open_;
  }

  void find(const datasets::Frame& frame, std::u32string_view text, bool spoken, datasets::Slot& slot,
            Taken& taken) const {
    std::vector<Span> places;
    if (!spoken) {
      places = verbatim(text, base::to_utf32(slot.value));
      std::stable_partition(places.begin(), places.end(), [&](const Span& p) { return is_word(text, p); });
    } else {
      const prompts::SlotType& type = type_of(frame, slot);
      places = find_value(type, slot.value, text, taken.spans);
      if (places.empty() && !type.is_number()) places = find_value(*number_, slot.value, text, taken.spans);
    }
    for (const Span& place : places) {
      if (!taken.free(place)) continue;
      slot.start = place.start;
      slot.end = place.end;
      slot.text = base::to_utf8(text.substr(place.start, place.end - place.start));
      taken.spans.push_back(place);
      return;
    }
  }

  const prompts::Job& job_;
  std::optional<prompts::SlotType> open_;
  std::optional<prompts::SlotType> number_;
};

}  // namespace

void place_values(const prompts::Job& job, bool known, DataSet& set) {
  std::vector<std::uint8_t> missing(set.rows.size(), 0);
  std::vector<std::uint8_t> asked(set.rows.size(), 0);
  const Placer placer(job);
  tbb::parallel_for(tbb::blocked_range<std::size_t>(0, set.rows.size(), 256), [&](const auto& range) {
    const auto unplaced = [](const datasets::Row& row) {
      for (const datasets::Frame& frame : row.frames)
        for (const datasets::Slot& slot : frame.slots)
          if (!datasets::is_placed(slot)) return true;
      return false;
    };
    for (std::size_t i = range.begin(); i < range.end(); ++i) {
      datasets::Row& row = set.rows[i].row;
      if (!unplaced(row)) continue;
      asked[i] = 1;
      placer.place(row);
      missing[i] = unplaced(row) ? 1 : 0;
    }
  });
  struct Count {
    std::size_t found = 0;
    std::size_t missed = 0;
  };
  std::map<std::string, Count> counts;
  for (std::size_t i = 0; i < set.rows.size(); ++i)
    if (asked[i] != 0)
      for (const datasets::Frame& frame : set.rows[i].row.frames)
        for (const datasets::Slot& slot : frame.slots) {
          Count& count = counts[slot.name];
          ++(datasets::is_placed(slot) ? count.found : count.missed);
        }
  for (std::size_t i = 0; i < set.rows.size(); ++i) {
    if (missing[i] == 0) continue;
    DataRow& data = set.rows[i];
    for (const datasets::Frame& frame : data.row.frames)
      for (const datasets::Slot& slot : frame.slots) {
        if (datasets::is_placed(slot)) continue;
        const Count& count = counts[slot.name];
        const bool expected = count.found >= kFewestFound && count.missed * kMissedOneIn <= count.found;
        const bool fault = known || expected;
        set.faults.push_back({data.file, data.place, Verdict::value_not_in_text, !fault, false,
                              fmt::format("{}: `{}` isn't in the text", slot.name, slot.value)});
        if (fault && data.verdict == Verdict::accepted) data.verdict = Verdict::value_not_in_text;
      }
  }
}

}  // namespace validators
