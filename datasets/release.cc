#include "datasets/release.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <set>

#include "datasets/card.h"
#include "datasets/release_files.h"

namespace datasets {
namespace {

namespace fs = std::filesystem;

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
  if (auto status = write_release_files(rows, workshop.path(), info, formats, card, files); !status)
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
