#include "validators/surface.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "base/unicode.h"
#include "prompts/numbers.h"
#include "validators/spoken_form.h"

namespace validators {
namespace {

/// Of larger catalogues only the planned surface is looked for, not its synonyms.
constexpr std::uint64_t kMostSurfaces = 4096;

// Punctuation that a sentence puts around a value, as opposed to what belongs to one (C++, 20%, #5).
constexpr std::u32string_view kAround = U"。，、！？；：,.!?;:\"'“”‘’「」『』《》〈〉（）()【】…~";

bool is_around(char32_t c) { return kAround.find(c) != std::u32string_view::npos || base::is_white_space(c); }

/// The characters of a form, without what a sentence puts around a value.
std::u32string bare(const SpokenForm& form) {
  auto first = form.begin();
  auto last = form.end();
  while (first != last && is_around(first->c)) ++first;
  while (first != last && is_around((last - 1)->c)) --last;
  std::u32string out;
  for (; first != last; ++first) out += first->c;
  return out;
}

std::u32string whole(const SpokenForm& form) {
  std::u32string out;
  for (const FormCharacter& e : form) out += e.c;
  return out;
}

/// `10 am` and `10am`, `HDMI 1` and `HDMI1`: a space between a letter and a digit says nothing.
void drop_idle_spaces(std::u32string& text) {
  const auto letter = [](char32_t c) { return c >= U'a' && c <= U'z'; };
  std::size_t kept = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == U' ' && kept > 0 && i + 1 < text.size()) {
      const char32_t before = text[kept - 1];
      const char32_t after = text[i + 1];
      if ((letter(before) && is_digit(after)) || (is_digit(before) && (letter(after) || after == U'%')))
        continue;
    }
    text[kept++] = text[i];
  }
  text.resize(kept);
}

bool is_latin(char32_t c) { return base::is_alphanumeric(c) && base::script_of(c) == base::Script::latin; }

/// Of the text that was asked about last on this thread: the values of ten plans are looked for in one
/// utterance after the other.
const SpokenForm& form_of(std::u32string_view text) {
  thread_local std::u32string last;
  thread_local SpokenForm form;
  if (text.empty() || last != text) {
    form = spoken_form(text);
    last = text;
  }
  return form;
}

/// `form` must outlive it.
class Finder {
 public:
  Finder(const SpokenForm& form, bool number) : form_(form), number_(number) {}

  void find(std::u32string_view pattern, std::vector<Span>& out) const {
    if (pattern.empty() || pattern.size() > form_.size()) return;
    for (std::size_t i = 0; i + pattern.size() <= form_.size(); ++i) {
      if (form_[i].c != pattern[0] || !form_[i].first) continue;
      std::size_t k = 1;
      while (k < pattern.size() && form_[i + k].c == pattern[k]) ++k;
      if (k < pattern.size() || !form_[i + k - 1].last) continue;
      if (!cuts_before(i) && !cuts_after(i + k)) out.push_back({form_[i].start, form_[i + k - 1].end});
    }
  }

 private:
  char32_t at(std::size_t i) const { return i < form_.size() ? form_[i].c : 0; }
  char32_t before(std::size_t i, std::size_t distance) const {
    return i >= distance ? form_[i - distance].c : 0;
  }

  static bool joins_digits(char32_t c) { return c == U'.' || c == U',' || c == U':'; }

  bool cuts_before(std::size_t i) const {
    const char32_t first = at(i);
    const char32_t previous = before(i, 1);
    if (is_digit(first)) {
      if (is_digit(previous) || is_latin(previous)) return true;
      if (joins_digits(previous) && is_digit(before(i, 2))) return true;
      return previous == U'-' && !is_digit(before(i, 2)) && !is_latin(before(i, 2));
    }
    if (first == U'-') return is_digit(previous) || is_latin(previous);  // a hyphen, no sign
    return is_latin(first) && is_latin(previous);
  }

  /// A number may be followed by its unit: 30db.
  bool cuts_after(std::size_t end) const {
    const char32_t last = before(end, 1);
    const char32_t next = at(end);
    if (is_digit(last)) {
      if (is_digit(next) || next == U'%' || (!number_ && is_latin(next))) return true;
      return joins_digits(next) && is_digit(at(end + 1));
    }
    return is_latin(last) && (is_latin(next) || is_digit(next));
  }

  const SpokenForm& form_;
  bool number_;
};

void add_pattern(std::u32string pattern, std::vector<std::u32string>& patterns) {
  if (!pattern.empty() && std::find(patterns.begin(), patterns.end(), pattern) == patterns.end())
    patterns.push_back(std::move(pattern));
}

void add_surface(std::string_view surface, std::vector<std::u32string>& patterns) {
  const SpokenForm form = spoken_form(base::to_utf32(surface));
  add_pattern(whole(form), patterns);
  add_pattern(bare(form), patterns);
}

std::vector<std::u32string> patterns_of(const prompts::SlotType& type, std::string_view planned) {
  std::vector<std::u32string> patterns;
  if (type.is_number()) {
    if (const auto number = prompts::read_number(planned)) {
      const std::string digits = std::to_string(*number);
      const std::u32string wide(digits.begin(), digits.end());
      return {wide, wide + U'%'};
    }
  }
  add_surface(planned, patterns);
  const auto canonical = type.is_number() ? std::nullopt : type.canonical(planned);
  if (!canonical) return patterns;
  const std::uint64_t size = type.size();
  for (std::uint64_t i = 0; size <= kMostSurfaces && i < size; ++i) {
    const prompts::Value value = type.value(i);
    if (value.canonical == *canonical) add_surface(value.text, patterns);
  }
  return patterns;
}

/// Longest first where they overlap; then by place.
std::vector<Span> without_overlaps(std::vector<Span> spans) {
  std::stable_sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) {
    return a.end - a.start != b.end - b.start ? a.end - a.start > b.end - b.start : a.start < b.start;
  });
  std::uint32_t length = 0;
  for (const Span& span : spans) length = std::max(length, span.end);
  std::vector<bool> taken(length);
  std::vector<Span> kept;
  for (const Span& span : spans) {
    // A shorter one can't contain a longer one, so its ends tell.
    if (taken[span.start] || taken[span.end - 1]) continue;
    std::fill(taken.begin() + span.start, taken.begin() + span.end, true);
    kept.push_back(span);
  }
  std::sort(kept.begin(), kept.end(), [](const Span& a, const Span& b) { return a.start < b.start; });
  return kept;
}

}  // namespace

bool same_value(const prompts::SlotType& type, std::string_view planned, std::string_view written) {
  if (planned == written) return true;
  const auto planned_number = prompts::read_number(planned);
  const auto written_number = prompts::read_number(written);
  if (planned_number && written_number) {
    if (*planned_number != *written_number) return false;
    if (type.is_number()) return true;
    if (prompts::is_percentage(planned) != prompts::is_percentage(written)) return false;
  } else if (type.is_number() && planned_number.has_value() != written_number.has_value()) {
    return false;
  }
  const SpokenForm planned_form = spoken_form(base::to_utf32(planned));
  const SpokenForm written_form = spoken_form(base::to_utf32(written));
  std::u32string a = bare(planned_form);
  std::u32string b = bare(written_form);
  drop_idle_spaces(a);
  drop_idle_spaces(b);
  if (a == b) return !a.empty() || whole(planned_form) == whole(written_form);
  // Equal but for a sign that belongs to the value (C++ and C#), which a catalogue can't tell apart.
  if (base::normalise(planned, true) == base::normalise(written, true)) return false;
  const auto canonical = type.canonical(planned);
  return canonical && type.canonical(written) == canonical;
}

std::string_view tighten(std::string_view planned, std::string_view written) {
  const std::u32string plan = base::to_utf32(planned);
  const bool front = !plan.empty() && is_around(plan.front());
  const bool back = !plan.empty() && is_around(plan.back());
  std::size_t first = written.size();
  std::size_t last = 0;
  for (std::size_t at = 0; at < written.size();) {
    const std::size_t start = at;
    const char32_t c = base::next_code_point(written, at);
    if (base::is_white_space(c)) continue;
    if (front || !is_around(c)) first = std::min(first, start);
    if (back || !is_around(c)) last = at;
  }
  return first < last ? written.substr(first, last - first) : written;
}

std::vector<Span> find_value(const prompts::SlotType& type, std::string_view planned,
                             std::u32string_view text, const std::vector<Span>& others) {
  const Finder finder(form_of(text), type.is_number());
  std::vector<Span> spans;
  for (const std::u32string& pattern : patterns_of(type, planned)) finder.find(pattern, spans);
  if (spans.size() > 1) spans = without_overlaps(std::move(spans));
  std::erase_if(spans, [&](const Span& span) { return !is_whole_value(type, text, span, others); });
  return spans;
}

}  // namespace validators
