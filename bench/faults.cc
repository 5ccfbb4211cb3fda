// Do the checks catch what is wrong, and let pass what is right? Real rows are written as a model would have
// written them, planned values and inline tags in a JSON envelope; into one of ten goes one fault.
//
//   faults FILE...        data sets of one language, in any format that slotmill reads; docs/quality.md
//   faults --listed N     so many of the untouched rows that were hit are listed (40)
//
// The job is made of the rows: an intent of each, its slots as they have them, closed slot types of those
// with at most 100 values, number types of those with nothing but whole numbers, a pattern for the others.
// Prints for each kind of fault how many were injected and which verdicts they got, with * what isn't right;
// for the untouched rows the duplicates beside brute force and every other verdict with its row; and the CPU
// time of the check. Ends with 1 if a fault wasn't caught or the duplicates differ.
#include <fmt/format.h>
#include <re2/re2.h>
#include <time.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/hash.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "base/unicode.h"
#include "datasets/readers/find_text.h"
#include "datasets/readers/reader.h"
#include "prompts/job.h"
#include "prompts/plan.h"
#include "prompts/template_sentences.h"
#include "validators/checker.h"
#include "validators/duplicates/lane_index.h"
#include "validators/duplicates/near_index.h"

namespace {

using datasets::Row;
using validators::Candidate;
using validators::Verdict;
using Form = prompts::SlotType::Form;

constexpr std::size_t kMostClosed = 100;  // values
constexpr std::size_t kEvery = 10;        // rows of which one gets a fault
constexpr const char* kPattern = R"([^#@|<>]+)";

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// The rows of one frame whose slots lie side by side; others can't be written with tags.
bool usable(const Row& row) {
  if (row.frames.size() != 1) return false;
  std::uint32_t end = 0;
  for (const datasets::Slot& slot : row.frames[0].slots) {
    const auto text = datasets::substring(row.text, slot.start, slot.end);
    if (!text || *text != slot.text || slot.start < end || slot.end <= slot.start) return false;
    end = slot.end;
  }
  return true;
}

prompts::Job make_job(const std::vector<Row>& rows) {
  prompts::Job job;
  std::size_t han = 0;
  std::map<std::string, std::set<std::string>> values;
  std::map<std::string, std::size_t> intents;
  for (const Row& row : rows) {
    for (std::size_t at = 0; at < row.text.size();)
      if (base::script_of(base::next_code_point(row.text, at)) == base::Script::han) {
        ++han;
        break;
      }
    for (const datasets::Slot& slot : row.frames[0].slots) values[slot.name].insert(slot.text);
  }
  job.name = "faults";
  job.language = han * 2 > rows.size() ? "zh-Hans" : "en";
  job.check.max_length = 10'000;
  job.near = 0.8;
  job.per_template = 0;
  std::map<std::string, std::size_t> types;
  const auto pattern = std::make_shared<const re2::RE2>(kPattern);
  for (const auto& [name, texts] : values) {
    types[name] = job.slot_types.size();
    std::vector<prompts::Value> list;
    for (const std::string& text : texts) list.push_back({text, text});
    const bool numbers = std::all_of(texts.begin(), texts.end(), [](const std::string& text) {
      return re2::RE2::FullMatch(text, "[0-9]{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|zero");
    });
    const bool matches = std::all_of(texts.begin(), texts.end(), [&](const std::string& text) {
      return re2::RE2::FullMatch(text, *pattern);
    });
    if (numbers)
      job.slot_types.push_back(prompts::SlotType::of_numbers(
          name, {0, 999, 1, {prompts::Written::arabic, prompts::Written::words}}, job.language));
    else if (texts.size() <= kMostClosed)
      job.slot_types.push_back(
          prompts::SlotType::of_values(name, Form::values, std::move(list), false, job.chinese()));
    else if (matches)
      job.slot_types.push_back(prompts::SlotType::of_pattern(name, pattern, std::move(list), job.chinese()));
    else
      job.slot_types.push_back(
          prompts::SlotType::of_values(name, Form::values, std::move(list), true, job.chinese()));
  }
  for (const Row& row : rows) {
    const datasets::Frame& frame = row.frames[0];
    const auto [known, is_new] = intents.emplace(frame.intent, job.intents.size());
    if (is_new) job.intents.emplace_back().name = frame.intent;
    prompts::Intent& intent = job.intents[known->second];
    std::map<std::string, int> counts;
    for (const datasets::Slot& slot : frame.slots) ++counts[slot.name];
    for (const auto& [name, count] : counts) {
      if (intent.find_slot(name) == nullptr) intent.slots.push_back({name, types[name], false, false});
      for (prompts::IntentSlot& slot : intent.slots)
        if (slot.name == name && count > 1) slot.many = true;
    }
  }
  return job;
}

// One utterance: what is planned, and what a model writes.
struct Written {
  prompts::AnnotatedText text;
  model::PlannedUtterance plan;
  std::string raw;   // if not empty, in place of `text`
  std::string body;  // if not empty, the whole reply
  model::Finish finish = model::Finish::stop;
};

Written write_row(const Row& row) {
  Written out;
  out.text.text = row.text;
  out.plan.frames.push_back({row.frames[0].intent, {}});
  for (const datasets::Slot& slot : row.frames[0].slots) {
    out.text.tags.push_back({slot.name, slot.text, slot.start, slot.end});
    out.plan.frames[0].slots.push_back({slot.name, slot.text});
  }
  return out;
}

std::string marked(const Written& written) {
  return written.raw.empty() ? prompts::format_annotation(written.text) : written.raw;
}

std::string envelope(const std::vector<std::string>& utterances) {
  std::string out;
  base::JsonWriter json(out);
  json.begin_object().key("utterances").begin_array();
  for (const std::string& utterance : utterances) json.value(utterance);
  json.end_array().end_object();
  return out;
}

class Bench {
 public:
  explicit Bench(const prompts::Job& job)
      : job_(job), checker_(validators::Checker::make(job, plan_).value()) {}

  // The cells of the slots that were planned and of those that are tagged.
  std::vector<Candidate> check(const std::vector<Written>& all) const {
    prompts::Lane lane;
    prompts::AttemptPlan attempt;
    std::vector<std::string> utterances;
    const std::string& name = all[0].plan.frames[0].name;
    lane.name = name;
    for (std::size_t i = 0; i < job_.intents.size(); ++i) {
      if (job_.intents[i].name != name) continue;
      std::set<std::size_t> planned;
      std::set<std::size_t> tagged;
      const auto number = [&](std::string_view slot, std::set<std::size_t>& out) {
        for (std::size_t s = 0; s < job_.intents[i].slots.size(); ++s)
          if (job_.intents[i].slots[s].name == slot) out.insert(s);
      };
      for (const model::PlannedSlot& slot : all[0].plan.frames[0].slots) number(slot.name, planned);
      for (const prompts::Tag& tag : all[0].text.tags) number(tag.name, tagged);
      add_cell(lane, i, planned);
      if (std::includes(tagged.begin(), tagged.end(), planned.begin(), planned.end()) && tagged != planned)
        add_cell(lane, i, tagged);
    }
    for (const Written& written : all) {
      attempt.utterances.push_back(written.plan);
      attempt.styles.emplace_back();
      utterances.push_back(marked(written));
    }
    validators::Expectation expectation;
    expectation.lane = &lane;
    expectation.plan = &attempt;
    expectation.model = "m";
    model::Outcome outcome;
    outcome.kind = model::Outcome::Kind::reply;
    outcome.finish = all[0].finish;
    outcome.body = all[0].body.empty() ? envelope(utterances) : all[0].body;
    const double start = cpu_seconds();
    auto checked = checker_.check(expectation, outcome);
    seconds += cpu_seconds() - start;
    return std::move(checked.candidates);
  }
  Candidate check_one(const Written& written) const { return check({written}).at(0); }

  mutable double seconds = 0;

 private:
  static void add_cell(prompts::Lane& lane, std::size_t intent, const std::set<std::size_t>& slots) {
    prompts::Cell& cell = lane.cells.emplace_back();
    cell.id = "cell" + std::to_string(lane.cells.size());
    cell.intent = intent;
    cell.slots.assign(slots.begin(), slots.end());
  }
  const prompts::Job& job_;
  prompts::Plan plan_;
  validators::Checker checker_;
};

// What a lane decides at its commits, intent by intent, and the conflicts between them.
class Commits {
 public:
  explicit Commits(double near) : near_(near) {}

  Verdict decide(const std::string& intent, const Candidate& candidate) {
    State& state = states_.try_emplace(intent, near_).first->second;
    if (state.texts.find(candidate.text)) return Verdict::duplicate;
    const auto owner = owners_.emplace(candidate.text, intent);
    bool copy = false;
    state.near.find(candidate.tokens, [&](std::uint32_t row) {
      copy = state.values[row] == candidate.values;
      return !copy;
    });
    if (!owner.second && owner.first->second != intent) return Verdict::conflict;
    if (copy) return Verdict::near_duplicate;
    state.texts.add(candidate.text, candidate.template_hash);
    state.near.add(candidate.tokens);
    state.values.push_back(candidate.values);
    return Verdict::accepted;
  }

 private:
  struct State {
    explicit State(double near_from) : near(near_from) {}
    validators::LaneIndex texts;
    validators::NearIndex near;
    std::vector<std::uint64_t> values;
  };
  double near_;
  std::map<std::string, State> states_;
  std::unordered_map<base::Hash128, std::string, base::Hash128Hasher> owners_;
};

// The same without an index: every row is compared with every row before it of its intent.
std::map<Verdict, std::size_t> brute_force(const std::vector<std::string>& intents,
                                           const std::vector<Candidate>& candidates, double near,
                                           std::vector<Verdict>& each) {
  const validators::Jaccard jaccard(near);
  std::vector<std::size_t> kept;
  std::map<Verdict, std::size_t> counts;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    bool same = false;
    bool copy = false;
    bool elsewhere = false;
    for (std::size_t j = 0; j < i; ++j)
      if (candidates[j].text == candidates[i].text && intents[j] != intents[i]) elsewhere = true;
    for (const std::size_t j : kept) {
      if (intents[j] != intents[i]) continue;
      same = same || candidates[j].text == candidates[i].text;
      copy = copy || (candidates[j].values == candidates[i].values &&
                      jaccard.is_near(candidates[j].tokens, candidates[i].tokens));
    }
    each[i] = same        ? Verdict::duplicate
              : elsewhere ? Verdict::conflict
              : copy      ? Verdict::near_duplicate
                          : Verdict::accepted;
    ++counts[each[i]];
    if (each[i] == Verdict::accepted) kept.push_back(i);
  }
  return counts;
}

// A fault: makes it, or returns false where the row can't have it; and the verdicts that are right.
struct Fault {
  const char* name;
  std::vector<Verdict> right;
  bool may_be_mended;  // accepted with the slots of the row is right, too
  std::function<bool(Written&, const prompts::Job&)> make;
};

// Replaces the value of tag `at`, in the text as well.
void replace_value(Written& written, std::size_t at, const std::string& value, bool keep_tag) {
  prompts::Tag& tag = written.text.tags[at];
  const std::string_view all = written.text.text;
  const std::size_t from = datasets::substring(all, 0, tag.start).value_or("").size();
  written.text.text.replace(from, tag.text.size(), value);
  const auto more = static_cast<std::int64_t>(base::count_code_points(value)) -
                    static_cast<std::int64_t>(tag.end - tag.start);
  for (std::size_t i = at + 1; i < written.text.tags.size(); ++i) {
    written.text.tags[i].start = static_cast<std::uint32_t>(written.text.tags[i].start + more);
    written.text.tags[i].end = static_cast<std::uint32_t>(written.text.tags[i].end + more);
  }
  tag.text = value;
  tag.end = static_cast<std::uint32_t>(tag.end + more);
  if (!keep_tag) written.text.tags.erase(written.text.tags.begin() + static_cast<std::ptrdiff_t>(at));
}

// Whether the value of tag `at` stands there only, in any case, and no other slot has its name: else the
// fault is another.
bool stands_once(const Written& written, std::size_t at) {
  const std::vector<prompts::Tag>& tags = written.text.tags;
  if (tags.size() <= at || tags[at].text.size() == written.text.text.size()) return false;
  const auto same = [&](const prompts::Tag& tag) { return tag.name == tags[at].name; };
  return std::count_if(tags.begin(), tags.end(), same) == 1 &&
         datasets::find_text(base::fold(written.text.text), base::fold(tags[at].text)).size() == 1;
}

// Whether a longer value of the slot's type stands in the text around the value: then there it is that one
// ("grocery list" for "grocery").
bool has_longer(const std::string& text, const prompts::Tag& tag, const std::string& intent,
                const prompts::Job& job) {
  const prompts::SlotType& type = job.slot_types[job.find_intent(intent)->find_slot(tag.name)->type];
  const std::string value = base::fold(tag.text);
  const std::string folded = base::fold(text);
  for (std::uint64_t i = 0; !type.is_number() && i < type.size(); ++i) {
    const std::string other = base::fold(type.value(i).text);
    if (other.size() > value.size() && other.find(value) != std::string::npos &&
        folded.find(other) != std::string::npos)
      return true;
  }
  return false;
}

// Puts `more` between two words outside the tags, in Chinese without spaces before any character: at the
// `choice`-th such place, counted round.
bool insert(Written& written, const std::string& more, std::size_t choice) {
  prompts::AnnotatedText& text = written.text;
  const bool spaces = text.text.find(' ') != std::string::npos;
  std::vector<std::pair<std::size_t, std::uint32_t>> places;  // byte and code point
  std::uint32_t point = 0;
  for (std::size_t at = 0; at <= text.text.size(); ++point) {
    const bool inside = std::any_of(text.tags.begin(), text.tags.end(), [&](const prompts::Tag& tag) {
      return tag.start < point && point < tag.end;
    });
    std::size_t next = at;
    const bool han = !spaces && at < text.text.size() && base::is_han(base::next_code_point(text.text, next));
    const bool gap = at == 0 || at == text.text.size() || han || text.text[at] == ' ';
    if (!inside && gap) places.emplace_back(at, point);
    if (at == text.text.size()) break;
    base::next_code_point(text.text, at);
  }
  const auto [byte, place] = places[choice % places.size()];
  const std::string piece = byte == 0 ? more + " " : byte == text.text.size() || spaces ? " " + more : more;
  text.text.insert(byte, piece);
  const auto length = static_cast<std::uint32_t>(base::count_code_points(piece));
  for (prompts::Tag& tag : text.tags)
    if (tag.start >= place) tag.start += length, tag.end += length;
  return true;
}

// Into a place that the row alone decides.
bool insert_somewhere(Written& written, const std::string& more) {
  return insert(written, more, base::hash64(written.text.text) % 1000);
}

// A value of the model's own in a slot of such a type: the plan doesn't have it.
bool own_value(Written& written, const prompts::Job& job, const char* value,
               const std::function<bool(const prompts::SlotType&)>& wanted) {
  for (std::size_t i = 0; i < written.text.tags.size(); ++i) {
    const std::string name = written.text.tags[i].name;
    const prompts::IntentSlot* slot = job.find_intent(written.plan.frames[0].name)->find_slot(name);
    if (slot->many || !wanted(job.slot_types[slot->type])) continue;
    replace_value(written, i, value, true);
    std::erase_if(written.plan.frames[0].slots, [&](const auto& planned) { return planned.name == name; });
    return true;
  }
  return false;
}

bool append(Written& written, std::string_view more) {
  written.text.text += more;
  return true;
}

std::vector<Fault> faults() {
  const auto tags = [](const Written& written) { return !written.text.tags.empty(); };
  std::vector<Fault> out = {
      {"value not in text",
       {Verdict::missing_slot},
       false,
       [=](Written& w, const prompts::Job&) {
         if (!stands_once(w, 0)) return false;
         replace_value(w, 0, "qqq", false);
         return true;
       }},
      {"value changed",
       {Verdict::value_changed},
       false,
       [=](Written& w, const prompts::Job&) {
         if (!stands_once(w, 0)) return false;
         replace_value(w, 0, "qqq", true);
         return true;
       }},
      {"wrong occurrence",
       {Verdict::ambiguous_value},
       false,
       [=](Written& w, const prompts::Job& job) {
         if (w.text.tags.size() != 1) return false;
         append(w, (job.chinese() ? "，" : " or ") + w.text.tags[0].text);
         if (has_longer(w.text.text, w.text.tags[0], w.plan.frames[0].name, job)) return false;
         w.text.tags.clear();
         return true;
       }},
      {"boundary: three characters before",
       {Verdict::value_changed, Verdict::cut_value},
       true,
       [=](Written& w, const prompts::Job&) {
         if (!tags(w) || w.text.tags[0].start == 0) return false;
         prompts::Tag& tag = w.text.tags[0];
         const std::uint32_t start = tag.start > 3 ? tag.start - 3 : 0;
         tag.text = *datasets::substring(w.text.text, start, tag.end);
         tag.start = start;
         return true;
       }},
      {"boundary: three characters behind",
       {Verdict::value_changed, Verdict::cut_value},
       true,
       [=](Written& w, const prompts::Job&) {
         if (!tags(w)) return false;
         prompts::Tag& tag = w.text.tags.back();
         const auto end = static_cast<std::uint32_t>(base::count_code_points(w.text.text));
         if (tag.end == end) return false;
         tag.end = std::min(end, tag.end + 3);
         tag.text = *datasets::substring(w.text.text, tag.start, tag.end);
         return true;
       }},
      {"boundary: first character lost",
       {Verdict::value_changed, Verdict::cut_value},
       true,
       [=](Written& w, const prompts::Job&) {
         if (!tags(w) || w.text.tags[0].end - w.text.tags[0].start < 2) return false;
         prompts::Tag& tag = w.text.tags[0];
         tag.text = *datasets::substring(w.text.text, ++tag.start, tag.end);
         return true;
       }},
      {"boundary: last character lost",
       {Verdict::value_changed, Verdict::cut_value},
       true,
       [=](Written& w, const prompts::Job&) {
         if (!tags(w) || w.text.tags[0].end - w.text.tags[0].start < 2) return false;
         prompts::Tag& tag = w.text.tags[0];
         tag.text = *datasets::substring(w.text.text, tag.start, --tag.end);
         return true;
       }},
      {"unknown slot",
       {Verdict::unknown_slot},
       false,
       [=](Written& w, const prompts::Job&) {
         if (!tags(w)) return false;
         w.text.tags[0].name = "colour_of_the_sky";
         return true;
       }},
      {"missing slot",
       {Verdict::missing_slot},
       false,
       [=](Written& w, const prompts::Job&) {
         if (!tags(w) || !stands_once(w, w.text.tags.size() - 1)) return false;
         replace_value(w, w.text.tags.size() - 1, "", false);
         return true;
       }},
      {"overlap",
       {Verdict::broken_tags},
       false,
       [=](Written& w, const prompts::Job&) {
         if (!tags(w)) return false;
         w.raw = "[" + w.text.tags[0].name + ":" + prompts::format_annotation(w.text) + "]";
         return true;
       }},
      {"closed set",
       {Verdict::not_in_catalogue},
       false,
       [](Written& w, const prompts::Job& job) {
         return own_value(w, job, "qwertz", [](const prompts::SlotType& type) {
           return type.form() == Form::values && !type.open();
         });
       }},
      {"range",
       {Verdict::out_of_range},
       false,
       [](Written& w, const prompts::Job& job) {
         return own_value(w, job, "5000", [](const prompts::SlotType& type) { return type.is_number(); });
       }},
      {"pattern",
       {Verdict::pattern_mismatch},
       false,
       [](Written& w, const prompts::Job& job) {
         return own_value(w, job, "q#12@q",
                          [](const prompts::SlotType& type) { return type.form() == Form::pattern; });
       }},
      {"script",
       {Verdict::wrong_script},
       false,
       [](Written& w, const prompts::Job&) { return insert_somewhere(w, "пожалуйста"); }},
      {"control character",
       {Verdict::bad_character},
       false,
       [](Written& w, const prompts::Job&) { return insert_somewhere(w, "\x07"); }},
      {"placeholder",
       {Verdict::placeholder},
       false,
       [](Written& w, const prompts::Job&) { return insert_somewhere(w, "{name}"); }},
      {"prompt echo",
       {Verdict::prompt_echo},
       false,
       [](Written& w, const prompts::Job& job) {
         const std::vector<std::string> all = prompts::template_sentences(job);
         return !all.empty() && insert_somewhere(w, all[base::hash64(w.text.text) % all.size()]);
       }},
      {"thinking text",
       {Verdict::thinking_text},
       false,
       [](Written& w, const prompts::Job& job) {
         constexpr const char* kChinese[] = {"用户想让我写一句话", "<think>", "我需要生成三条句子"};
         constexpr const char* kEnglish[] = {"the user wants me to write this", "<think>",
                                             "i need to generate ten utterances"};
         return insert_somewhere(
             w, (job.chinese() ? kChinese : kEnglish)[base::hash64(w.text.text) % std::size(kEnglish)]);
       }},
      {"refusing utterance",
       {Verdict::refusing_utterance, Verdict::refused},
       false,
       [](Written& w, const prompts::Job& job) {
         w.raw = job.chinese() ? "作为一个人工智能，我不能提供这样的内容"
                               : "As an AI language model, I cannot help";
         return true;
       }},
      {"refusal",
       {Verdict::refused},
       false,
       [](Written& w, const prompts::Job& job) {
         w.body = job.chinese() ? "抱歉，我不能生成这样的内容。" : "I'm sorry, but I can't help with that.";
         return true;
       }},
  };
  // Broken JSON. Each is mended to the utterance as it was, or the reply is given up.
  using Break = std::string (*)(const std::string&);
  const std::pair<const char*, Break> breaks[] = {
      {"json: fence", [](const std::string& s) { return "```json\n" + s + "\n```"; }},
      {"json: prose around", [](const std::string& s) { return "Here you are:\n" + s + "\nEnjoy!"; }},
      {"json: thinking before", [](const std::string& s) { return "<think>a list {}</think>\n" + s; }},
      {"json: trailing comma", [](const std::string& s) { return s.substr(0, s.size() - 2) + ",]}"; }},
      {"json: last bracket lost", [](const std::string& s) { return s.substr(0, s.size() - 1); }},
      {"json: both brackets lost", [](const std::string& s) { return s.substr(0, s.size() - 2); }},
      {"json: cut in the string", [](const std::string& s) { return s.substr(0, s.size() - 4); }},
      {"json: bare list", [](const std::string& s) { return s.substr(14, s.size() - 15); }},
      {"json: key without quotes", [](const std::string& s) { return "{utterances" + s.substr(13); }},
      {"json: curly quotes",
       [](const std::string& s) { return s.substr(0, 15) + "“" + s.substr(16, s.size() - 19) + "”]}"; }},
      {"json: line break in the string",
       [](const std::string& s) { return s.substr(0, s.size() - 3) + "\n\"]}"; }},
      {"json: nothing but prose", [](const std::string&) { return std::string("one, two, three"); }},
  };
  for (const auto& [name, make] : breaks)
    out.push_back({name, {Verdict::broken_json}, true, [make](Written& w, const prompts::Job&) {
                     w.body = make(envelope({marked(w)}));
                     return true;
                   }});
  return out;
}

std::vector<std::string> slots_of(const Candidate& candidate) {
  std::vector<std::string> out;
  const auto row = datasets::parse_row(candidate.row);
  if (row)
    for (const datasets::Frame& frame : row->frames)
      for (const datasets::Slot& slot : frame.slots)
        out.push_back(fmt::format("{} {} {}", slot.name, slot.start, slot.end));
  return out;
}

// Faults against other rows: a copy is sent behind its original; the guard has the row.
int check_others(const std::vector<Row>& rows, const prompts::Job& job, const Bench& bench) {
  int wrong = 0;
  std::map<std::string, std::map<std::string, std::size_t>> got;
  const auto note = [&](const char* kind, Verdict verdict, Verdict right) {
    const bool ok = verdict == right;
    ++got[kind][(ok ? "" : "*") + std::string(verdict_code(verdict))];
    wrong += ok ? 0 : 1;
  };
  prompts::Job guarded = job;
  std::vector<Written> guarded_rows;
  for (std::size_t i = 0; i < rows.size(); i += kEvery) {
    const Written original = write_row(rows[i]);
    const Candidate first = bench.check_one(original);
    if (first.verdict != Verdict::accepted) continue;
    guarded.guard.rows.push_back({fmt::format("test:{}", i + 1), rows[i]});
    guarded_rows.push_back(original);
    const std::string& intent = rows[i].frames[0].intent;
    Written copy = original;
    append(copy, job.chinese() ? "。" : " !");
    Commits commits(job.near);
    commits.decide(intent, first);
    note("exact duplicate", commits.decide(intent, bench.check_one(copy)), Verdict::duplicate);
    note("conflict", commits.decide("another intent", first), Verdict::conflict);
    if (first.tokens.size() < (job.chinese() ? 9u : 8u))
      continue;  // a word more is too much for the threshold
    Written near = original;
    append(near, job.chinese() ? "吧" : " ok");
    const Candidate second = bench.check_one(near);
    if (second.verdict == Verdict::accepted)
      note("near duplicate", commits.decide(intent, second), Verdict::near_duplicate);
  }
  const Bench guard(guarded);
  for (const Written& written : guarded_rows)
    note("contamination", guard.check_one(written).verdict, Verdict::guarded);
  for (const auto& [kind, verdicts] : got) {
    fmt::print("  {:32}", kind);
    for (const auto& [code, count] : verdicts) fmt::print(" {} {}", code, count);
    fmt::print("\n");
  }
  return wrong;
}

int measure(const std::vector<Row>& rows, std::size_t listed) {
  const prompts::Job job = make_job(rows);
  const Bench bench(job);
  int wrong = 0;

  fmt::print("{} rows, {} intents, {} slot types\nfaults, and the verdicts that they got (* not right):\n",
             rows.size(), job.intents.size(), job.slot_types.size());
  for (const Fault& fault : faults()) {
    std::map<std::string, std::size_t> got;
    for (std::size_t i = 0; i < rows.size(); i += kEvery) {
      const Written original = write_row(rows[i]);
      Written changed = original;
      const Candidate before = bench.check_one(original);
      if (before.verdict != Verdict::accepted || !fault.make(changed, job)) continue;
      const Candidate after = bench.check_one(changed);
      const bool mended = after.verdict == Verdict::accepted && fault.may_be_mended &&
                          slots_of(after) == slots_of(before) && after.text == before.text;
      const bool right =
          mended || std::find(fault.right.begin(), fault.right.end(), after.verdict) != fault.right.end();
      ++got[(right ? "" : "*") + (mended ? "mended" : std::string(verdict_code(after.verdict)))];
      if (!right && static_cast<std::size_t>(++wrong) <= listed)
        fmt::print("    {}: {} {}: {}\n", fault.name, verdict_code(after.verdict), after.detail,
                   changed.body.empty() ? marked(changed) : changed.body);
    }
    fmt::print("  {:32}", fault.name);
    for (const auto& [code, count] : got) fmt::print(" {} {}", code, count);
    fmt::print("\n");
  }
  wrong += check_others(rows, job, bench);

  // The untouched rows.
  std::vector<Candidate> passed;
  std::vector<std::string> intents;
  std::map<Verdict, std::size_t> hit;
  std::size_t hits = 0;
  for (const Row& row : rows) {
    Candidate candidate = bench.check_one(write_row(row));
    if (candidate.verdict == Verdict::accepted) {
      intents.push_back(row.frames[0].intent);
      passed.push_back(std::move(candidate));
      continue;
    }
    ++hit[candidate.verdict];
    if (++hits <= listed)
      fmt::print("  untouched: {}: {}: {}\n", verdict_code(candidate.verdict), candidate.detail,
                 candidate.raw);
  }
  Commits commits(job.near);
  std::vector<Verdict> by_force(passed.size());
  std::size_t differ = 0;
  const auto counts = brute_force(intents, passed, job.near, by_force);
  for (std::size_t i = 0; i < passed.size(); ++i)
    if (commits.decide(intents[i], passed[i]) != by_force[i]) ++differ;
  fmt::print("untouched: {} of {} hit by other verdicts ({:.2f} %)", hits, rows.size(),
             100.0 * static_cast<double>(hits) / static_cast<double>(rows.size()));
  for (const auto& [verdict, count] : hit) fmt::print(", {} {}", verdict_code(verdict), count);
  fmt::print("\nagainst other rows:");
  for (const auto& [verdict, count] : counts) fmt::print(" {} {}", verdict_code(verdict), count);
  fmt::print("; {} differ from brute force\n", differ);

  // Ten to a reply, as a model writes them; then without their tags, so that all values are searched for.
  std::map<std::string, std::vector<Written>> cells;
  for (const Row& row : rows) {
    std::set<std::string> names;
    for (const datasets::Slot& slot : row.frames[0].slots) names.insert(slot.name);
    cells[row.frames[0].intent + "|" + fmt::format("{}", fmt::join(names, "+"))].push_back(write_row(row));
  }
  for (const bool tagged : {true, false}) {
    std::vector<double> times;
    for (int round = 0; round < 5; ++round) {
      bench.seconds = 0;
      std::size_t count = 0;
      for (const auto& [cell, written] : cells)
        for (std::size_t i = 0; i < written.size(); i += 10) {
          const std::size_t end = std::min(i + 10, written.size());
          std::vector<Written> reply(written.begin() + static_cast<std::ptrdiff_t>(i),
                                     written.begin() + static_cast<std::ptrdiff_t>(end));
          if (!tagged)
            for (Written& one : reply) one.text.tags.clear();
          (void)bench.check(reply);
          count += end - i;
        }
      times.push_back(bench.seconds * 1e6 / static_cast<double>(count));
    }
    std::sort(times.begin(), times.end());
    fmt::print("check{}: {:.2f} CPU microseconds a candidate ({:.2f} to {:.2f} in 5 rounds)\n",
               tagged ? "" : ", values untagged", times[2], times[0], times[4]);
  }
  return wrong == 0 && differ == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t listed = 40;
  std::vector<Row> rows;
  std::size_t skipped = 0;
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--listed" && i + 1 < argc) {
      listed = std::strtoull(argv[++i], nullptr, 10);
      continue;
    }
    auto file = datasets::read_data_file(argv[i], std::nullopt);
    if (!file) {
      fmt::print(stderr, "{}\n", file.error().message);
      return 2;
    }
    for (datasets::ReadRow& row : file->reading.rows) {
      if (usable(row.row))
        rows.push_back(std::move(row.row));
      else
        ++skipped;
    }
  }
  if (rows.empty()) {
    fmt::print(stderr, "usage: faults [--listed N] FILE...\n");
    return 2;
  }
  if (skipped > 0) fmt::print("{} rows can't be written with tags\n", skipped);
  return measure(rows, listed);
}
