#include "prompts/problems.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <unordered_set>

namespace prompts {
namespace {

constexpr std::size_t kMaxQuoted = 40;    // code points
constexpr std::size_t kMaxGuessed = 100;  // bytes; the distance takes their product

}  // namespace

std::vector<std::string> Problems::lines(std::vector<Problem> problems) const {
  const auto place = [](const Problem& p) { return std::tie(p.file, p.mark.line, p.mark.column); };
  std::stable_sort(problems.begin(), problems.end(),
                   [&](const Problem& a, const Problem& b) { return place(a) < place(b); });
  std::vector<std::string> out;
  std::unordered_set<std::string> seen;
  for (const Problem& p : problems) {
    const std::string& file = p.file.empty() ? job_path_ : p.file;
    std::string line = p.mark.line > 0
                           ? fmt::format("{}:{}:{}: {}", file, p.mark.line, p.mark.column, p.message)
                           : fmt::format("{}: {}", file, p.message);
    // A key may contain a line end; a problem is one line.
    std::replace_if(
        line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    // An aliased part of the file is read once per alias and complains each time.
    if (seen.insert(line).second) out.push_back(std::move(line));
  }
  return out;
}

std::string Problems::report() const {
  const std::vector<std::string> all = lines(errors_);
  std::string out;
  for (std::size_t i = 0; i < all.size() && i < kMaxReported; ++i) out += (i ? "\n" : "") + all[i];
  if (all.size() > kMaxReported)
    out += fmt::format("\n{}: and {} more problems; fix these first", job_path_, all.size() - kMaxReported);
  return out;
}

Mark mark_at(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const auto newline = before.rfind('\n');
  const std::string_view line = newline == std::string_view::npos ? before : before.substr(newline + 1);
  return {static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1,
          static_cast<int>(base::to_utf32(line).size()) + 1};
}

bool check_encoding(std::string_view text, const std::string& file, Problems& problems) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    const char32_t c = base::next_code_point(text, at);
    if (c == base::kInvalidCodePoint) {
      problems.error_in(file, mark_at(text, start), "not UTF-8; save the file as UTF-8");
      return false;
    }
    if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F) {
      problems.error_in(file, mark_at(text, start),
                        fmt::format("control character U+{:04X}; remove it", static_cast<unsigned>(c)));
      return false;
    }
  }
  return true;
}

std::string in_quotes(std::string_view text) {
  std::string out = "'";
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++count) {
    if (count == kMaxQuoted) return out + "…'";
    const char32_t c = base::next_code_point(text, at);
    base::append_utf8(c == base::kInvalidCodePoint ? U'\uFFFD' : c < 0x20 ? U' ' : c, out);
  }
  return out + "'";
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
  if (word.size() > kMaxGuessed) return {};
  const auto guess = base::closest(word, candidates);
  return guess ? fmt::format("; did you mean {}?", *guess) : std::string();
}

}  // namespace prompts
