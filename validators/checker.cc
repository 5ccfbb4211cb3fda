#include "validators/checker.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "base/json_writer.h"
#include "base/text.h"
#include "validators/duplicates/guard.h"
#include "validators/row_builder.h"
#include "validators/speech.h"
#include "validators/tag_rules.h"
#include "validators/text_repair.h"
#include "validators/text_rules.h"
#include "validators/value_rules.h"

namespace validators {
namespace {

constexpr std::size_t kMostRaw = 4096;  // bytes of a reject's raw text
constexpr std::size_t kNobody = static_cast<std::size_t>(-1);

/// At most kMostRaw bytes, whole code points only.
std::string_view cut_raw(std::string_view raw) {
  if (raw.size() <= kMostRaw) return raw;
  std::size_t end = kMostRaw;
  while (end > kMostRaw - 4 && (static_cast<unsigned char>(raw[end]) & 0xC0) == 0x80) --end;
  return raw.substr(0, end);
}

/// Without the number of its line in the list, a bullet, or quotes around all of it.
std::string_view strip(std::string_view marked, std::size_t index) {
  const std::string_view whole = marked;
  std::size_t digits = 0;
  std::size_t number = 0;
  for (; digits < marked.size() && digits < 4 && marked[digits] >= '0' && marked[digits] <= '9'; ++digits)
    number = number * 10 + static_cast<std::size_t>(marked[digits] - '0');
  if (digits > 0 && number == index + 1) {
    const std::string_view behind = marked.substr(digits);
    for (const std::string_view sign : {". ", ") ", "、", "．", "）"})
      if (behind.starts_with(sign)) marked = base::trim(behind.substr(sign.size()));
  } else {
    for (const std::string_view bullet : {"- ", "* ", "• ", "· "})
      if (marked.starts_with(bullet)) marked = base::trim(marked.substr(bullet.size()));
  }
  struct Quotes {
    std::string_view open;
    std::string_view close;
  };
  constexpr Quotes kQuotes[] = {{"“", "”"}, {"「", "」"}, {"\"", "\""}};
  for (const auto& [open, close] : kQuotes) {
    if (marked.size() <= open.size() + close.size() || !marked.starts_with(open) || !marked.ends_with(close))
      continue;
    const std::string_view inside = marked.substr(open.size(), marked.size() - open.size() - close.size());
    if (inside.find(open) == std::string_view::npos && inside.find(close) == std::string_view::npos)
      marked = base::trim(inside);
  }
  return marked.empty() ? whole : marked;
}

/// What is read of one utterance.
struct Utterance {
  std::string_view raw;
  prompts::AnnotatedText annotated;
  Finding finding;             // why it can't be read
  Repairs repairs;             // while it was read
  std::size_t plan = kNobody;  // the planned utterance that it answers
};

}  // namespace

struct Checker::Impl {
  Impl(const prompts::Job& the_job, TextRules the_text_rules, Speech the_speech)
      : job(&the_job),
        text_rules(std::move(the_text_rules)),
        speech(std::move(the_speech)),
        tag_rules(the_job),
        rows(the_job),
        guard(the_job, rows) {
    for (const prompts::Intent& intent : the_job.intents)
      for (const prompts::AnnotatedText& example : intent.examples)
        examples.insert(rows.text_hash(rows.normalise(example.text)));
    // Longer than any tags of an utterance that is short enough; the cost of all else is bounded by it.
    most_bytes = static_cast<std::size_t>(the_job.check.max_length) * 32 + 4096;
  }

  void read(const std::string& raw, std::size_t index, Utterance& out) const;
  Finding check_speech(const prompts::AnnotatedText& utterance) const;
  void repair(std::vector<FoundSlot>& found, std::string& text, Repairs& repairs) const;
  void match(const Expectation& expectation, std::vector<Utterance>& utterances,
             std::vector<char>& taken) const;
  void judge(const Expectation& expectation, Utterance& utterance, Candidate& candidate) const;

  const prompts::Job* job;
  TextRules text_rules;
  Speech speech;
  TagRules tag_rules;
  RowBuilder rows;
  Guard guard;
  std::unordered_set<base::Hash128, base::Hash128Hasher> examples;
  std::size_t most_bytes = 0;
};

Checker::Checker(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Checker::Checker(Checker&&) noexcept = default;
Checker& Checker::operator=(Checker&&) noexcept = default;
Checker::~Checker() = default;

base::Result<Checker> Checker::make(const prompts::Job& job, const prompts::Plan&) {
  auto rules = TextRules::make(job);
  if (!rules) return base::pass(rules);
  auto speech = Speech::make(job);
  if (!speech) return base::pass(speech);
  return Checker(std::make_unique<Impl>(job, *std::move(rules), *std::move(speech)));
}

void Checker::Impl::read(const std::string& raw, std::size_t index, Utterance& out) const {
  out.raw = raw;
  const std::string_view trimmed = base::trim(raw);
  const std::string_view marked = strip(trimmed, index);
  if (marked.size() != trimmed.size()) out.repairs.add(RowRepair::stripped);
  if (marked.empty()) {
    out.finding = {Verdict::empty, "nothing is written"};
  } else if (marked.size() > most_bytes) {
    out.finding = {Verdict::too_long, fmt::format("{} bytes", marked.size())};
  } else if (auto annotated = prompts::parse_annotation(marked)) {
    out.annotated = *std::move(annotated);
    if (out.annotated.repaired) out.repairs.add(RowRepair::tag_form);
    out.finding = check_speech(out.annotated);
  } else {
    const bool utf8 = base::is_valid_utf8(marked);
    out.finding = {utf8 ? Verdict::broken_tags : Verdict::bad_character,
                   std::move(annotated.error().message)};
  }
}

Finding Checker::Impl::check_speech(const prompts::AnnotatedText& utterance) const {
  Finding finding = speech.check(utterance.text, utterance.text, !utterance.tags.empty());
  if (finding.verdict == Verdict::accepted || utterance.tags.empty()) return finding;
  // Once more without the values: those are what the job says they are.
  std::string outside;
  std::size_t byte = 0;
  std::uint32_t position = 0;
  for (const prompts::Tag& tag : utterance.tags) {
    const std::size_t from = byte;
    for (; position < tag.start; ++position) base::next_code_point(utterance.text, byte);
    outside.append(utterance.text, from, byte - from) += "\u2026";
    byte += tag.text.size();
    position = tag.end;
  }
  outside.append(utterance.text, byte);
  return speech.check(utterance.text, outside, true);
}

/// Rewrites the text where it can only mean one other, and points the slots into it.
void Checker::Impl::repair(std::vector<FoundSlot>& found, std::string& text, Repairs& repairs) const {
  thread_local std::vector<Span> kept;
  kept.clear();
  for (const FoundSlot& slot : found)
    if (slot.planned != nullptr && slot.text == slot.planned->text) kept.push_back({slot.start, slot.end});
  std::string repaired;
  const bool simplify = job->chinese() && !job->language.starts_with("zh-Hant");
  if (!repair_text(text, job->chinese(), simplify, kept, repaired, repairs)) return;
  text = std::move(repaired);
  const std::string_view view = text;
  std::size_t byte = 0;
  std::uint32_t position = 0;
  for (FoundSlot& slot : found) {
    for (; position < slot.start; ++position) base::next_code_point(view, byte);
    const std::size_t from = byte;
    for (; position < slot.end; ++position) base::next_code_point(view, byte);
    slot.text = view.substr(from, byte - from);
  }
}

/// Models skip, repeat and reorder: an utterance answers the plan of its own index if it carries what
/// was planned there, else the first plan left over whose values it carries, else any plan left over.
void Checker::Impl::match(const Expectation& expectation, std::vector<Utterance>& utterances,
                          std::vector<char>& taken) const {
  const prompts::Cell& cell = expectation.lane->cells[expectation.cell];
  const std::vector<model::PlannedUtterance>& plans = expectation.plan->utterances;
  taken.assign(plans.size(), 0);
  const auto take = [&](Utterance& utterance, std::size_t plan) {
    utterance.plan = plan;
    taken[plan] = 1;
  };
  std::size_t matched = 0;
  for (std::size_t i = 0; i < utterances.size(); ++i) {
    if (utterances[i].finding.verdict != Verdict::accepted) continue;
    if (!tag_rules.agrees(cell, plans[i], utterances[i].annotated, false)) continue;
    take(utterances[i], i);
    ++matched;
  }
  if (matched == utterances.size()) return;
  for (const bool untagged : {false, true})
    for (std::size_t i = 0; i < utterances.size(); ++i) {
      Utterance& utterance = utterances[i];
      if (utterance.plan != kNobody || utterance.finding.verdict != Verdict::accepted) continue;
      // Its own index goes first once untagged values count.
      if (untagged && taken[i] == 0 && tag_rules.agrees(cell, plans[i], utterance.annotated, true)) {
        take(utterance, i);
        continue;
      }
      for (std::size_t plan = 0; plan < plans.size(); ++plan) {
        if (taken[plan] != 0 || plan == i ||
            !tag_rules.agrees(cell, plans[plan], utterance.annotated, untagged))
          continue;
        take(utterance, plan);
        break;
      }
    }
  for (std::size_t i = 0; i < utterances.size(); ++i)
    if (utterances[i].plan == kNobody && taken[i] == 0) take(utterances[i], i);
  for (Utterance& utterance : utterances) {
    if (utterance.plan != kNobody) continue;
    take(utterance, static_cast<std::size_t>(std::find(taken.begin(), taken.end(), 0) - taken.begin()));
  }
}

void Checker::Impl::judge(const Expectation& expectation, Utterance& utterance, Candidate& candidate) const {
  thread_local std::vector<FoundSlot> found;
  thread_local Pieces pieces;
  const auto reject = [&](Finding finding) {
    candidate.verdict = finding.verdict;
    candidate.detail = std::move(finding.detail);
    candidate.raw = cut_raw(utterance.raw);
  };
  if (utterance.finding.verdict != Verdict::accepted) return reject(utterance.finding);
  std::size_t cell = expectation.cell;
  if (Finding finding = tag_rules.check(*expectation.lane, expectation.plan->utterances[utterance.plan],
                                        utterance.annotated, cell, found, utterance.repairs);
      finding.verdict != Verdict::accepted)
    return reject(std::move(finding));
  repair(found, utterance.annotated.text, utterance.repairs);
  take_apart(utterance.annotated.text, found, pieces);
  if (Finding finding = text_rules.check(pieces.text, pieces.outside); finding.verdict != Verdict::accepted)
    return reject(std::move(finding));
  const std::string normalised = rows.normalise(pieces.text);
  candidate.text = rows.text_hash(normalised);
  if (examples.contains(candidate.text)) return reject({Verdict::copied_example, "an example of the job"});
  candidate.cell = static_cast<std::uint32_t>(cell);
  if (utterance.plan != candidate.index) utterance.repairs.add(RowRepair::reordered);
  candidate.repairs |= utterance.repairs;
  rows.build(expectation, utterance.plan, normalised, pieces, candidate);
  if (guard.empty()) return;
  // The row stays: rejects.jsonl shows it.
  if (auto near = guard.find(candidate.text, normalised, candidate.tokens)) {
    candidate.verdict = Verdict::guarded;
    candidate.detail = *std::move(near);
  }
}

CheckedReply Checker::check(const Expectation& expectation, const model::Outcome& outcome) const {
  CheckedReply out;
  const auto cell = static_cast<std::uint32_t>(expectation.cell);
  const auto add = [&](Verdict verdict, std::size_t index) -> Candidate& {
    Candidate& candidate = out.candidates.emplace_back();
    candidate.verdict = verdict;
    candidate.index = static_cast<std::uint32_t>(index);
    candidate.cell = cell;
    return candidate;
  };
  if (outcome.kind != model::Outcome::Kind::reply) {
    add(Verdict::failed, 0).detail = outcome.body;
    return out;
  }
  ParsedReply reply = parse_reply(outcome.body, outcome.finish, expectation.wire);
  out.repair = reply.repair;
  if (reply.verdict != Verdict::accepted) {
    Candidate& candidate = add(reply.verdict, 0);
    candidate.detail = fmt::format("the reply ended with {}", model::finish_name(outcome.finish));
    candidate.raw = cut_raw(outcome.body);
    return out;
  }

  if (const auto type = expectation.lane->cells[expectation.cell].catalogue) {
    check_values(*impl_->job, *type, expectation.plan->utterances.size(), reply.utterances, out);
    return out;
  }
  const std::size_t planned = expectation.plan->utterances.size();
  if (reply.utterances.size() > planned) reply.utterances.resize(planned);
  std::vector<Utterance> utterances(reply.utterances.size());
  for (std::size_t i = 0; i < utterances.size(); ++i) impl_->read(reply.utterances[i], i, utterances[i]);
  thread_local std::vector<char> taken;
  impl_->match(expectation, utterances, taken);
  out.candidates.reserve(planned);
  for (std::size_t i = 0; i < utterances.size(); ++i) {
    if (reply.repair != Repair::strict) utterances[i].repairs.add(row_repair(reply.repair));
    impl_->judge(expectation, utterances[i], add(Verdict::accepted, i));
  }
  for (std::size_t plan = 0; plan < planned; ++plan)
    if (taken[plan] == 0)
      add(Verdict::missing_candidate, plan).detail =
          fmt::format("{} of {} utterances came", utterances.size(), planned);
  return out;
}

void append_reject(Verdict verdict, const Expectation& expectation, const Candidate& candidate,
                   std::string& out) {
  base::JsonWriter json(out);
  json.begin_object();
  json.member("verdict", verdict_code(verdict));
  json.member("detail", candidate.detail);
  json.member("raw", candidate.raw);
  json.key("source").begin_object();
  json.member("cell", expectation.lane->cells[expectation.cell].id);
  json.member("attempt", expectation.attempt);
  json.member("index", std::uint64_t{candidate.index});
  json.member("key", base::to_hex(expectation.key));
  json.member("model", expectation.model);
  json.end_object();
  json.key("row");
  if (candidate.row.empty()) {
    json.null();
  } else {
    json.raw(candidate.row);
  }
  json.end_object();
}

}  // namespace validators
