// A log of any bytes: what is good is visited, what is torn is told, and after the cut it is whole. Of
// an input that begins with `+` the lines are sealed first, but for those that begin with `!`.
#include "base/record_log.h"

#include <vector>

#include "tests/fuzz/claim.h"

namespace {

std::string file_of(std::string_view input) {
  if (!input.starts_with('+')) return std::string(input);
  input.remove_prefix(1);
  std::string file;
  while (!input.empty()) {
    const std::string_view line = fuzz::take_line(input);
    if (line.starts_with('!'))
      file += line.substr(1);
    else if (!line.empty())
      file += base::seal_record(line) + '\n';
  }
  return file;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::Folder folder;
  const base::Path path = folder.path() / "log.jsonl";
  const std::string file = file_of(fuzz::view(data, size));
  fuzz::write(path, file);

  std::vector<std::string> lines;
  std::uint64_t end = 0;
  const auto scan =
      base::scan_record_log(path, [&](std::uint64_t offset, std::string_view line) -> base::Status {
        CLAIM(offset == end && file.compare(offset, line.size(), line) == 0);
        CLAIM(base::seal_record(std::string(base::open_record(line)) + "}") == line);
        end += line.size() + 1;
        lines.emplace_back(line);
        return {};
      });
  if (!scan) return 0;
  CLAIM(scan->end == end && scan->records == lines.size() && scan->end + scan->cut == file.size());

  fuzz::write(path, std::string_view(file).substr(0, scan->end));
  std::size_t next = 0;
  const auto whole = base::scan_record_log(path, [&](std::uint64_t, std::string_view line) -> base::Status {
    CLAIM(next < lines.size() && line == lines[next++]);
    return {};
  });
  CLAIM(whole && whole->cut == 0 && next == lines.size());
  return 0;
}
