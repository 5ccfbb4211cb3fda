#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "base/file.h"
#include "cli/commands.h"
#include "cli/embedded_file.h"

namespace cli {

int init_command(const InitArguments& arguments) {
  const base::Path directory = arguments.directory;
  const std::string prefix = arguments.language + "/";
  std::vector<std::pair<base::Path, std::string_view>> files;
  for (std::size_t i = 0; i < kEmbeddedFileCount; ++i)
    if (kEmbeddedFiles[i].name.starts_with(prefix))
      files.emplace_back(directory / kEmbeddedFiles[i].name.substr(prefix.size()), kEmbeddedFiles[i].text);
  for (const auto& [path, text] : files)
    if (std::filesystem::exists(path))
      return report_error({base::ErrorKind::bad_input,
                           fmt::format("{} exists already; choose an empty directory", path.string())});
  if (auto status = base::make_directories(directory); !status) return report_error(status.error());
  for (const auto& [path, text] : files) {
    if (auto status = base::replace_file(path, text); !status) return report_error(status.error());
    fmt::print(stderr, "wrote {}\n", path.string());
  }
  fmt::print(stderr, "Next: slotmill run {}\n", (directory / "job.yaml").string());
  return kDone;
}

}  // namespace cli
