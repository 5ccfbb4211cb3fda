#include "prompts/job.h"

#include <algorithm>

#include "prompts/job_checks.h"
#include "prompts/job_reader.h"
#include "prompts/yaml_tree.h"

namespace prompts {

const IntentSlot* Intent::find_slot(std::string_view slot_name) const {
  const auto found = std::find_if(slots.begin(), slots.end(),
                                  [&](const IntentSlot& slot) { return slot.name == slot_name; });
  return found == slots.end() ? nullptr : &*found;
}

const Intent* Job::find_intent(std::string_view intent_name) const {
  const auto found = std::find_if(intents.begin(), intents.end(),
                                  [&](const Intent& intent) { return intent.name == intent_name; });
  return found == intents.end() ? nullptr : &*found;
}

base::Result<LoadedJob> load_job(const base::Path& path) {
  auto source = read_input(path);
  if (!source) return base::pass(source);
  Problems problems(path.string());
  LoadedJob loaded;
  if (const auto tree = YamlTree::parse(*source, problems)) {
    ReadContext context{problems, path.parent_path(), {}};
    JobRead read = read_job(tree->root(), context);
    check_job(read, problems);
    loaded.job = std::move(read.job);
    loaded.job.slot_types = std::move(read.slot_types.types);
    loaded.job.asks = std::move(read.slot_types.asks);
  }
  if (problems.count() > 0) return base::bad_input(problems.report());
  loaded.job.file = path;
  loaded.job.source = *std::move(source);
  loaded.warnings = problems.warnings();
  return loaded;
}

}  // namespace prompts
