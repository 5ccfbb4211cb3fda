#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "base/json_writer.h"
#include "cli/commands.h"
#include "cli/review_list.h"
#include "datasets/readers/reader.h"
#include "validators/data_set/fixed_file.h"
#include "validators/data_set/validate.h"

namespace cli {
namespace {

using validators::DataFault;
using validators::Validation;
using validators::Verdict;

std::string plural(std::uint64_t count, const char* word) {
  return fmt::format("{} {}{}", with_commas(static_cast<long long>(count)), word, count == 1 ? "" : "s");
}

// Prints with one system call for many lines: there may be a million.
class Output {
 public:
  void line(const std::string& text) {
    (buffer_ += text) += '\n';
    if (buffer_.size() > (1 << 16)) flush();
  }
  /// False if standard output can't take it.
  bool flush() {
    good_ = std::fwrite(buffer_.data(), 1, buffer_.size(), stdout) == buffer_.size() &&
            std::fflush(stdout) == 0 && good_;
    buffer_.clear();
    return good_;
  }

 private:
  std::string buffer_;
  bool good_ = true;
};

std::string fault_line(const Validation& validation, const DataFault& fault) {
  return fmt::format("{}: {}{}: {}{}", validation.set.place_of(fault.file, fault.place),
                     fault.note ? "note: " : "", validators::verdict_code(fault.verdict), fault.what,
                     fault.mended ? " (mended)" : "");
}

void append_counts(const std::map<Verdict, std::uint64_t>& counts, base::JsonWriter& json) {
  json.begin_object();
  for (const auto& [verdict, count] : counts) json.member(validators::verdict_code(verdict), count);
  json.end_object();
}

// `review` is null without --deep.
std::string document(const Validation& validation, bool notes, const ReviewList* review) {
  std::string out;
  base::JsonWriter json(out);
  json.begin_object().member("validate", 1).key("files").begin_array();
  for (const validators::DataSetFile& file : validation.set.files)
    json.begin_object()
        .member("path", file.path)
        .member("format", datasets::format_name(file.format))
        .member("rows", file.rows)
        .end_object();
  json.end_array().key("job");
  if (validation.inferred) {
    json.null();
  } else {
    json.value(validation.job.name);
  }
  json.member("language", validation.job.language);
  json.member("rows", std::uint64_t{validation.set.rows.size()}).member("good_rows", validation.good_rows);
  json.key("intents").begin_object();
  for (const auto& [name, count] : validation.intents) json.member(name, count);
  json.end_object().key("slots").begin_object();
  for (const auto& [name, slot] : validation.slots)
    json.key(name).begin_object().member("spans", slot.spans).member("values", slot.values).end_object();
  json.end_object().key("verdicts");
  append_counts(validation.faults, json);
  json.key("notes");
  append_counts(validation.notes, json);
  json.key("faults").begin_array();
  for (const DataFault& fault : validation.set.faults) {
    if (fault.note && !notes) continue;
    json.begin_object();
    json.member("file", validation.set.files[fault.file].path);
    json.member("line", std::uint64_t{fault.place.line}).member("column", std::uint64_t{fault.place.column});
    json.member("verdict", validators::verdict_code(fault.verdict)).member("note", fault.note);
    json.member("mended", fault.mended).member("what", fault.what).end_object();
  }
  json.end_array();
  if (review != nullptr) {
    json.key("review");
    append_review_list(validation, *review, json);
  }
  json.end_object();
  return out;
}

std::vector<std::pair<Verdict, std::uint64_t>> by_count(const std::map<Verdict, std::uint64_t>& counts) {
  std::vector<std::pair<Verdict, std::uint64_t>> sorted(counts.begin(), counts.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  return sorted;
}

void print_counts(const std::map<Verdict, std::uint64_t>& counts) {
  for (const auto& [verdict, count] : by_count(counts))
    fmt::print(stderr, "{:>9}  {:<18} {}\n", with_commas(static_cast<long long>(count)),
               validators::verdict_code(verdict), validators::data_advice(verdict));
}

void print_summary(const Validation& validation, const ValidateArguments& arguments) {
  const validators::DataSet& set = validation.set;
  std::string files;
  if (set.files.size() == 1) {
    files = fmt::format("{} ({})", set.files[0].path, datasets::format_name(set.files[0].format));
  } else {
    files = plural(set.files.size(), "file");
  }
  fmt::print(stderr, "{}: {}, {}, {}, language {}{}\n", files, plural(set.rows.size(), "row"),
             plural(validation.intents.size() - validation.intents.count("none"), "intent"),
             plural(validation.slots.size(), "slot"), validation.job.language,
             validation.inferred ? ", rules inferred from the data"
                                 : fmt::format(", rules of {}", display(validation.job.file)));
  if (validation.fault_count == 0) {
    fmt::print(stderr, "no faults\n");
  } else {
    fmt::print(stderr, "{}; {} without\n", plural(validation.fault_count, "fault"),
               plural(validation.good_rows, "row"));
    print_counts(validation.faults);
  }
  if (!validation.notes.empty()) {
    fmt::print(stderr, "notes, no faults{}:\n", arguments.notes ? "" : " (--notes shows them)");
    print_counts(validation.notes);
  }
}

}  // namespace

int validate_command(const ValidateArguments& arguments) {
  std::optional<datasets::Format> format;
  if (!arguments.format.empty()) {
    format = datasets::format_named(arguments.format);
    if (!format)
      return report_error(
          {base::ErrorKind::bad_input, fmt::format("--as: {} is no format; see --help", arguments.format)});
  }
  std::optional<prompts::Job> job;
  if (!arguments.job.empty()) {
    auto loaded = load(arguments.job, Warnings::ignore);
    if (!loaded) return report_error(loaded.error());
    job = *std::move(loaded);
  }
  validators::ValidationOptions options;
  options.job = job ? &*job : nullptr;
  options.repair = !arguments.fix.empty();
  options.threads = static_cast<int>(arguments.threads);
  const auto validation = validators::validate_files(arguments.files, format, options);
  if (!validation) return report_error(validation.error());

  ReviewList review;
  if (arguments.deep) review = make_review_list(*validation, arguments.threads);

  Output output;
  if (arguments.json) {
    output.line(document(*validation, arguments.notes, arguments.deep ? &review : nullptr));
  } else {
    for (const DataFault& fault : validation->set.faults)
      if (!fault.note || arguments.notes) output.line(fault_line(*validation, fault));
    for (const auto& candidate : review) output.line(review_line(*validation, candidate));
  }
  if (!output.flush()) return report_error({base::ErrorKind::failed, "cannot write to standard output"});
  if (!arguments.quiet) print_summary(*validation, arguments);
  if (!arguments.quiet && arguments.deep) print_review_summary(review);
  if (!arguments.fix.empty()) {
    if (auto status = validators::write_fixed(*validation, arguments.fix); !status)
      return report_error(status.error());
    if (!arguments.quiet)
      fmt::print(stderr, "{} written to {}, {} of them repaired\n", plural(validation->good_rows, "row"),
                 arguments.fix, with_commas(static_cast<long long>(validation->repaired_rows)));
  }
  return validation->fault_count == 0 ? kDone : kFaults;
}

}  // namespace cli
