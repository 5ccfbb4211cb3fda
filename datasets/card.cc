#include "datasets/card.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json_writer.h"

namespace datasets {
namespace {

constexpr std::array<Split, 3> kSplits = {Split::train, Split::dev, Split::test};

std::size_t index(Split split) { return static_cast<std::size_t>(split); }

void write_counts(std::string_view name, const std::map<std::string, std::uint64_t>& counts,
                  base::JsonWriter& json) {
  json.key(name).begin_object();
  for (const auto& [key, count] : counts) json.member(key, count);
  json.end_object();
}

// A name within a table of Markdown.
std::string cell(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == '|') out += '\\';
    out += c == '\n' || c == '\r' ? ' ' : c;
  }
  return out;
}

}  // namespace

void DatasetCard::count(const Row& row) {
  const std::size_t side = index(row.split);
  ++rows_;
  ++splits_[side];
  ++kinds_[kind_name(row.kind)];
  ++models_[row.model];
  if (row.frames.empty()) ++intents_["none"][side];
  for (const Frame& frame : row.frames) {
    ++intents_[frame.intent][side];
    for (const Slot& slot : frame.slots) {
      SlotCount& counted = slots_[slot.name];
      ++counted.spans;
      if (counted.values.size() < kMostDistinct) counted.values.insert(base::hash64(slot.value));
    }
  }
}

void DatasetCard::merge(const DatasetCard& other) {
  rows_ += other.rows_;
  const auto add = [](SplitCounts& sum, const SplitCounts& counts) {
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += counts[i];
  };
  add(splits_, other.splits_);
  for (const auto& [name, counts] : other.intents_) add(intents_[name], counts);
  for (const auto& [name, count] : other.kinds_) kinds_[name] += count;
  for (const auto& [name, count] : other.models_) models_[name] += count;
  for (const auto& [name, counted] : other.slots_) {
    SlotCount& sum = slots_[name];
    sum.spans += counted.spans;
    for (const std::uint64_t value : counted.values) {
      if (sum.values.size() >= kMostDistinct) break;
      sum.values.insert(value);
    }
  }
}

std::string DatasetCard::json(const ReleaseInfo& info, const std::vector<std::string>& formats,
                              const std::vector<FileSummary>& files) const {
  std::string out;
  base::JsonWriter json(out);
  json.begin_object().member("dataset", 1).member("name", info.job_name).member("language", info.language);
  json.member("seed", info.seed).member("complete", info.complete);
  json.member("rows", rows_).key("splits").begin_object();
  for (const Split split : kSplits) json.member(split_name(split), rows(split));
  json.end_object().key("intents").begin_object();
  for (const auto& [intent, counts] : intents_) {
    json.key(intent).begin_object();
    for (const Split split : kSplits) json.member(split_name(split), counts[index(split)]);
    json.end_object();
  }
  json.end_object();
  write_counts("kinds", kinds_, json);
  write_counts("models", models_, json);
  json.key("slots").begin_object();
  for (const auto& [slot, count] : slots_) {
    json.key(slot).begin_object().member("spans", count.spans);
    json.member("values", std::uint64_t{count.values.size()}).end_object();
  }
  json.end_object().key("formats").begin_array();
  for (const std::string& format : formats) json.value(format);
  json.end_array().key("files").begin_object();
  for (const FileSummary& file : files) {
    json.key(file.name).begin_object().member("rows", file.rows).member("bytes", file.bytes);
    json.member("xxh128", base::to_hex(file.hash)).end_object();
  }
  json.end_object().end_object();
  out += '\n';
  return out;
}

std::string DatasetCard::readme(const ReleaseInfo& info, const std::vector<FileSummary>& files) const {
  std::string out = fmt::format("# {}\n\n", cell(info.job_name));
  out += fmt::format(
      "{} utterances ({}) with their intents and slots, made by slotmill. Every slot stands in its text, no "
      "text is here twice, and no two splits share a template (a text with its slot values masked).\n",
      rows_, info.language);
  if (!info.complete) out += "\nThe job's quotas were not all met when this was published.\n";

  out += "\n| intent | train | dev | test |\n|---|---:|---:|---:|\n";
  const auto line = [&out](std::string_view name, const SplitCounts& counts) {
    out += fmt::format("| {} | {} | {} | {} |\n", name, counts[0], counts[1], counts[2]);
  };
  for (const auto& [intent, counts] : intents_) line(cell(intent), counts);
  line("all rows", splits_);
  if (kinds_.contains(kind_name(Kind::multi_intent)))
    out += "\nA row with two intents counts for both, and once in the last line.\n";

  if (!slots_.empty()) out += "\n| slot | spans | distinct values |\n|---|---:|---:|\n";
  for (const auto& [slot, count] : slots_)
    out += fmt::format("| {} | {} | {} |\n", cell(slot), count.spans, count.values.size());

  out += "\n| model | rows |\n|---|---:|\n";
  for (const auto& [name, count] : models_) out += fmt::format("| {} | {} |\n", cell(name), count);

  out += "\n## Files\n\n| file | rows | bytes |\n|---|---:|---:|\n";
  for (const FileSummary& file : files)
    out += fmt::format("| `{}` | {} | {} |\n", file.name, file.rows, file.bytes);
  out +=
      "\nA split without rows has no file. `dataset.json` has these numbers and the XXH3-128 of each file "
      "(`xxhsum -H2`).\n";

  const auto first = [&](Split split) {
    return std::find_if(files.begin(), files.end(), [&](const FileSummary& file) {
      return file.split == split && file.name.find(".swift") != std::string::npos;
    });
  };
  if (const auto train = first(Split::train); train != files.end()) {
    out += fmt::format("\nWith ms-swift, in this directory:\n\n```\nswift sft --model MODEL --dataset {}",
                       train->name);
    if (const auto dev = first(Split::dev); dev != files.end()) out += " --val_dataset " + dev->name;
    out += "\n```\n";
  }
  return out;
}

}  // namespace datasets
