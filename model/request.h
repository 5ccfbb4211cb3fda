// What is asked of a model, and what comes back: the vocabulary that prompts, models and pipeline
// share. It knows utterances, tags and tokens, not intents or jobs.
//
// A request asks for some utterances in one of two wire formats,
//   envelope   {"utterances": ["把[level:三十]…", …]}
//   line       把[level:三十]…            one utterance and nothing else
// or for values of a catalogue,
//   values     {"values": ["王明", …]}    at most as many as `utterances`, which are empty then
// or for an opinion on utterances that are there, numbered in the prompt, one line for each of `utterances`,
//   votes      {"votes": ["1 ok", "2 slots natural", …]}         what is wrong with each, of the names `tags`
//   readings   {"readings": ["1 set_volume [level:三十]", …]}      what each says
// with the values of each utterance planned. The planned values are here as data, so that a remote model
// turns them into a JSON schema, a local one into a grammar, and patterns into the text itself. Or it asks
// for the embedding of a text, or how near documents are to a query.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/hash.h"

namespace model {

/// One value that an utterance must carry, as people would say it.
struct PlannedSlot {
  std::string name;  // the tag: `level`
  std::string text;  // `百分之三十`
  bool operator==(const PlannedSlot&) const = default;
};

/// One thing that is said. In an utterance with several frames the tags are `frame.slot`.
struct PlannedFrame {
  std::string name;  // an intent, or `out_of_scope_near`, `out_of_scope_far`
  std::vector<PlannedSlot> slots;
};

struct PlannedUtterance {
  std::vector<PlannedFrame> frames;  // 1, or 2 for a multi-intent utterance
};

struct Sampling {
  double temperature = 0.9;
  double top_p = 1.0;
  int max_tokens = 1200;
};

/// How a remote model's answer is held to the wire format (OpenAI's `response_format`).
enum class ResponseFormat { json_schema, json_object, text };

/// How a reply is written.
enum class Wire { envelope, line, values, votes, readings };
/// The name of the list in the JSON of a reply: `utterances`. A line has none.
const char* list_name(Wire wire);

/// What is asked for.
enum class Purpose { generate, catalogue, judge, embed, rank };
const char* purpose_name(Purpose purpose);

/// What tells one model from another in a request key: never an address, a key or a limit.
struct ModelIdentity {
  std::string provider;  // `openai`, `patterns`
  std::string name;      // the model's name, or the hash of the pattern file
  std::string adapter;   // LoRA adapter, empty for none
  Sampling sampling;
  ResponseFormat response_format = ResponseFormat::json_schema;
  std::string prompting;  // how the prompt becomes tokens, where that isn't the server's business: `chatml`
  bool thinking_off = false;  // by a parameter of the request
  /// Members of the request body that the job sets itself: name and JSON, by name.
  std::vector<std::pair<std::string, std::string>> extra_body;
};

struct Request {
  Purpose purpose = Purpose::generate;
  Wire wire = Wire::envelope;
  base::Hash128 key;                          // request_key() of the rest
  std::shared_ptr<const std::string> prefix;  // system message, the same for many requests; may be empty
  std::string tail;  // user message, text to embed, query; both empty for a model that reads no prompt
  std::vector<std::string> documents;        // rank: what is held against the query
  std::vector<PlannedUtterance> utterances;  // what is asked for, in order
  std::vector<std::string> tags;             // every tag that may appear
  std::uint64_t salt = 0;                    // tells attempts apart whose prompts are equal; seeds sampling
};

/// XXH3-128 of the canonical JSON {version, purpose, model, adapter, messages, sampling, constraint,
/// salt} of DESIGN "From cell to prompt to row". Equal keys mean: the stored reply answers this.
base::Hash128 request_key(const ModelIdentity& identity, const Request& request);

/// Why a reply ended.
enum class Finish { stop, length, content_filter };
const char* finish_name(Finish finish);

/// A count of tokens that a server or a journal names, held to what can be (0 to 2^40), so that no sum of
/// them overflows.
std::int64_t plausible_tokens(std::int64_t said);

struct Usage {
  std::int64_t prompt_tokens = 0;
  std::int64_t completion_tokens = 0;
  std::int64_t cached_tokens = 0;     // of the prompt's, those that the server had kept from earlier ones
  std::int64_t reasoning_tokens = 0;  // of the completion's, those spent on thinking
};

/// The one outcome of a request.
struct Outcome {
  enum class Kind {
    reply,   // something came back; it may be refused, cut off or nonsense
    failed,  // it will never come: past its deadline, or refused, while others are answered
    owed,    // nothing came and the request stays to be done: stopped, or the model is unusable
  };
  Kind kind = Kind::owed;
  std::string body;  // reply: the model's text. failed, owed: what happened, for a person
  Finish finish = Finish::stop;
  std::vector<float> embedding;  // reply to Purpose::embed: of length 1
  std::vector<float> scores;     // reply to Purpose::rank: of each document; the nearer, the higher
  Usage usage;
  std::int64_t milliseconds = 0;
  /// owed: the model won't answer anything any more (401, unknown model, unreachable); `body` names
  /// it and the way out.
  bool model_down = false;
  /// owed, failed: its last try was on its way when it was given up, and may be billed all the same.
  bool may_be_billed = false;
};

}  // namespace model
