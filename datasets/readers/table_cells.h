// A delimited table, row by row: RFC 4180 quotes, `,`, `;` or a tab as its header has them. A quote that
// isn't closed costs its line: reading goes on behind it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace datasets {

class TableCells {
 public:
  explicit TableCells(std::string_view text);
  /// False at the end.
  bool next(std::vector<std::string>& cells);
  /// Of the row that next() gave: the line where it begins, and what is wrong with it.
  std::uint32_t line() const { return line_; }
  const std::string& problem() const { return problem_; }

 private:
  std::size_t quoted_cell(std::size_t at, std::string& cell);

  std::string_view text_;
  std::size_t at_ = 0;
  std::uint32_t line_ = 0;
  std::uint32_t next_line_ = 1;
  char separator_ = ',';
  std::string problem_;
};

/// Whether these are the names of columns that read_table() understands.
bool is_table_header(const std::vector<std::string>& header);

}  // namespace datasets
