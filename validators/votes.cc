#include "validators/votes.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "base/text.h"
#include "base/unicode.h"
#include "prompts/annotation.h"
#include "validators/reply.h"

namespace validators {
namespace {

constexpr std::uint8_t kIntent = 1;
constexpr std::uint8_t kSlots = 2;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

/// Takes `3 ` or `3. ` off the front of a line: the place of its row, or nothing.
std::optional<std::size_t> take_number(std::string_view& line, std::size_t rows) {
  line = base::trim(line);
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), number);
  if (error != std::errc() || number == 0 || number > rows) return std::nullopt;
  line.remove_prefix(static_cast<std::size_t>(end - line.data()));
  for (const std::string_view mark : {".", ":", "、", "：", ")"})
    if (line.starts_with(mark)) {
      line.remove_prefix(mark.size());
      break;
    }
  line = base::trim(line);
  return number - 1;
}

/// `ok`, or names of faults with anything but letters between them. Others than were asked for, or none at
/// all: no vote.
Ballot read_vote(std::string_view line, const std::vector<std::string>& ask) {
  const std::string text = lower(line);
  Ballot ballot;
  bool ok = false;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] < 'a' || text[at] > 'z') {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && text[end] >= 'a' && text[end] <= 'z') ++end;
    const std::string_view word = std::string_view(text).substr(at, end - at);
    at = end;
    if (word == "ok") {
      ok = true;
      continue;
    }
    const auto fault = std::find(kFaultNames.begin(), kFaultNames.end(), word);
    if (fault == kFaultNames.end() || std::find(ask.begin(), ask.end(), word) == ask.end()) return {};
    ballot.faults = static_cast<std::uint8_t>(ballot.faults | 1U << (fault - kFaultNames.begin()));
  }
  ballot.given = ok != (ballot.faults != 0);
  if (!ballot.given) ballot.faults = 0;
  return ballot;
}

using Said = std::vector<std::pair<std::string, std::string>>;  // slot, value; sorted

/// The value as it is compared: what it means where the catalogue knows it, else as it is normalised.
std::string meaning(const prompts::Job& job, std::string_view intent, std::string_view slot,
                    std::string_view text) {
  if (const prompts::Intent* found = job.find_intent(intent))
    if (const prompts::IntentSlot* one = found->find_slot(slot))
      if (auto canonical = job.slot_types[one->type].canonical(text)) return *std::move(canonical);
  return base::normalise(text, job.chinese());
}

/// `set_volume [level:三十]` against the row. What can't be taken apart is no vote.
Ballot compare(std::string_view line, const datasets::Row& row, const prompts::Job& job) {
  const auto read = prompts::parse_annotation(line);
  if (!read) return {};
  // The intents stand around the tags.
  std::string around;
  std::size_t at = 0;
  std::uint32_t position = 0;
  const auto copy_to = [&](std::uint32_t end, bool keep) {
    for (; position < end && at < read->text.size(); ++position) {
      const std::size_t before = at;
      base::next_code_point(read->text, at);
      if (keep) around += read->text.substr(before, at - before);
    }
  };
  for (const prompts::Tag& tag : read->tags) {
    copy_to(tag.start, true);
    copy_to(tag.end, false);
  }
  around += read->text.substr(at);
  std::vector<std::string> intents;
  for (const std::string_view part : base::split(around, '+')) {
    const std::string_view name = base::trim(part);
    if (!name.empty()) intents.emplace_back(name);
  }
  if (intents.empty()) return {};
  std::vector<std::string> ours;
  for (const datasets::Frame& frame : row.frames) ours.push_back(frame.intent);
  if (ours.empty()) ours.emplace_back("none");
  Ballot ballot{true, 0};
  if (intents != ours) ballot.faults |= kIntent;

  Said said;
  for (const prompts::Tag& tag : read->tags) {
    std::string intent = intents.front();
    std::string slot = tag.name;
    if (const std::size_t dot = slot.find('.'); dot != std::string::npos) {
      intent = slot.substr(0, dot);
      slot.erase(0, dot + 1);
    } else if (row.frames.size() > 1) {  // the intent isn't said: that of the row which has the slot
      for (const datasets::Frame& frame : row.frames)
        if (const prompts::Intent* found = job.find_intent(frame.intent); found && found->find_slot(slot)) {
          intent = frame.intent;
          break;
        }
    }
    std::string name = row.frames.size() > 1 ? intent + "." + slot : slot;
    said.emplace_back(std::move(name), meaning(job, intent, slot, tag.text));
  }
  Said written;
  for (const datasets::Frame& frame : row.frames)
    for (const datasets::Slot& slot : frame.slots)
      written.emplace_back(row.frames.size() > 1 ? frame.intent + "." + slot.name : slot.name,
                           meaning(job, frame.intent, slot.name, slot.text));
  std::sort(said.begin(), said.end());
  std::sort(written.begin(), written.end());
  // Under another intent slots have other names: the intent alone is what is wrong.
  if (ballot.faults == 0 && said != written) ballot.faults |= kSlots;
  return ballot;
}

}  // namespace

void VoteCounts::add(const Ballot& ballot) {
  ++(!ballot.given ? none : ballot.faults == 0 ? yes : no);
  for (std::size_t i = 0; i < kFaultCount; ++i)
    if ((ballot.faults >> i & 1U) != 0) ++faults[i];
}

std::vector<Ballot> read_ballots(prompts::Opinion opinion, const model::Outcome& outcome,
                                 const std::vector<datasets::Row>& rows, const prompts::Job& job) {
  std::vector<Ballot> ballots(rows.size());
  if (outcome.kind != model::Outcome::Kind::reply) return ballots;
  const bool reading = opinion == prompts::Opinion::reading;
  const ParsedReply reply =
      parse_reply(outcome.body, outcome.finish, reading ? model::Wire::votes : model::Wire::readings);
  std::vector<char> seen(rows.size(), 0);
  for (std::string_view line : reply.utterances) {
    const auto number = take_number(line, rows.size());
    if (!number) continue;
    // Twice, and nobody knows which is meant.
    ballots[*number] = seen[*number]++ == 0
                           ? reading ? read_vote(line, job.judge.ask) : compare(line, rows[*number], job)
                           : Ballot{};
  }
  return ballots;
}

std::string_view vote_name(const Ballot& ballot) {
  return !ballot.given ? "none" : ballot.faults == 0 ? "yes" : "no";
}

std::vector<std::string> fault_names(const Ballot& ballot) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < kFaultCount; ++i)
    if ((ballot.faults >> i & 1U) != 0) names.emplace_back(kFaultNames[i]);
  return names;
}

}  // namespace validators
