#include "validators/deep/shared_values.h"

#include <algorithm>
#include <map>
#include <utility>

namespace validators::deep {
namespace {

// A value stands under both names for good if the rarer one has it twice and in a fifth of its places: less
// may be the very fault that is looked for.
constexpr std::uint32_t kTwice = 2;
constexpr std::uint32_t kFifth = 5;
// Names share values if three such values make up a tenth of the places of the rarer name.
constexpr std::uint32_t kSharedValues = 3;
constexpr std::uint32_t kTenth = 10;

}  // namespace

SharedValues::SharedValues(const Corpus& corpus, const ValueCounts& counts,
                           const std::vector<std::vector<std::string>>& groups)
    : names_(corpus.names.size()), shared_(names_ * names_) {
  for (const auto& group : groups)
    for (std::uint32_t a = 0; a < names_; ++a)
      for (std::uint32_t b = 0; b < a; ++b)
        if (std::count(group.begin(), group.end(), corpus.names[a]) > 0 &&
            std::count(group.begin(), group.end(), corpus.names[b]) > 0)
          share(a, b);
  std::vector<std::uint32_t> values(names_ * names_);
  std::vector<std::uint32_t> places(names_ * names_);
  for (std::uint32_t phrase = 0; phrase < counts.phrases().size(); ++phrase) {
    for (const auto& [a, of_a] : counts.names(phrase)) {
      for (const auto& [b, of_b] : counts.names(phrase)) {
        if (a == b) continue;
        const std::uint32_t rarer = std::min(of_a, of_b);
        if (rarer < kTwice || rarer * kFifth < of_a + of_b) continue;
        ++values[a * names_ + b];
        places[a * names_ + b] += of_a;
      }
    }
  }
  for (std::uint32_t a = 0; a < names_; ++a)
    for (std::uint32_t b = 0; b < names_; ++b)
      if (values[a * names_ + b] >= kSharedValues && places[a * names_ + b] * kTenth >= counts.labels(a))
        share(a, b);
}

std::vector<std::vector<std::string>> slots_of_one_type(const prompts::Job& job) {
  std::map<std::size_t, std::vector<std::string>> names;
  for (const prompts::Intent& intent : job.intents)
    for (const prompts::IntentSlot& slot : intent.slots) {
      auto& group = names[slot.type];
      if (std::find(group.begin(), group.end(), slot.name) == group.end()) group.push_back(slot.name);
    }
  std::vector<std::vector<std::string>> groups;
  for (auto& [type, group] : names)
    if (group.size() > 1) groups.push_back(std::move(group));
  return groups;
}

void SharedValues::share(std::uint32_t name, std::uint32_t other) {
  shared_[name * names_ + other] = true;
  shared_[other * names_ + name] = true;
}

}  // namespace validators::deep
