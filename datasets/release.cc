#include "datasets/release.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <set>

#include "datasets/card.h"

namespace datasets {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kReadSize = std::size_t{1} << 22;
constexpr std::size_t kWriteSize = std::size_t{1} << 18;
constexpr std::size_t kSplitCount = 3;

// Calls `visit(number, line)` for each line of a file, numbered from 1; a missing last newline is
// forgiven. Memory: one read and the longest line.
template <class Visit>
base::Status for_each_line(const base::Path& path, Visit visit) {
  auto file = base::RandomAccessFile::open(path);
  if (!file) return base::pass(file);
  std::string chunk;
  std::string rest;  // of a line that began in an earlier chunk
  std::uint64_t number = 0;
  for (std::uint64_t offset = 0; offset < file->size(); offset += chunk.size()) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(kReadSize, file->size() - offset));
    if (auto status = file->read(offset, size, chunk); !status) return status;
    std::string_view bytes = chunk;
    for (std::size_t end = bytes.find('\n'); end != std::string_view::npos; end = bytes.find('\n')) {
      std::string_view line = bytes.substr(0, end);
      bytes.remove_prefix(end + 1);
      if (!rest.empty()) line = rest += line;
      if (auto status = visit(++number, line); !status) return status;
      rest.clear();
    }
    rest += bytes;
  }
  return rest.empty() ? base::Status{} : visit(++number, rest);
}

// One data file. It comes into being with its first row: ms-swift refuses to load an empty file.
class DataFile {
 public:
  DataFile(base::Path directory, FileSummary summary)
      : directory_(std::move(directory)), summary_(std::move(summary)) {}

  base::Status add(const ReleaseFormat& format, const Row& row) {
    if (!file_) {
      auto created = base::BufferedFile::create(directory_ / summary_.name);
      if (!created) return base::pass(created);
      file_.emplace(std::move(*created));
    }
    format.append(row, pending_);
    pending_ += '\n';
    ++summary_.rows;
    return pending_.size() >= kWriteSize ? flush() : base::Status{};
  }

  base::Status finish(std::vector<FileSummary>& written) {
    if (!file_) return {};
    if (auto status = flush(); !status) return status;
    summary_.hash = hash_.digest();
    written.push_back(summary_);
    return file_->finish(true);
  }

 private:
  base::Status flush() {
    hash_.update(pending_);
    summary_.bytes += pending_.size();
    auto status = file_->write(pending_);
    pending_.clear();
    return status;
  }

  base::Path directory_;
  FileSummary summary_;
  std::optional<base::BufferedFile> file_;
  base::Hash128Stream hash_;
  std::string pending_;
};

// The folder in which a release is put together; removed unless it was published.
class Workshop {
 public:
  explicit Workshop(base::Path path) : path_(std::move(path)) {}
  Workshop(const Workshop&) = delete;
  Workshop& operator=(const Workshop&) = delete;
  ~Workshop() {
    std::error_code ignored;  // what stays is removed by the next publish
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  const base::Path& path() const { return path_; }
  void published() { path_.clear(); }

 private:
  base::Path path_;
};

// The number of a release from the name of its folder: `0012`, and `10000` after `9999`.
std::optional<std::uint64_t> release_number(const std::string& name) {
  if (name.size() < 4 || name.size() > 9 || name.find_first_not_of("0123456789") != std::string::npos)
    return {};
  const std::uint64_t number = std::stoull(name);
  if (number == 0 || fmt::format("{:04}", number) != name) return {};
  return number;
}

bool is_left_over(const std::string& name) {
  return name.starts_with('.') && name.ends_with(".tmp") &&
         (name == ".latest.tmp" || release_number(name.substr(1, name.size() - 5)));
}

// Removes what a publish that died left behind, and finds the highest release; 0 if there is none.
base::Result<std::uint64_t> tidy(const base::Path& releases) {
  std::uint64_t highest = 0;
  std::error_code code;
  std::vector<base::Path> left_over;
  for (fs::directory_iterator entry(releases, code), end; !code && entry != end; entry.increment(code)) {
    const std::string name = entry->path().filename().string();
    if (is_left_over(name)) left_over.push_back(entry->path());
    if (const auto number = release_number(name)) highest = std::max(highest, *number);
  }
  for (std::size_t i = 0; !code && i < left_over.size(); ++i) fs::remove_all(left_over[i], code);
  if (!code) return highest;
  errno = code.value();
  return base::errno_error("tidy up", releases);
}

// Whether a published release is the one that `card` describes, with its files in place.
bool equals(const base::Path& release, const std::string& card, const std::vector<FileSummary>& files) {
  const auto published = base::read_file(release / "dataset.json");
  if (!published || *published != card) return false;
  return std::all_of(files.begin(), files.end(), [&](const FileSummary& file) {
    std::error_code code;
    return fs::file_size(release / file.name, code) == file.bytes && !code;
  });
}

base::Status point_latest(const base::Path& releases, const std::string& name) {
  const base::Path latest = releases / "latest";
  std::error_code code;
  if (fs::read_symlink(latest, code) == name && !code) return {};
  const base::Path aside = releases / ".latest.tmp";
  if (::symlink(name.c_str(), aside.c_str()) != 0) return base::errno_error("create the link", aside);
  if (::rename(aside.c_str(), latest.c_str()) != 0) return base::errno_error("replace the link", latest);
  return base::sync_directory(releases);
}

base::Status write_durably(const base::Path& path, const std::string& text) {
  auto file = base::BufferedFile::create(path);
  if (!file) return base::pass(file);
  if (auto status = file->write(text); !status) return status;
  return file->finish(true);
}

// Writes the data files into `directory`.
base::Status write_files(const base::Path& rows, const base::Path& directory,
                         const std::vector<ReleaseFormat>& formats, DatasetCard& card,
                         std::vector<FileSummary>& files) {
  std::vector<DataFile> outputs;  // by format, then by split
  for (const ReleaseFormat& format : formats)
    for (const Split split : {Split::train, Split::dev, Split::test}) {
      FileSummary summary;
      summary.name = fmt::format("{}.{}.jsonl", split_name(split), format.name);
      summary.split = split;
      outputs.emplace_back(directory, std::move(summary));
    }
  auto status = for_each_line(rows, [&](std::uint64_t number, std::string_view line) -> base::Status {
    const auto row = parse_row(line);
    if (!row)
      return base::failed(fmt::format("{}:{}: {}; the file is rebuilt when the job is run again",
                                      rows.string(), number, row.error().message));
    card.count(*row);
    for (std::size_t i = 0; i < formats.size(); ++i)
      if (auto added = outputs[i * kSplitCount + static_cast<std::size_t>(row->split)].add(formats[i], *row);
          !added)
        return added;
    return {};
  });
  for (DataFile& output : outputs)
    if (status) status = output.finish(files);
  std::sort(files.begin(), files.end(),
            [](const FileSummary& a, const FileSummary& b) { return a.name < b.name; });
  return status;
}

base::Status check_formats(const std::vector<ReleaseFormat>& formats) {
  std::set<std::string> names;
  for (const ReleaseFormat& format : formats)
    if (!names.insert(format.name).second)
      return base::bad_input(
          fmt::format("two output formats are called `{}`; their files would be the same; give "
                      "one of them another name",
                      format.name));
  return {};
}

}  // namespace

base::Result<PublishedRelease> publish_release(const base::Path& run_directory, const ReleaseInfo& info,
                                               const std::vector<ReleaseFormat>& formats) {
  if (auto status = check_formats(formats); !status) return base::pass(status);
  const base::Path releases = run_directory / "releases";
  if (auto status = base::make_directories(releases); !status) return base::pass(status);
  const auto highest = tidy(releases);
  if (!highest) return base::pass(highest);
  const std::string number = fmt::format("{:04}", *highest + 1);
  Workshop workshop(releases / fmt::format(".{}.tmp", number));
  if (auto status = base::make_directories(workshop.path()); !status) return base::pass(status);

  DatasetCard card;
  std::vector<FileSummary> files;
  const base::Path rows = run_directory / "rows.jsonl";
  if (auto status = write_files(rows, workshop.path(), formats, card, files); !status)
    return base::pass(status);
  if (card.rows() == 0)
    return base::failed(fmt::format("{} has no rows: there is nothing to publish", rows.string()));

  PublishedRelease result;
  result.rows = card.rows();
  result.train = card.rows(Split::train);
  result.dev = card.rows(Split::dev);
  result.test = card.rows(Split::test);
  std::vector<std::string> names;
  for (const ReleaseFormat& format : formats) names.push_back(format.name);
  const std::string json = card.json(info, names, files);
  const std::string latest = fmt::format("{:04}", *highest);
  if (*highest > 0 && equals(releases / latest, json, files)) {
    result.directory = releases / latest;
    // The link may be missing: the publish that made this release died before it.
    if (auto status = point_latest(releases, latest); !status) return base::pass(status);
    return result;
  }

  if (auto s = write_durably(workshop.path() / "dataset.json", json); !s) return base::pass(s);
  if (auto s = write_durably(workshop.path() / "README.md", card.readme(info, files)); !s)
    return base::pass(s);
  if (auto s = base::sync_directory(workshop.path()); !s) return base::pass(s);
  result.directory = releases / number;
  if (::rename(workshop.path().c_str(), result.directory.c_str()) != 0)
    return base::errno_error("publish", result.directory);
  workshop.published();
  if (auto s = base::sync_directory(releases); !s) return base::pass(s);
  if (auto s = base::sync_directory(run_directory); !s) return base::pass(s);
  if (auto s = point_latest(releases, number); !s) return base::pass(s);
  result.published = true;
  return result;
}

}  // namespace datasets
