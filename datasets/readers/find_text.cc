#include "datasets/readers/find_text.h"

#include "base/text.h"
#include "base/unicode.h"

namespace datasets {

std::optional<std::string_view> substring(std::string_view text, std::uint32_t start, std::uint32_t end) {
  if (start > end) return std::nullopt;
  std::size_t at = 0;
  std::uint32_t point = 0;
  const auto go_to = [&](std::uint32_t target) {
    for (; point < target && at < text.size(); ++point) base::next_code_point(text, at);
    return point == target;
  };
  if (!go_to(start)) return std::nullopt;
  const std::size_t begin = at;
  if (!go_to(end)) return std::nullopt;
  return text.substr(begin, at - begin);
}

std::vector<std::uint32_t> find_text(std::string_view text, std::string_view part) {
  std::vector<std::uint32_t> places;
  std::size_t counted = 0;
  std::uint32_t point = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos;
       at = text.find(part, at + part.size())) {
    point += static_cast<std::uint32_t>(base::count_code_points(text.substr(counted, at - counted)));
    counted = at;
    places.push_back(point);
  }
  return places;
}

std::vector<std::uint32_t> find_words(std::string_view text, std::string_view part) {
  std::vector<std::uint32_t> places = find_text(text, part);
  if (places.size() < 2) return places;
  const std::u32string points = base::to_utf32(text);
  const std::size_t size = base::count_code_points(part);
  const auto joined = [&](std::size_t at) {
    const auto in_word = [&](char32_t c) { return base::is_alphanumeric(c) && !base::is_han(c); };
    return at > 0 && at < points.size() && in_word(points[at - 1]) && in_word(points[at]);
  };
  std::vector<std::uint32_t> whole;
  for (const std::uint32_t place : places)
    if (!joined(place) && !joined(place + size)) whole.push_back(place);
  return whole.empty() ? places : whole;
}

}  // namespace datasets
