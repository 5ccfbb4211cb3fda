#include "validators/data_set/validate.h"

#include <fmt/format.h>
#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <iterator>
#include <unordered_set>

#include "base/text.h"
#include "base/unicode.h"
#include "datasets/split.h"
#include "validators/data_set/inferred_job.h"
#include "validators/data_set/other_rows.h"
#include "validators/data_set/place_values.h"
#include "validators/data_set/row_keys.h"
#include "validators/data_set/slot_disagreement.h"
#include "validators/row_check.h"

namespace validators {
namespace {

constexpr double kNearNote = 0.8;     // without a job
constexpr std::size_t kBlock = 1024;  // rows that one worker takes

// A row without the slots that have no place, which are reported already.
bool without_unplaced(const datasets::Row& row, datasets::Row& copy) {
  bool any = false;
  for (const datasets::Frame& frame : row.frames)
    for (const datasets::Slot& slot : frame.slots) any = any || !datasets::is_placed(slot);
  if (!any) return false;
  copy = row;
  for (datasets::Frame& frame : copy.frames)
    std::erase_if(frame.slots, [](const datasets::Slot& slot) { return !datasets::is_placed(slot); });
  return true;
}

// Line ends and tabs within an utterance, which JSON can hold and speech can't: each becomes a space, so that
// offsets stay.
bool flatten_space(std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t from = at;
    const char32_t c = base::next_code_point(text, at);
    const bool control = c != base::kInvalidCodePoint && base::is_control(c) && base::is_white_space(c);
    if (control) {
      out += ' ';
    } else {
      out.append(text, from, at - from);
    }
  }
  const bool changed = out != text;
  text = std::move(out);
  return changed;
}

bool flatten_space(datasets::Row& row) {
  if (!flatten_space(row.text)) return false;
  for (datasets::Frame& frame : row.frames)
    for (datasets::Slot& slot : frame.slots) {
      flatten_space(slot.text);
      flatten_space(slot.value);
    }
  return true;
}

class Validator {
 public:
  Validator(Validation& validation, const ValidationOptions& options)
      : validation_(validation), set_(validation.set), options_(options) {}

  base::Status run() {
    place_values(validation_.job, !validation_.inferred, set_);
    const auto check = RowCheck::make(validation_.job);
    if (!check) return base::pass(check);
    check_rows(*check);
    OtherRowRules rules;
    rules.near = validation_.inferred ? kNearNote : validation_.job.near;
    rules.per_template = validation_.job.per_template;
    rules.notes = validation_.inferred;
    check_other_rows(keys_, rules, set_);
    note_slot_disagreement(set_);
    std::stable_sort(set_.faults.begin(), set_.faults.end(), [](const DataFault& a, const DataFault& b) {
      return a.file != b.file ? a.file < b.file : a.place < b.place;
    });
    count();
    return {};
  }

 private:
  void check_row(const RowCheck& check, DataRow& data, std::vector<DataFault>& faults) const {
    datasets::Row copy;
    const bool unplaced = without_unplaced(data.row, copy);
    const bool chat = set_.files[data.file].format == datasets::Format::chat;
    std::vector<Finding> findings = check.check(unplaced ? copy : data.row);
    const auto report = [&](const Finding& finding, bool mended) {
      faults.push_back({data.file, data.place, finding.verdict, false, mended, finding.detail});
      if (!mended && data.verdict == Verdict::accepted) data.verdict = finding.verdict;
    };
    if (unplaced)
      std::erase_if(findings,
                    [](const Finding& finding) { return finding.verdict == Verdict::missing_slot; });
    // What a chat row says is written back as it was read.
    const bool may_repair = options_.repair && !unplaced && !chat;
    const bool flattened = may_repair && flatten_space(data.row);
    if (!(may_repair && check.repair(data.row)) && !flattened) {
      for (const Finding& finding : findings) report(finding, false);
      return;
    }
    data.repaired = true;
    const std::vector<Finding> left = check.check(data.row);
    for (const Finding& finding : findings) {
      const bool stays = std::any_of(left.begin(), left.end(),
                                     [&](const Finding& other) { return other.verdict == finding.verdict; });
      report(finding, !stays);
    }
  }

  void check_rows(const RowCheck& check) {
    const RowKeyMaker keys(validation_.job);
    keys_.resize(set_.rows.size());
    const std::size_t blocks = (set_.rows.size() + kBlock - 1) / kBlock;
    std::vector<std::vector<DataFault>> faults(blocks);
    const prompts::Output& output = validation_.job.output;
    tbb::parallel_for(std::size_t{0}, blocks, [&](std::size_t block) {
      const std::size_t end = std::min(set_.rows.size(), (block + 1) * kBlock);
      for (std::size_t i = block * kBlock; i < end; ++i) {
        DataRow& data = set_.rows[i];
        check_row(check, data, faults[block]);
        const bool foreign = data.row.template_text.empty();
        keys_[i] = keys.make(data.row);
        if (foreign)
          data.row.split = datasets::choose_split(validation_.job.seed, data.row.template_text,
                                                  {output.train, output.dev, output.test});
      }
    });
    for (std::vector<DataFault>& block : faults)
      set_.faults.insert(set_.faults.end(), std::make_move_iterator(block.begin()),
                         std::make_move_iterator(block.end()));
  }

  void count() {
    std::map<std::string, std::unordered_set<std::string_view>> values;
    for (const DataRow& data : set_.rows) {
      if (data.verdict == Verdict::accepted) ++validation_.good_rows;
      if (data.repaired) ++validation_.repaired_rows;
      if (data.row.frames.empty()) ++validation_.intents["none"];
      for (const datasets::Frame& frame : data.row.frames) {
        ++validation_.intents[frame.intent];
        for (const datasets::Slot& slot : frame.slots) {
          ++validation_.slots[slot.name].spans;
          values[slot.name].insert(slot.value);
        }
      }
    }
    for (auto& [name, slot] : validation_.slots) slot.values = values[name].size();
    for (const DataFault& fault : set_.faults) {
      ++(fault.note ? validation_.notes : validation_.faults)[fault.verdict];
      if (!fault.note) ++validation_.fault_count;
    }
  }

  Validation& validation_;
  DataSet& set_;
  const ValidationOptions& options_;
  std::vector<RowKeys> keys_;
};

}  // namespace

base::Result<Validation> validate_files(const std::vector<std::string>& paths,
                                        std::optional<datasets::Format> format,
                                        const ValidationOptions& options) {
  Validation validation;
  base::Status status;
  const auto all = [&] {
    auto set = read_data_set(paths, format);
    if (!set) {
      status = base::pass(set);
      return;
    }
    validation.set = *std::move(set);
    validation.inferred = options.job == nullptr;
    validation.job = options.job != nullptr ? *options.job : infer_job(validation.set);
    status = Validator(validation, options).run();
  };
  const int cores = tbb::this_task_arena::max_concurrency();
  tbb::task_arena arena(options.threads > 0 ? std::min(options.threads, cores) : cores);
  arena.execute(all);
  if (!status) return base::pass(status);
  return validation;
}

std::string_view data_advice(Verdict verdict) {
  switch (verdict) {
    case Verdict::broken_json:
    case Verdict::broken_tags:
      return "mend the line; --fix leaves it out";
    case Verdict::value_not_in_text:
    case Verdict::wrong_offsets:
    case Verdict::ambiguous_value:
      return "annotate these anew; --fix mends offsets where the value stands in the text once";
    case Verdict::bad_character:
      return "remove the character; --fix does where it is certain";
    case Verdict::duplicate:
      return "keep one of them; --fix keeps the first";
    case Verdict::near_duplicate:
    case Verdict::template_repeated:
      return "they teach little; with a job, `duplicates` says how near is too near, and --fix keeps the "
             "first";
    case Verdict::conflict:
      return "decide for one intent; --fix leaves both out";
    case Verdict::slot_disagreement:
      return "look whether the value was put into the wrong slot";
    case Verdict::empty:
      return "remove the row; --fix does";
    default:
      return "read some of them: the data or the job is wrong";
  }
}

}  // namespace validators
