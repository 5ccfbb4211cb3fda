// A row that somebody else made: an utterance with tags of the names below, held against a Chinese and an
// English job. Repairs keep every slot in its place, and a repaired row has nothing left to repair.
#include "validators/row_check.h"

#include "base/unicode.h"
#include "prompts/annotation.h"
#include "tests/fuzz/claim.h"

namespace {

using prompts::SlotType;
using Form = SlotType::Form;

prompts::Job make_job(const std::string& language) {
  prompts::Job job;
  job.language = language;
  const bool chinese = language.starts_with("zh");
  using prompts::Written;
  job.slot_types = {
      SlotType::of_numbers("level", {0, 100, 1, {Written::arabic, Written::percent}}, language),
      SlotType::of_values("device", Form::values, {{"主屏", "主屏"}, {"主屏幕", "主屏幕"}, {"mic", "mic"}},
                          true, chinese),
      SlotType::of_values("time", Form::time, {{"下午三点", "下午三点"}, {"3:30", "3:30"}}, false, chinese)};
  prompts::Intent intent;
  intent.name = "set";
  intent.description = "调节会议室设备的音量";
  intent.slots = {{"level", 0, false, false}, {"device", 1, false, true}, {"time", 2, false, false}};
  job.intents.push_back(intent);
  return job;
}

void check(const validators::RowCheck& rules, datasets::Row row) {
  for (const validators::Finding& finding : rules.check(row))
    CLAIM(finding.verdict != validators::Verdict::accepted && base::is_valid_utf8(finding.detail));
  const std::size_t length = base::count_code_points(row.text);
  if (!rules.repair(row)) return;
  CLAIM(!row.repairs.empty() && base::count_code_points(row.text) == length);
  const std::u32string text = base::to_utf32(row.text);
  for (const datasets::Slot& slot : row.frames[0].slots)
    CLAIM(slot.start < slot.end && slot.end <= text.size() &&
          base::to_utf8(text.substr(slot.start, slot.end - slot.start)) == slot.text);
  if (base::has_traditional(row.text))
    return;  // 乾坤 is right as it is, and phrases depend on their neighbours
  datasets::Row again = row;
  CLAIM(!rules.repair(again) && again.text == row.text);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const prompts::Job chinese = make_job("zh-Hans");
  static const prompts::Job english = make_job("en");
  static const validators::RowCheck rules[] = {validators::RowCheck::make(chinese).value(),
                                               validators::RowCheck::make(english).value()};
  const auto annotated = prompts::parse_annotation(fuzz::view(data, size));
  if (!annotated) return 0;
  datasets::Row row;
  row.text = annotated->text;
  row.frames.emplace_back().intent = "set";
  for (const prompts::Tag& tag : annotated->tags)
    row.frames[0].slots.push_back({tag.name, tag.text, tag.text, tag.start, tag.end});
  for (const validators::RowCheck& each : rules) check(each, row);
  return 0;
}
