// A pattern file, and what is drawn from it for every entry that it has: an utterance must read as an
// annotation with exactly the planned slots.
#include <algorithm>
#include <array>
#include <set>

#include "local_model/pattern_checks.h"
#include "local_model/pattern_compiler.h"
#include "local_model/pattern_file.h"
#include "local_model/pattern_sampler.h"
#include "prompts/annotation.h"
#include "tests/fuzz/claim.h"

namespace {

using local_model::PatternNode;
using local_model::PatternSampler;

/// An intent for every entry, with the slots that stand in the file.
std::vector<local_model::PatternDemand> demands_of(const local_model::PatternFile& file) {
  std::set<std::string> slots;
  for (const PatternNode& node : file.nodes)
    if (node.kind == PatternNode::Kind::slot || node.kind == PatternNode::Kind::list) slots.insert(node.text);
  std::vector<local_model::PatternDemand> demands;
  for (const auto& entry : file.entries) {
    const bool reserved = entry.name == local_model::kMultiIntent || entry.name == "out_of_scope_near" ||
                          entry.name == "out_of_scope_far" ||
                          entry.name.ends_with(local_model::kClauseSuffix);
    local_model::PatternDemand demand{entry.name, {}, {}};
    if (!reserved) demand.slots.assign(slots.begin(), slots.end());
    if (!entry.name.ends_with(local_model::kClauseSuffix)) demands.push_back(std::move(demand));
  }
  return demands;
}

model::PlannedFrame frame_of(const std::string& name, const std::vector<std::string>& slots) {
  model::PlannedFrame frame{name, {}};
  constexpr std::array<std::string_view, 3> kValues = {"三十", " a [b] \\", "主屏:1"};
  for (std::size_t i = 0; i < slots.size(); ++i)
    frame.slots.push_back({slots[i], std::string(kValues[i % 3])});
  return frame;
}

/// Name and value of each tag, without spaces at the edges of a value, in any order.
using Tags = std::multiset<std::pair<std::string, std::string>>;

void check_drawn(const PatternSampler& sampler, const model::PlannedUtterance& planned) {
  std::string text;
  if (sampler.append(planned, 1, text) != PatternSampler::Drawn::done) {
    CLAIM(text.empty());
    return;
  }
  std::string again;
  CLAIM(sampler.append(planned, 1, again) == PatternSampler::Drawn::done && again == text);
  Tags wanted;
  for (const auto& frame : planned.frames)
    for (const auto& slot : frame.slots)
      wanted.emplace(planned.frames.size() == 1 ? slot.name : frame.name + "." + slot.name,
                     base::trim(slot.text));
  const auto read = prompts::parse_annotation(text);
  CLAIM(read);
  Tags tags;
  for (const auto& tag : read->tags) tags.emplace(tag.name, tag.text);
  CLAIM(tags == wanted);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = fuzz::view(data, size);
  local_model::PatternProblems problems;
  local_model::PatternFile file = local_model::parse_patterns(bytes, problems);
  const auto demands = demands_of(file);
  local_model::check_aliases(file, problems);
  local_model::check_demands(file, demands, problems);
  const bool chinese = size % 2 == 0;
  local_model::PatternGrammar grammar;
  if (problems.empty()) grammar = local_model::compile_patterns(file, demands, chinese, problems);
  if (!problems.empty()) {
    CLAIM(base::is_valid_utf8(problems.format("patterns.txt")));
    return 0;
  }
  const PatternSampler sampler(grammar, chinese);
  std::vector<model::PlannedFrame> frames;
  for (const auto& demand : demands) {
    std::vector<std::vector<std::string>> sets = {{}};
    if (!demand.slots.empty()) sets.push_back(demand.slots);
    for (const std::string& slot : demand.slots) {
      sets.push_back({slot});
      sets.push_back({slot, slot});
    }
    for (const auto& set : sets) {
      const model::PlannedUtterance planned{{frame_of(demand.entry, set)}};
      check_drawn(sampler, planned);
      std::string text;
      const bool drawn = sampler.append(planned, 2, text) == PatternSampler::Drawn::done;
      if (demand.entry == local_model::kMultiIntent) continue;
      CLAIM(drawn == (sampler.count_wordings(demand.entry, set, 3) > 0));
      if (drawn && !set.empty()) frames.push_back(planned.frames[0]);
    }
  }
  for (std::size_t i = 0; i + 1 < std::min<std::size_t>(frames.size(), 4); ++i)
    check_drawn(sampler, {{frames[i], frames[i + 1]}});
  return 0;
}
