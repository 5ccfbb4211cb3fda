#include "datasets/readers/find_text.h"

#include "base/text.h"

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

}  // namespace datasets
