#include "datasets/readers/table_cells.h"

#include <algorithm>

namespace datasets {
namespace {

constexpr std::size_t kLongestCell = 20000;  // bytes; a longer quoted cell is a quote that isn't closed

}  // namespace

TableCells::TableCells(std::string_view text) : text_(text) {
  const std::string_view header = text.substr(0, text.find('\n'));
  std::ptrdiff_t most = 0;
  for (const char candidate : {',', ';', '\t'}) {
    const auto count = std::count(header.begin(), header.end(), candidate);
    if (count > most) {
      most = count;
      separator_ = candidate;
    }
  }
}

// Returns where the cell ends, or npos if its quote isn't closed.
std::size_t TableCells::quoted_cell(std::size_t at, std::string& cell) {
  const std::size_t limit = std::min(text_.size(), at + kLongestCell);
  for (++at; at < limit; ++at) {
    if (text_[at] != '"') {
      cell += text_[at];
    } else if (at + 1 < text_.size() && text_[at + 1] == '"') {
      cell += '"';
      ++at;
    } else {
      return at + 1;
    }
  }
  return std::string_view::npos;
}

bool TableCells::next(std::vector<std::string>& cells) {
  cells.clear();
  problem_.clear();
  if (at_ >= text_.size()) return false;
  line_ = next_line_;
  const std::size_t start = at_;
  std::size_t at = at_;
  for (bool more = true; more;) {
    std::string& cell = cells.emplace_back();
    if (at < text_.size() && text_[at] == '"') {
      at = quoted_cell(at, cell);
      const auto ends_cell = [&] {
        return at == text_.size() || text_[at] == separator_ || text_[at] == '\n' || text_[at] == '\r';
      };
      if (at == std::string_view::npos || !ends_cell()) {
        problem_ =
            at == std::string_view::npos ? "a quote isn't closed" : "a quote inside a quoted cell; double it";
        at = std::min(text_.find('\n', start), text_.size());
        break;
      }
    }
    const std::size_t end = std::min(text_.find_first_of(separator_ == '\t'  ? "\t\n"
                                                         : separator_ == ';' ? ";\n"
                                                                             : ",\n",
                                                         at),
                                     text_.size());
    cell += text_.substr(at, end - at);
    at = end;
    more = at < text_.size() && text_[at] == separator_;
    if (more) ++at;
  }
  if (!cells.back().empty() && cells.back().back() == '\r') cells.back().pop_back();
  at_ = at < text_.size() ? at + 1 : at;
  next_line_ +=
      static_cast<std::uint32_t>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(start),
                                            text_.begin() + static_cast<std::ptrdiff_t>(at_), '\n'));
  return true;
}

}  // namespace datasets
