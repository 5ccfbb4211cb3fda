// Pattern models from text, and what they say. For tests only.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "local_model/pattern_model.h"

namespace local_model {

using Values = std::vector<model::PlannedSlot>;

base::Result<std::unique_ptr<PatternModel>> load_text(const std::string& patterns,
                                                      const std::string& language = "zh-Hans",
                                                      const std::vector<PatternDemand>& demands = {});
/// Must load.
std::unique_ptr<PatternModel> loaded(const std::string& patterns, const std::string& language = "zh-Hans",
                                     const std::vector<PatternDemand>& demands = {});
/// Must not load; every line's file name is checked and left out: `3:1: …`.
std::string load_error(const std::string& patterns, const std::vector<PatternDemand>& demands = {});

model::PlannedUtterance one(const std::string& intent, Values values = {});
model::PlannedUtterance two(const std::string& first, Values values, const std::string& second,
                            Values others);

model::Request request_for(std::vector<model::PlannedUtterance> utterances, std::uint64_t key = 1);
/// The one outcome of a request.
model::Outcome ask(PatternModel& model, const model::Request& request);
/// The utterances of a reply; the outcome must be one.
std::vector<std::string> utterances_of(const model::Outcome& outcome);
/// How often each text is said in `draws` utterances of the same plan.
std::map<std::string, int> said(PatternModel& model, const model::PlannedUtterance& plan, int draws = 1);
/// The only thing that is said in 64 draws; all different ones, joined by ` / `, if there are several.
std::string only(PatternModel& model, const model::PlannedUtterance& plan);

}  // namespace local_model
