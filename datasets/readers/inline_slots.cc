#include "datasets/readers/inline_slots.h"

#include <fmt/format.h>

#include "base/text.h"
#include "base/unicode.h"

namespace datasets {

base::Status read_inline_slots(std::string_view annotated, Utterance& out) {
  const auto place = [&](std::size_t at) { return base::count_code_points(annotated.substr(0, at)) + 1; };
  for (std::size_t at = 0; at < annotated.size();) {
    const std::size_t bracket = annotated.find_first_of("[]", at);
    out.text(annotated.substr(at, bracket == std::string_view::npos ? bracket : bracket - at));
    if (bracket == std::string_view::npos) break;
    if (annotated[bracket] == ']')
      return base::bad_input(fmt::format("character {}: `]` without `[`", place(bracket)));
    const std::size_t end = annotated.find_first_of("[]", bracket + 1);
    if (end == std::string_view::npos)
      return base::bad_input(fmt::format("character {}: `[` is never closed", place(bracket)));
    if (annotated[end] == '[')
      return base::bad_input(fmt::format("character {}: `[` inside a slot", place(end)));
    const std::string_view inside = annotated.substr(bracket + 1, end - bracket - 1);
    const std::size_t colon = inside.find(':');
    if (colon == std::string_view::npos)
      return base::bad_input(
          fmt::format("character {}: a slot without a colon: [{}]", place(bracket), inside));
    const std::string_view name = base::trim_white_space(inside.substr(0, colon));
    std::string_view value = inside.substr(colon + 1);
    if (name.empty() || base::trim_white_space(value).empty())
      return base::bad_input(fmt::format("character {}: a slot without a {}: [{}]", place(bracket),
                                         name.empty() ? "name" : "value", inside));
    value = base::trim_white_space(value);
    out.slot(name, value);
    at = end + 1;
  }
  return {};
}

}  // namespace datasets
