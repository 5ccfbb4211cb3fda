// Values in all their written forms. The first line is the planned value, the second what a model wrote,
// the rest a text in which the value is looked for.
#include "validators/surface.h"

#include <array>

#include "prompts/numbers.h"
#include "tests/fuzz/claim.h"

namespace {

using prompts::SlotType;

const std::array<SlotType, 4>& types() {
  static const std::array<SlotType, 4> all = {
      SlotType::of_numbers(
          "level", {0, 100, 1, {prompts::Written::arabic, prompts::Written::cjk, prompts::Written::percent}},
          "zh-Hans"),
      SlotType::of_numbers("level", {-20, 1000000, 5, {prompts::Written::arabic, prompts::Written::words}},
                           "en"),
      SlotType::of_values("device", SlotType::Form::values,
                          {{"主屏", "主屏"}, {"话筒", "麦克风"}, {"mic", "麦克风"}, {"HDMI 1", "HDMI 1"}},
                          false, true),
      SlotType::of_values("tool", SlotType::Form::values, {{"C++", "C++"}, {"C#", "C#"}, {"三十度", "30°"}},
                          true, false)};
  return all;
}

void check_number(std::string_view text) {
  const auto number = prompts::read_number(text);
  if (!number) {
    CLAIM(!prompts::is_percentage(text));
    return;
  }
  for (const char* language : {"zh-Hans", "en"})
    for (const auto form : {prompts::Written::arabic, prompts::Written::percent,
                            *language == 'z' ? prompts::Written::cjk : prompts::Written::words})
      for (const std::string& written : prompts::write_number(*number, form, language)) {
        CLAIM(prompts::read_number(written) == number);
        CLAIM(prompts::is_percentage(written) == (form == prompts::Written::percent));
      }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest = fuzz::view(data, size);
  check_number(rest);
  const std::string planned = fuzz::well_formed(fuzz::take_line(rest));
  const std::string written = fuzz::well_formed(fuzz::take_line(rest));
  const std::u32string text = base::to_utf32(rest);
  check_number(planned);

  const std::string_view tight = validators::tighten(planned, written);
  CLAIM(written.find(tight) != std::string::npos && base::is_valid_utf8(tight));
  for (const SlotType& type : types()) {
    CLAIM(validators::same_value(type, planned, planned));
    CLAIM(validators::same_value(type, planned, written) == validators::same_value(type, written, planned));
    std::uint32_t last = 0;
    for (const validators::Span& span : validators::find_value(type, planned, text)) {
      CLAIM(last <= span.start && span.start < span.end && span.end <= text.size());
      last = span.end;
    }
    for (const std::string& surface : {planned, written})
      if (type.check(surface) == prompts::ValueFault::none && !type.open()) CLAIM(type.canonical(surface));
  }
  return 0;
}
