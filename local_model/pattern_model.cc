#include "local_model/pattern_model.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/hash.h"
#include "base/json_writer.h"
#include "local_model/pattern_checks.h"
#include "local_model/pattern_compiler.h"
#include "local_model/pattern_sampler.h"

namespace local_model {
namespace {

// What the job demands and no line can do. Positions are those of the entries.
void check_sets(const PatternFile& file, const PatternGrammar& grammar, const PatternSampler& sampler,
                const std::vector<PatternDemand>& demands, PatternProblems& problems) {
  for (const PatternDemand& demand : demands) {
    const Position position = file.find_entry(demand.entry)->position;
    if (demand.entry == kMultiIntent) {
      if (grammar.find(demand.entry)->find(0) == nullptr) {
        problems.add(position, fmt::format("{}: no pattern takes both &[1] and &[2]", demand.entry));
      }
      continue;
    }
    // Without slots there is one set, the empty one.
    const auto sets = demand.slots.empty() ? std::vector<std::vector<std::string>>(1) : demand.sets;
    for (const auto& set : sets) {
      if (sampler.count_wordings(demand.entry, set, 1) > 0) continue;
      problems.add(position, set.empty() ? fmt::format("{}: no pattern does without slots", demand.entry)
                                         : fmt::format("{}: no pattern takes exactly the slots {{{}}}",
                                                       demand.entry, fmt::join(set, ", ")));
    }
  }
}

}  // namespace

struct PatternModel::Impl {
  Impl(std::string file_name, PatternGrammar compiled, bool chinese)
      : file(std::move(file_name)), grammar(std::move(compiled)), sampler(grammar, chinese) {}

  model::Outcome answer(const model::Request& request) const;

  const std::string file;  // for messages
  const PatternGrammar grammar;
  const PatternSampler sampler;
  model::ModelIdentity identity;
};

model::Outcome PatternModel::Impl::answer(const model::Request& request) const {
  model::Outcome outcome;
  outcome.kind = model::Outcome::Kind::reply;
  base::JsonWriter json(outcome.body);
  json.begin_object().key("utterances").begin_array();
  std::string text;
  for (std::size_t i = 0; i < request.utterances.size(); ++i) {
    text.clear();
    switch (sampler.append(request.utterances[i], base::mix(request.key.low, i), text)) {
      case PatternSampler::Drawn::done:
        json.value(text);
        break;
      case PatternSampler::Drawn::no_pattern:
        break;
      case PatternSampler::Drawn::unknown_entry: {
        const auto& frames = request.utterances[i].frames;
        std::vector<std::string> wanted;
        wanted.reserve(frames.size() + 1);
        for (const auto& frame : frames) wanted.push_back("%[" + frame.name + "]");
        if (frames.size() != 1) wanted.push_back("%[multi_intent]");
        outcome.kind = model::Outcome::Kind::failed;
        outcome.body =
            fmt::format("{} has no patterns for an utterance of {}", file, fmt::join(wanted, ", "));
        return outcome;
      }
    }
  }
  json.end_array().end_object();
  return outcome;
}

base::Result<std::unique_ptr<PatternModel>> PatternModel::load(const base::Path& path,
                                                               const std::string& language,
                                                               const std::vector<PatternDemand>& demands) {
  const auto bytes = base::read_file(path);
  if (!bytes) return base::pass(bytes);
  const bool chinese = language.starts_with("zh");
  PatternProblems problems;
  PatternFile file = parse_patterns(*bytes, problems);
  check_aliases(file, problems);
  check_demands(file, demands, problems);
  if (!problems.empty()) return base::bad_input(problems.format(path.string()));
  auto impl =
      std::make_unique<Impl>(path.string(), compile_patterns(file, demands, chinese, problems), chinese);
  if (problems.empty()) check_sets(file, impl->grammar, impl->sampler, demands, problems);
  if (!problems.empty()) return base::bad_input(problems.format(path.string()));
  impl->identity.provider = "patterns";
  impl->identity.name = base::to_hex(base::hash64(*bytes));
  return std::unique_ptr<PatternModel>(new PatternModel(std::move(impl)));
}

PatternModel::PatternModel(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PatternModel::~PatternModel() = default;

const model::ModelIdentity& PatternModel::identity() const { return impl_->identity; }

model::Capabilities PatternModel::capabilities() const {
  return {.reads_prompt = false, .follows_style = false};
}

std::string PatternModel::describe() const { return fmt::format("patterns of {}", impl_->file); }

std::size_t PatternModel::credits() const { return 64; }

void PatternModel::submit(model::Ticket ticket, const model::Request& request, model::OutcomeSink& sink) {
  sink.deliver(ticket, impl_->answer(request));
}

std::uint64_t PatternModel::count_wordings(const std::string& entry, const std::vector<std::string>& slots,
                                           std::uint64_t limit) const {
  return impl_->sampler.count_wordings(entry, slots, limit);
}

}  // namespace local_model
