#include "prompts/judge_reader.h"

#include <fmt/format.h>

#include <algorithm>

namespace prompts {

std::vector<std::size_t> read_model_ids(const YamlNode& node, const std::string& where,
                                        const std::vector<ModelSpec>& models, Problems& problems) {
  std::vector<std::string> ids;
  for (const ModelSpec& model : models) ids.push_back(model.id);
  std::vector<const YamlNode*> items{&node};
  if (node.kind != YamlNode::Kind::scalar) {
    const auto* list = read_list(node, where, "[max]", problems);
    if (!list) return {};
    items = *list;
    if (items.empty()) wrong_type(node, where, "the id of a model", problems);
  }
  std::vector<std::size_t> found;
  for (const YamlNode* item : items) {
    const auto id = read_text(*item, where, problems);
    if (!id) continue;
    const auto at = static_cast<std::size_t>(std::find(ids.begin(), ids.end(), *id) - ids.begin());
    if (at == ids.size()) {
      const std::string guess = did_you_mean(*id, ids);
      problems.error(item->mark, fmt::format("{}: no model {}{}", where, in_quotes(*id),
                                             guess.empty() ? "; name the id of one under models:" : guess));
    } else if (std::find(found.begin(), found.end(), at) != found.end()) {
      problems.error(item->mark, fmt::format("{}: {} is there twice; remove one", where, *id));
    } else {
      found.push_back(at);
    }
  }
  return found;
}

Judge read_judge(Fields& top, const std::vector<ModelSpec>& models, Problems& problems) {
  Judge judge;
  const YamlNode* node = top.find("judge");
  Fields fields(node, "judge", "{model: max}", problems);
  if (!fields.usable()) return judge;
  if (const YamlNode* model = fields.require("model", "name the model that judges, by its id"))
    judge.models = read_model_ids(*model, fields.name("model"), models, problems);
  for (const std::size_t number : judge.models) {
    const ModelSpec& spec = models[number];
    if (spec.kind == ModelSpec::Kind::patterns || spec.profile == Profile::compact)
      problems.error(
          fields.key_mark("model"),
          fmt::format("{}: {} can't judge: that takes a model that reads instructions, not patterns "
                      "and not the compact profile, that of file: shipped; name another",
                      fields.name("model"), spec.id));
  }
  bool asks_something = true;
  if (const YamlNode* ask = fields.find("ask")) {
    const std::vector<std::string> known = std::exchange(judge.ask, {});
    const auto* items = read_list(*ask, fields.name("ask"), "[intent, slots, natural]", problems);
    asks_something = items == nullptr || !items->empty();
    for (const YamlNode* item : items ? *items : std::vector<const YamlNode*>())
      if (const auto choice = read_choice(*item, fields.name("ask"), known, problems)) {
        const std::string& name = known[*choice];
        if (std::find(judge.ask.begin(), judge.ask.end(), name) != judge.ask.end())
          problems.error(item->mark, fmt::format("judge.ask: {} is there twice; remove one", name));
        else
          judge.ask.push_back(name);
      }
  }
  fields.boolean("round_trip", judge.round_trip);
  if (const auto use = fields.choice("use", {"review", "accept"})) judge.accept = *use == 1;
  if (!asks_something && !judge.round_trip)
    problems.error(fields.mark(),
                   "judge: asks about nothing; name something in ask:, or set round_trip: true");
  fields.finish();
  return judge;
}

}  // namespace prompts
