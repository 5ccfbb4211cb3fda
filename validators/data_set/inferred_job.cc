#include "validators/data_set/inferred_job.h"

#include <algorithm>
#include <array>
#include <limits>
#include <unordered_map>

#include "base/text.h"
#include "base/unicode.h"

namespace validators {
namespace {

constexpr std::size_t kMostAsked = 20000;  // rows that a language is taken from, evenly spread

struct Letters {
  std::size_t han = 0;
  std::size_t latin = 0;
  std::size_t other = 0;
};

bool has_english_word(std::string_view text) {
  static constexpr std::array<std::string_view, 24> kWords = {
      "the", "a",    "an", "to", "is",   "in",   "of",   "for", "my",   "me",   "on",  "and",
      "i",   "what", "it", "at", "play", "from", "this", "add", "will", "with", "you", "please"};
  const std::string folded = base::fold(text);
  for (const std::string_view word : base::split(folded, ' '))
    if (std::find(kWords.begin(), kWords.end(), base::trim(word)) != kWords.end()) return true;
  return false;
}

}  // namespace

std::string detect_language(const DataSet& set) {
  Letters letters;
  std::size_t asked = 0;
  std::size_t chinese = 0;
  std::size_t traditional = 0;
  std::size_t english = 0;
  const std::size_t step = set.rows.size() / kMostAsked + 1;
  for (std::size_t i = 0; i < set.rows.size(); i += step) {
    const std::string& text = set.rows[i].row.text;
    ++asked;
    bool han = false;
    for (std::size_t at = 0; at < text.size();) {
      const char32_t c = base::next_code_point(text, at);
      if (c == base::kInvalidCodePoint || !base::is_alphanumeric(c)) continue;
      switch (base::script_of(c)) {
        case base::Script::han:
          ++letters.han;
          han = true;
          break;
        case base::Script::latin:
          ++letters.latin;
          break;
        case base::Script::other:
          ++letters.other;
          break;
        case base::Script::common:
          break;
      }
    }
    if (han) {
      ++chinese;
      if (base::has_traditional(text)) ++traditional;
    } else if (has_english_word(text)) {
      ++english;
    }
  }
  const std::size_t all = letters.han + letters.latin + letters.other;
  if (all == 0 || letters.other * 5 > all) return "und";
  if (letters.han * 4 > all) return traditional * 2 > chinese ? "zh-Hant" : "zh-Hans";
  return english * 5 > asked ? "en" : "und";
}

prompts::Job infer_job(const DataSet& set) {
  prompts::Job job;
  job.language = detect_language(set);
  job.per_template = 0;
  job.check.max_length = 2000;
  const bool simplify = job.chinese() && !job.language.starts_with("zh-Hant");
  std::unordered_map<std::string, std::size_t> intents;
  std::unordered_map<std::string, std::size_t> types;
  for (const DataRow& data : set.rows)
    for (const datasets::Frame& frame : data.row.frames) {
      const auto [at, added] = intents.emplace(frame.intent, job.intents.size());
      if (added) job.intents.emplace_back().name = frame.intent;
      prompts::Intent& intent = job.intents[at->second];
      for (const datasets::Slot& slot : frame.slots) {
        if (intent.find_slot(slot.name) != nullptr) continue;
        const auto [type, new_type] = types.emplace(slot.name, job.slot_types.size());
        if (new_type)
          job.slot_types.push_back(
              prompts::SlotType::of_values(slot.name, prompts::SlotType::Form::values, {}, true, simplify));
        intent.slots.push_back({slot.name, type->second, false, true});
      }
    }
  return job;
}

}  // namespace validators
