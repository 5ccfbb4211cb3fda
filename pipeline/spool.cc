#include "pipeline/spool.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <array>
#include <filesystem>

#include "base/json_writer.h"

namespace pipeline {
namespace {

// In a row, of a vote that is `no` or `none`. No text of a row holds it: its quotes would be escaped.
constexpr std::string_view kDissent = "\"vote\":\"no";

// A valid row that didn't get in, in the form of validators::append_reject.
base::Status append_row_reject(validators::Verdict verdict, std::string_view row, std::string& out) {
  thread_local simdjson::dom::parser parser;
  simdjson::dom::element document;
  simdjson::dom::element source;
  std::string_view model;
  if (parser.parse(row.data(), row.size()).get(document) != simdjson::SUCCESS ||
      document["source"].get(source) != simdjson::SUCCESS ||
      document["model"].get(model) != simdjson::SUCCESS)
    return base::failed("a scratch file of the run changed while it was read");
  base::JsonWriter w(out);
  w.begin_object().member("verdict", validators::verdict_code(verdict)).member("detail", "");
  w.member("raw", "").key("source").begin_object();
  for (const char* name : {"cell", "attempt", "index", "key"})
    w.key(name).raw(simdjson::to_string(source[name].value()));
  w.member("model", model).end_object().key("row").raw(row).end_object();
  return {};
}

}  // namespace

base::Path Spool::rows_path(std::size_t lane) const { return scratch_ / fmt::format("{}.rows", lane); }
base::Path Spool::rejects_path(std::size_t lane) const { return scratch_ / fmt::format("{}.rejects", lane); }

base::Result<Spool> Spool::open(const base::Path& run_directory, std::size_t lanes, bool judged) {
  Spool spool;
  spool.judged_ = judged;
  spool.run_directory_ = run_directory;
  spool.scratch_ = run_directory / ".scratch";
  std::error_code code;
  std::filesystem::remove_all(spool.scratch_, code);
  if (auto status = base::make_directories(spool.scratch_); !status) return base::pass(status);
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    auto rows = base::BufferedFile::create(spool.rows_path(lane));
    if (!rows) return base::pass(rows);
    auto rejects = base::BufferedFile::create(spool.rejects_path(lane));
    if (!rejects) return base::pass(rejects);
    spool.rows_.push_back(std::move(*rows));
    spool.rejects_.push_back(std::move(*rejects));
  }
  return spool;
}

base::Status Spool::row(std::size_t lane, std::string_view json) {
  if (auto status = rows_[lane].write(json); !status) return status;
  return rows_[lane].write("\n");
}

base::Status Spool::reject(std::size_t lane, std::string_view json) {
  if (auto status = rejects_[lane].write(json); !status) return status;
  return rejects_[lane].write("\n");
}

base::Status Spool::append_rows(std::size_t lane, const Lane& decided, base::BufferedFile& rows,
                                base::BufferedFile& rejects, base::BufferedFile& review) const {
  std::string line;
  return base::for_each_line(
      rows_path(lane), [&](std::uint64_t number, std::string_view json) -> base::Status {
        const RowState state = decided.row_state(number - 1);
        line.clear();
        if (state == RowState::accepted) {
          (line = json) += '\n';
          if (line.find(kDissent) != std::string::npos)
            if (auto written = review.write(line); !written) return written;
          return rows.write(line);
        }
        const auto verdict =
            state == RowState::surplus ? validators::Verdict::surplus : validators::Verdict::conflict;
        if (auto made = append_row_reject(verdict, json, line); !made) return made;
        line += '\n';
        return rejects.write(line);
      });
}

base::Status Spool::finish(const std::vector<Lane>& lanes) {
  constexpr std::array<const char*, 3> kNames = {"rows.jsonl", "rejects.jsonl", "review.jsonl"};
  std::vector<base::BufferedFile> files;
  for (const char* name : kNames) {
    auto file = base::BufferedFile::create(run_directory_ / (std::string(name) + ".tmp"));
    if (!file) return base::pass(file);
    files.push_back(std::move(*file));
  }
  for (std::size_t lane = 0; lane < lanes.size(); ++lane) {
    if (auto status = rows_[lane].finish(false); !status) return status;
    if (auto status = rejects_[lane].finish(false); !status) return status;
    auto status =
        base::for_each_line(rejects_path(lane), [&](std::uint64_t, std::string_view json) -> base::Status {
          if (auto written = files[1].write(json); !written) return written;
          return files[1].write("\n");
        });
    if (!status) return status;
    if (auto done = append_rows(lane, lanes[lane], files[0], files[1], files[2]); !done) return done;
  }
  std::error_code code;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (auto status = files[i].finish(false); !status) return status;
    const base::Path path = run_directory_ / kNames[i];
    const base::Path aside = run_directory_ / (std::string(kNames[i]) + ".tmp");
    if (i == 2 && !judged_) {  // of an earlier run that had a judge
      std::filesystem::remove(aside, code);
      std::filesystem::remove(path, code);
    } else if (::rename(aside.c_str(), path.c_str()) != 0) {
      return base::errno_error("replace", path);
    }
  }
  std::filesystem::remove_all(scratch_, code);
  return {};
}

}  // namespace pipeline
