#include "model/request.h"

#include <algorithm>

#include "base/json_writer.h"

namespace model {
namespace {

// Part of every key. Raise it when the meaning of a stored reply changes; stored ones are then asked
// for again.
constexpr int kKeyVersion = 1;

const char* response_format_name(ResponseFormat format) {
  switch (format) {
    case ResponseFormat::json_schema:
      return "json_schema";
    case ResponseFormat::json_object:
      return "json_object";
    case ResponseFormat::text:
      return "text";
  }
  return "";
}

}  // namespace

const char* list_name(Wire wire) {
  switch (wire) {
    case Wire::envelope:
    case Wire::line:
      return "utterances";
    case Wire::values:
      return "values";
    case Wire::votes:
      return "votes";
    case Wire::readings:
      return "readings";
  }
  return "";
}

const char* purpose_name(Purpose purpose) {
  switch (purpose) {
    case Purpose::generate:
      return "generate";
    case Purpose::catalogue:
      return "catalogue";
    case Purpose::judge:
      return "judge";
    case Purpose::embed:
      return "embed";
    case Purpose::rank:
      return "rank";
  }
  return "";
}

const char* finish_name(Finish finish) {
  switch (finish) {
    case Finish::stop:
      return "stop";
    case Finish::length:
      return "length";
    case Finish::content_filter:
      return "content_filter";
  }
  return "";
}

std::int64_t plausible_tokens(std::int64_t said) {
  return std::clamp<std::int64_t>(said, 0, std::int64_t{1} << 40);
}

base::Hash128 request_key(const ModelIdentity& identity, const Request& request) {
  thread_local std::string json;  // reused: keys are made by the million on replay
  json.clear();
  base::JsonWriter w(json);
  w.begin_object().member("version", kKeyVersion).member("purpose", purpose_name(request.purpose));
  w.member("provider", identity.provider).member("model", identity.name).member("adapter", identity.adapter);
  // Named only where they differ from what the first journals were written with.
  if (!identity.prompting.empty()) w.member("prompting", identity.prompting);
  if (request.wire == Wire::line) w.member("wire", "line");
  if (request.purpose == Purpose::judge) w.member("wire", list_name(request.wire));
  if (identity.thinking_off) w.member("thinking", "off");
  if (!identity.extra_body.empty()) {
    w.key("extra_body").begin_object();
    for (const auto& [name, value] : identity.extra_body) w.key(name).raw(value);
    w.end_object();
  }
  w.key("messages").begin_array();
  if (request.prefix) w.value(*request.prefix);
  w.value(request.tail).end_array();
  if (!request.documents.empty()) {
    w.key("documents").begin_array();
    for (const std::string& document : request.documents) w.value(document);
    w.end_array();
  }
  w.key("sampling").begin_object();
  w.member("temperature", identity.sampling.temperature).member("top_p", identity.sampling.top_p);
  w.member("max_tokens", identity.sampling.max_tokens).end_object();
  w.key("constraint").begin_object();
  w.member("format", response_format_name(identity.response_format));
  w.key("tags").begin_array();
  for (const std::string& tag : request.tags) w.value(tag);
  w.end_array().key("utterances").begin_array();
  for (const PlannedUtterance& utterance : request.utterances) {
    w.begin_array();
    for (const PlannedFrame& frame : utterance.frames) {
      w.begin_array().value(frame.name);
      for (const PlannedSlot& slot : frame.slots) w.value(slot.name).value(slot.text);
      w.end_array();
    }
    w.end_array();
  }
  w.end_array().end_object().member("salt", request.salt).end_object();
  return base::hash128(json);
}

}  // namespace model
