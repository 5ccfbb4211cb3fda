#include "pipeline/spool.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <filesystem>

#include "base/json_writer.h"

namespace pipeline {
namespace {

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

base::Result<Spool> Spool::open(const base::Path& run_directory, std::size_t lanes) {
  Spool spool;
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

base::Status Spool::finish(const std::vector<Lane>& lanes) {
  const base::Path rows_aside = run_directory_ / "rows.jsonl.tmp";
  const base::Path rejects_aside = run_directory_ / "rejects.jsonl.tmp";
  auto rows = base::BufferedFile::create(rows_aside);
  if (!rows) return base::pass(rows);
  auto rejects = base::BufferedFile::create(rejects_aside);
  if (!rejects) return base::pass(rejects);
  std::string line;
  for (std::size_t lane = 0; lane < lanes.size(); ++lane) {
    if (auto status = rows_[lane].finish(false); !status) return status;
    if (auto status = rejects_[lane].finish(false); !status) return status;
    auto status =
        base::for_each_line(rejects_path(lane), [&](std::uint64_t, std::string_view json) -> base::Status {
          if (auto written = rejects->write(json); !written) return written;
          return rejects->write("\n");
        });
    if (!status) return status;
    status = base::for_each_line(
        rows_path(lane), [&](std::uint64_t number, std::string_view json) -> base::Status {
          const RowState state = lanes[lane].row_state(number - 1);
          if (state == RowState::accepted) {
            if (auto written = rows->write(json); !written) return written;
            return rows->write("\n");
          }
          line.clear();
          const auto verdict =
              state == RowState::surplus ? validators::Verdict::surplus : validators::Verdict::conflict;
          if (auto made = append_row_reject(verdict, json, line); !made) return made;
          line += '\n';
          return rejects->write(line);
        });
    if (!status) return status;
  }
  if (auto status = rows->finish(false); !status) return status;
  if (auto status = rejects->finish(false); !status) return status;
  for (const auto& [from, to] :
       {std::pair(rows_aside, "rows.jsonl"), std::pair(rejects_aside, "rejects.jsonl")})
    if (::rename(from.c_str(), (run_directory_ / to).c_str()) != 0)
      return base::errno_error("replace", run_directory_ / to);
  std::error_code code;
  std::filesystem::remove_all(scratch_, code);
  return {};
}

}  // namespace pipeline
