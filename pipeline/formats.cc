#include "pipeline/formats.h"

#include <set>
#include <string>
#include <vector>

#include "datasets/formats/swift.h"

namespace pipeline {
namespace {

// A tool schema with more values than this says nothing that the data doesn't.
constexpr std::uint64_t kMostEnumValues = 50;

datasets::SlotSchema slot_schema(const prompts::Job& job, const prompts::IntentSlot& slot) {
  const prompts::SlotType& type = job.slot_types[slot.type];
  datasets::SlotSchema schema;
  schema.name = slot.name;
  schema.required = slot.required;
  schema.many = slot.many;
  schema.number = type.is_number();
  schema.surface =
      type.form() == prompts::SlotType::Form::date || type.form() == prompts::SlotType::Form::time;
  if (type.form() == prompts::SlotType::Form::values && !type.open()) {
    std::set<std::string> seen;
    for (std::uint64_t i = 0; i < type.size() && seen.size() <= kMostEnumValues; ++i) {
      const std::string canonical = type.value(i).canonical;
      if (seen.insert(canonical).second) schema.values.push_back(canonical);
    }
    if (seen.size() > kMostEnumValues) schema.values.clear();
  }
  return schema;
}

datasets::Schema schema_of(const prompts::Job& job) {
  datasets::Schema schema;
  for (const prompts::Intent& intent : job.intents) {
    datasets::IntentSchema entry{intent.name, intent.description, {}};
    for (const prompts::IntentSlot& slot : intent.slots) entry.slots.push_back(slot_schema(job, slot));
    schema.intents.push_back(std::move(entry));
  }
  schema.multi_intent = job.rows.multi_intent > 0;
  schema.decline = job.chinese() ? "抱歉，这个我帮不上忙。" : "Sorry, I can't help with that.";
  return schema;
}

std::vector<datasets::ReleaseFormat> formats_of(const prompts::Job& job) {
  using As = prompts::OutputFormat::As;
  std::vector<datasets::ReleaseFormat> formats;
  for (const prompts::OutputFormat& output : job.output.formats) {
    if (output.as == As::rows) {
      formats.push_back(
          {"rows", [](const datasets::Row& row, std::string& out) { datasets::append_row(row, out); }});
      continue;
    }
    const bool agent = output.as == As::swift_agent;
    datasets::SwiftFormat format(
        agent ? datasets::SwiftFormat::Shape::agent : datasets::SwiftFormat::Shape::messages, schema_of(job),
        output.system, output.canonical_values);
    formats.push_back({agent ? "swift-agent" : "swift",
                       [format](const datasets::Row& row, std::string& out) { format.append(row, out); }});
  }
  return formats;
}

}  // namespace

base::Result<datasets::PublishedRelease> publish(const prompts::Job& job, bool complete) {
  datasets::ReleaseInfo info;
  info.job_name = job.name;
  info.language = job.language;
  info.seed = job.seed;
  info.complete = complete;
  info.shares = datasets::SplitShares{job.output.train, job.output.dev, job.output.test};
  return datasets::publish_release(job.run_directory(), info, formats_of(job));
}

}  // namespace pipeline
