#include "datasets/row.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

#include "base/json_writer.h"
#include "base/text.h"

namespace datasets {
namespace {

namespace dom = simdjson::dom;

constexpr std::array<const char*, 3> kKindNames = {"in_scope", "out_of_scope", "multi_intent"};
constexpr std::array<const char*, 3> kSplitNames = {"train", "dev", "test"};

// The names of a record, in the order in which append_row writes them.
constexpr std::array<std::string_view, 14> kRowKeys = {"id",      "text",     "language", "kind",  "frames",
                                                       "history", "origin",   "model",    "style", "source",
                                                       "repairs", "template", "split",    "votes"};
constexpr std::array<std::string_view, 2> kFrameKeys = {"intent", "slots"};
constexpr std::array<std::string_view, 5> kSlotKeys = {"name", "text", "value", "start", "end"};
constexpr std::array<std::string_view, 4> kSourceKeys = {"cell", "attempt", "index", "key"};
constexpr std::array<std::string_view, 4> kVoteKeys = {"model", "by", "vote", "faults"};
constexpr std::string_view kNoVotes = "\"votes\":[]}";

// Takes values out of one row. The first fault is kept; after it the values are empty. Where a value
// is, as in `frames[0].slots[1].start`, is put together only when there is a fault to report.
class RowReader {
 public:
  base::Result<Row> read(const dom::element& root) {
    Row row;
    std::array<dom::element, kRowKeys.size()> f;
    if (!take_object(root, "", kRowKeys, f)) return error();
    row.id = text(f[0], "id");
    row.text = text(f[1], "text");
    row.language = text(f[2], "language");
    row.kind = static_cast<Kind>(choice(f[3], "kind", kKindNames));
    read_frames(f[4], row);
    dom::array history;
    if (f[5].get(history) != simdjson::SUCCESS || history.size() != 0)
      fail("history", "must be an empty array");
    row.origin = text(f[6], "origin");
    row.model = text(f[7], "model");
    read_style(f[8], row);
    read_source(f[9], row.source);
    read_repairs(f[10], row);
    row.template_text = text(f[11], "template");
    row.split = static_cast<Split>(choice(f[12], "split", kSplitNames));
    read_votes(f[13], row);
    if (message_) return error();
    return row;
  }

 private:
  tl::unexpected<base::Error> error() const { return base::bad_input(*message_); }

  void fail(std::string_view where, std::string_view what) {
    if (!message_)
      message_ = where.empty() ? fmt::format("a row {}", what) : fmt::format("{}: {}", where, what);
  }

  static std::string member(std::string_view where, std::string_view key) {
    return where.empty() ? std::string(key) : fmt::format("{}.{}", where, key);
  }

  // The members of an object, which must have exactly these names. In any order; the order of
  // append_row costs one comparison for each.
  template <std::size_t n>
  bool take_object(const dom::element& from, std::string_view where,
                   const std::array<std::string_view, n>& keys, std::array<dom::element, n>& values) {
    dom::object object;
    if (from.get(object) != simdjson::SUCCESS) {
      fail(where, "must be an object");
      return false;
    }
    std::array<bool, n> seen{};
    std::size_t expected = 0;
    for (const dom::key_value_pair field : object) {
      std::size_t at = expected++;
      if (at >= n || field.key != keys[at])
        at = static_cast<std::size_t>(std::find(keys.begin(), keys.end(), field.key) - keys.begin());
      if (at == n || seen[at]) {
        fail(member(where, field.key), at == n ? "unknown key" : "stands there twice");
        return false;
      }
      seen[at] = true;
      values[at] = field.value;
    }
    const auto missing = std::find(seen.begin(), seen.end(), false);
    if (missing == seen.end()) return true;
    fail(member(where, keys[static_cast<std::size_t>(missing - seen.begin())]), "missing");
    return false;
  }

  std::string text(const dom::element& from, std::string_view where) {
    std::string_view value;
    if (from.get(value) != simdjson::SUCCESS) fail(where, "must be a string");
    return std::string(value);
  }

  template <class T>
  T number(const dom::element& from, std::string_view where) {
    std::uint64_t value = 0;
    if (from.get(value) != simdjson::SUCCESS || value > std::numeric_limits<T>::max())
      fail(where, fmt::format("must be a whole number from 0 to {}", std::numeric_limits<T>::max()));
    return static_cast<T>(value);
  }

  std::size_t choice(const dom::element& from, std::string_view where,
                     const std::array<const char*, 3>& names) {
    const std::string value = text(from, where);
    const auto found = std::find(names.begin(), names.end(), value);
    if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
    fail(where, fmt::format("`{}` is none of {}", value, fmt::join(names, ", ")));
    return 0;
  }

  void read_frames(const dom::element& from, Row& row) {
    dom::array frames;
    if (from.get(frames) != simdjson::SUCCESS) return fail("frames", "must be an array");
    for (const dom::element element : frames) {
      if (message_) return;
      const std::size_t index = row.frames.size();
      std::array<dom::element, kFrameKeys.size()> f;
      if (!take_object(element, "", kFrameKeys, f)) return prefix(fmt::format("frames[{}]", index));
      Frame& frame = row.frames.emplace_back();
      frame.intent = text(f[0], "intent");
      if (!message_) read_slots(f[1], row.text, frame);
      if (message_) return prefix(fmt::format("frames[{}]", index));
    }
  }

  void read_slots(const dom::element& from, std::string_view utterance, Frame& frame) {
    dom::array slots;
    if (from.get(slots) != simdjson::SUCCESS) return fail("slots", "must be an array");
    for (const dom::element element : slots) {
      std::array<dom::element, kSlotKeys.size()> f;
      const std::size_t index = frame.slots.size();
      if (!take_object(element, "", kSlotKeys, f)) return prefix(fmt::format("slots[{}]", index));
      Slot& slot = frame.slots.emplace_back();
      slot.name = text(f[0], "name");
      slot.text = text(f[1], "text");
      slot.value = text(f[2], "value");
      slot.start = number<std::uint32_t>(f[3], "start");
      slot.end = number<std::uint32_t>(f[4], "end");
      if (!message_ && !stands_at(utterance, slot))
        fail("text", fmt::format("`{}` isn't what stands at {} to {} in the row's text", slot.text,
                                 slot.start, slot.end));
      if (message_) return prefix(fmt::format("slots[{}]", index));
    }
  }

  // Puts the place of a fault before its name.
  void prefix(const std::string& where) {
    const bool whole = message_->starts_with("a row ");
    *message_ =
        whole ? fmt::format("{}: {}", where, message_->substr(6)) : fmt::format("{}.{}", where, *message_);
  }

  static bool stands_at(std::string_view utterance, const Slot& slot) {
    std::size_t at = 0;
    for (std::uint32_t i = 0; i < slot.start; ++i) {
      if (at == utterance.size()) return false;
      base::next_code_point(utterance, at);
    }
    return !slot.text.empty() && utterance.substr(at).starts_with(slot.text) &&
           base::count_code_points(slot.text) + slot.start == slot.end;
  }

  void read_style(const dom::element& from, Row& row) {
    dom::object style;
    if (from.get(style) != simdjson::SUCCESS) return fail("style", "must be an object");
    for (const dom::key_value_pair field : style) {
      std::string_view value;
      if (field.value.get(value) != simdjson::SUCCESS)
        return fail(member("style", field.key), "must be a string");
      row.style.emplace_back(field.key, value);
    }
  }

  void read_repairs(const dom::element& from, Row& row) {
    dom::array repairs;
    if (from.get(repairs) != simdjson::SUCCESS) return fail("repairs", "must be an array");
    for (const dom::element element : repairs) row.repairs.push_back(text(element, "repairs"));
  }

  void read_source(const dom::element& from, Source& source) {
    std::array<dom::element, kSourceKeys.size()> f;
    if (!take_object(from, "source", kSourceKeys, f)) return;
    source.cell = text(f[0], "source.cell");
    source.attempt = number<std::uint64_t>(f[1], "source.attempt");
    source.index = number<std::uint32_t>(f[2], "source.index");
    source.key = text(f[3], "source.key");
  }

  void read_votes(const dom::element& from, Row& row) {
    dom::array votes;
    if (from.get(votes) != simdjson::SUCCESS) return fail("votes", "must be an array");
    for (const dom::element element : votes) {
      std::array<dom::element, kVoteKeys.size()> f;
      if (!take_object(element, "votes", kVoteKeys, f)) return;
      Vote& vote = row.votes.emplace_back();
      vote.model = text(f[0], "votes.model");
      vote.by = text(f[1], "votes.by");
      vote.vote = text(f[2], "votes.vote");
      dom::array faults;
      if (f[3].get(faults) != simdjson::SUCCESS) return fail("votes.faults", "must be an array");
      for (const dom::element fault : faults) vote.faults.push_back(text(fault, "votes.faults"));
    }
  }

  std::optional<std::string> message_;
};

void write_votes(const std::vector<Vote>& votes, base::JsonWriter& json) {
  json.key("votes").begin_array();
  for (const Vote& vote : votes) {
    json.begin_object().member("model", vote.model).member("by", vote.by).member("vote", vote.vote);
    json.key("faults").begin_array();
    for (const std::string& fault : vote.faults) json.value(fault);
    json.end_array().end_object();
  }
  json.end_array().end_object();
}

}  // namespace

const char* kind_name(Kind kind) { return kKindNames[static_cast<std::size_t>(kind)]; }
const char* split_name(Split split) { return kSplitNames[static_cast<std::size_t>(split)]; }

void append_row(const Row& row, std::string& out) {
  base::JsonWriter json(out);
  json.begin_object();
  json.member("id", row.id).member("text", row.text).member("language", row.language);
  json.member("kind", kind_name(row.kind));
  json.key("frames").begin_array();
  for (const Frame& frame : row.frames) {
    json.begin_object().member("intent", frame.intent).key("slots").begin_array();
    for (const Slot& slot : frame.slots) {
      json.begin_object().member("name", slot.name).member("text", slot.text).member("value", slot.value);
      json.member("start", std::uint64_t{slot.start}).member("end", std::uint64_t{slot.end}).end_object();
    }
    json.end_array().end_object();
  }
  json.end_array().key("history").begin_array().end_array();
  json.member("origin", row.origin).member("model", row.model);
  json.key("style").begin_object();
  for (const auto& [axis, value] : row.style) json.member(axis, value);
  json.end_object().key("source").begin_object();
  json.member("cell", row.source.cell).member("attempt", row.source.attempt);
  json.member("index", std::uint64_t{row.source.index}).member("key", row.source.key).end_object();
  json.key("repairs").begin_array();
  for (const std::string& repair : row.repairs) json.value(repair);
  json.end_array();
  json.member("template", row.template_text).member("split", split_name(row.split));
  write_votes(row.votes, json);  // last, for set_votes
}

void set_votes(const std::vector<Vote>& votes, std::string& row) {
  if (!row.ends_with(kNoVotes)) return;
  row.resize(row.size() - kNoVotes.size());
  base::JsonWriter json(row);
  write_votes(votes, json);
}

base::Result<Row> parse_row(std::string_view json) {
  thread_local dom::parser parser;
  dom::element root;
  if (json.empty()) json = "";  // simdjson would copy from a null pointer
  if (const auto code = parser.parse(json.data(), json.size()).get(root); code != simdjson::SUCCESS)
    return base::bad_input(fmt::format("a row must be JSON: {}", simdjson::error_message(code)));
  return RowReader().read(root);
}

}  // namespace datasets
