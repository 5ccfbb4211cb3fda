// The job: everything a run is told, read once from YAML into plain structs (docs/job.md lists the
// keys). Nothing outside job_reader.cc knows that it was YAML.
//
// Reading never stops at the first problem: all of them are reported, each as
// `job.yaml:12:7: what is wrong; what to do`.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "datasets/row.h"
#include "model/request.h"
#include "prompts/annotation.h"
#include "prompts/catalogue.h"

namespace prompts {

/// Line and column in the job file, from 1; 0 when unknown.
struct Mark {
  int line = 0;
  int column = 0;
};

struct IntentSlot {
  std::string name;
  std::size_t type = 0;  // index into Job::slot_types
  bool required = false;
  bool many = false;
};

struct Intent {
  std::string name;
  std::string description;
  std::vector<IntentSlot> slots;
  std::vector<AnnotatedText> examples;
  std::vector<std::string> contrast;
  Mark mark;

  const IntentSlot* find_slot(std::string_view slot_name) const;
};

/// Slot types whose values belong together, row by row (`tables:`): in an utterance with slots of several of
/// them, the values are of one row.
struct Table {
  /// The surfaces of one value: `count` values of the column's type from `first` on.
  struct Entry {
    std::uint32_t first = 0;
    std::uint32_t count = 0;
  };
  std::vector<std::size_t> types;  // of the columns: indices into Job::slot_types
  std::vector<Entry> entries;      // row after row

  std::size_t rows() const { return entries.size() / types.size(); }
  const Entry& entry(std::size_t row, std::size_t column) const {
    return entries[row * types.size() + column];
  }
};

/// `ask:` of a slot type: values that models write. What they wrote is frozen in a file of the run directory,
/// which from then on is a values file like any other.
struct Ask {
  std::size_t type = 0;    // index into Job::slot_types
  std::int64_t count = 0;  // values in all
  std::int64_t known = 0;  // of them listed in the job: the first ones of the type
  std::string description;
  base::Path file;  // where they are frozen
  /// Nothing has to be asked. Until then stand-ins take the place of values that aren't known yet, so that
  /// all but the texts of the prompts can be planned.
  bool filled = false;
  Mark mark;
};

/// Quotas of accepted rows.
struct Rows {
  std::int64_t per_intent = 0;
  std::int64_t out_of_scope_near = 0;
  std::int64_t out_of_scope_far = 0;
  std::int64_t multi_intent = 0;
};

struct StyleAxis {
  std::string name;
  std::vector<std::string> values;
};

struct Limits {
  std::int64_t in_flight = 16;
  double requests_per_minute = 0;  // 0: no limit
  double tokens_per_minute = 0;    // of prompts and answers
};

/// Per million tokens.
struct Price {
  double input = 0;
  double output = 0;
  double cached_input = 0;    // of prompt tokens that the provider had in its cache
  std::string currency;       // empty: no price given
  double batch_discount = 0;  // what a batch takes off: 0.5 is half price; 0 for a model without batches
};

/// What a prompt looks like: instructions for a chat model, or the protocol of the tiny model that ships
/// (compact.h), which asks for one utterance and gets it as a line.
enum class Profile { chat, compact };

/// A LoRA adapter: a file, for a model in this process.
struct Adapter {
  base::Path file;  // empty: none
  double scale = 1;
};

/// A server that a run starts, and ends with.
struct ServerCommand {
  std::vector<std::string> command;                // empty: none is started
  std::map<std::string, std::string> environment;  // added to this process's own
  std::string health;            // URL that answers 200 when it is ready; empty: base_url/models
  double timeout_seconds = 600;  // until it is ready
  bool operator==(const ServerCommand&) const = default;
};

struct ModelSpec {
  enum class Kind { patterns, remote, file };
  std::string id;
  Kind kind = Kind::patterns;
  double share = 1;  // 0: asked only in place of another
  std::vector<std::size_t>
      fallback;  // indices into Job::models: asked in this order when this one doesn't answer
  std::vector<std::string> only;  // intents, `intents` for all of them, `out_of_scope`, `multi_intent`,
                                  // `catalogues`; empty: all lanes
  Mark mark;

  base::Path patterns;  // Kind::patterns, absolute

  Profile profile = Profile::chat;
  std::int64_t per_request = 10;  // utterances asked for at once

  bool thinking_off = false;  // by an empty think block before the answer, or as the provider has it

  // Kind::file
  base::Path file;  // GGUF, absolute; empty: the model that ships
  Adapter adapter;
  std::string prompt_format;        // empty: the file's own template
  std::int64_t gpu_layers = 0;      // -1: all
  std::int64_t sequences = 0;       // generated at once; 0: as many as are worth it
  std::int64_t context_tokens = 0;  // 0: what the job needs
  std::int64_t threads = 0;         // 0: by the model's size

  // Kind::remote
  ServerCommand start;
  bool completions = false;  // api: completions, without chat messages
  bool batch = false;        // mode: batch, asked in files that are answered within a day
  std::string provider;      // `openai`; one that is unknown has a base_url
  std::string model;
  std::string api_key_env;        // the variable's name; empty: no key is sent
  std::string base_url;           // without a slash at the end
  std::string proxy;              // empty: from the environment
  base::Path ca_file;             // empty: the system's, or from the environment
  int http = 1;                   // 2: HTTP/2 over TLS
  double timeout_seconds = 120;   // of one attempt at a request
  double deadline_seconds = 600;  // of a request with all its retries
  model::Sampling sampling;
  model::ResponseFormat response_format = model::ResponseFormat::json_schema;
  /// Members of each request, name and JSON, by name.
  std::vector<std::pair<std::string, std::string>> extra_body;
  /// More headers, and the variables that hold their values.
  std::map<std::string, std::string> headers_env;
  Limits limits;
  Price price;

  /// How its replies are written.
  model::Wire wire() const { return profile == Profile::compact ? model::Wire::line : model::Wire::envelope; }
};

struct Budget {
  double cost = 0;  // 0: none
  std::string currency;
  double candidates_per_row = 8;
  double wall_seconds = 0;  // 0: none
};

struct Checks {
  std::vector<std::string> require;  // RE2, all must match somewhere in the text
  std::vector<std::string> forbid;   // RE2, none may
  std::int64_t min_length = 1;       // code points
  std::int64_t max_length = 200;
  bool length_given = false;               // else nothing is longer than people say in one breath
  std::vector<std::string> foreign_words;  // Latin words that Chinese speech may contain
};

/// One file of each split in a release.
struct OutputFormat {
  enum class As { swift_messages, swift_agent, rows };
  As as = As::swift_messages;
  std::string system;            // text of the system message
  bool canonical_values = true;  // values: canonical | surface
};

/// A row of a file that no row may come near.
struct GuardedRow {
  std::string place;  // `real_test.jsonl:12`
  datasets::Row row;  // text and frames
};

/// `guard:`: evaluation files.
struct Guard {
  double near = 0.8;             // Jaccard from which a text or a wording is near
  std::vector<GuardedRow> rows;  // of all files, in order
};

/// `judge:`, a second opinion on what models wrote.
struct Judge {
  std::vector<std::size_t> models;                                // indices into Job::models; each has a vote
  std::vector<std::string> ask = {"intent", "slots", "natural"};  // of the annotated text; empty: nothing
  bool round_trip = false;  // also what they read in the bare text, which is compared
  bool accept = false;      // what most votes are against is rejected; false: it is for a person to see

  bool any() const { return !models.empty(); }
};

struct Output {
  base::Path directory;  // absolute; the run directory is directory/name
  double train = 0.8;
  double dev = 0.1;
  double test = 0.1;
  std::vector<OutputFormat> formats;
};

struct Job {
  base::Path file;     // as given on the command line
  std::string source;  // its text
  std::string name;
  std::string language;  // zh-Hans, en
  std::uint64_t seed = 0;
  std::int64_t per_request = 10;  // as written; a model's own is ModelSpec::per_request
  std::vector<Intent> intents;
  std::vector<SlotType> slot_types;
  std::vector<Table> tables;
  std::vector<Ask> asks;
  Rows rows;
  std::vector<StyleAxis> style;
  std::vector<ModelSpec> models;
  Budget budget;
  std::int64_t per_template = 3;  // 0: no cap
  double near = 0;                // Jaccard from which templates are near; 0: only equal ones
  Checks check;
  Guard guard;
  Judge judge;
  Output output;
  base::Path prefix_template;  // empty: the built-in one
  base::Path tail_template;

  bool chinese() const { return language.starts_with("zh"); }
  base::Path run_directory() const { return output.directory / name; }
  const Intent* find_intent(std::string_view intent_name) const;
};

struct LoadedJob {
  Job job;
  std::vector<std::string> warnings;  // `job.yaml:12:7: …`
};

/// Reads and checks a job file with all files that it names. The error's message holds one line per
/// problem; bad_input.
base::Result<LoadedJob> load_job(const base::Path& path);

}  // namespace prompts
