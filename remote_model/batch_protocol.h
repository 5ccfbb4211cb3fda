// What the batch APIs look like on the wire: files of requests, batches, files of results. Pure functions,
// any thread; they know nothing of connections, retries or keys.
//
//   POST /files            multipart, purpose=batch; a line per request, {custom_id, method, url, body}
//   POST /batches          {input_file_id, endpoint, completion_window, metadata}
//   GET /batches/ID        status, request_counts, output_file_id, error_file_id, errors
//   GET /batches           all of an account, in pages, the newest first
//   GET /files/ID/content  a line per request, {custom_id, response: {status_code, body}, error}, in any
//   order
//
// OpenAI and DashScope differ in their limits and in the member of `metadata` that carries our mark. Reading
// is generous: members that aren't there are empty; a status that nobody knows means that it isn't over yet.
// Ids become parts of addresses, so one with other characters than letters, digits, `.`, `_` and `-` is not
// read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/hash.h"
#include "remote_model/chat.h"

namespace remote_model {

struct BatchRules {
  std::size_t most_lines = 0;       // of a file
  std::size_t most_file_bytes = 0;  // its lines
  std::size_t most_line_bytes = 0;  // with the line feed
  const char* mark = "";            // the member of `metadata` that holds the reference
};

/// Null: the provider has no batch API that we know.
const BatchRules* batch_rules(std::string_view provider);

/// One request, with its line feed; `body` is what chat_request_body() makes.
std::string batch_line(const base::Hash128& key, std::string_view body);

constexpr const char* kUploadType = "multipart/form-data; boundary=slotmill-lines";
/// What stands before and behind the lines in the body of an upload. The boundary can't stand in them: it
/// follows a carriage return, which JSON escapes.
std::string upload_head(std::string_view reference);
std::string upload_tail();

std::string creation_body(const BatchRules& rules, std::string_view file, std::string_view reference);

struct BatchState {
  enum class Kind { under_way, completed, failed, expired, cancelled };
  Kind kind = Kind::under_way;
  std::string id;
  std::string status;     // the provider's word
  std::string reference;  // ours, empty if it isn't of slotmill
  std::string output_file;
  std::string error_file;
  std::int64_t answered = 0;
  std::int64_t failed = 0;
  std::string errors;  // why it failed, for a person
};

/// None: not a batch.
std::optional<BatchState> read_batch(std::string_view body, const BatchRules& rules);

struct BatchPage {
  std::vector<BatchState> batches;
  std::string next;  // ask for what is behind this id; empty: that was all
};
std::optional<BatchPage> read_batch_page(std::string_view body, const BatchRules& rules);

/// The id of an uploaded file; none: not a file.
std::optional<std::string> read_file_id(std::string_view body);

struct BatchLine {
  base::Hash128 key;
  int status = 0;  // HTTP; 0: there was no answer, `answer` says why
  ChatAnswer answer;
};
/// One line of results; none: it isn't one of ours, or no JSON.
std::optional<BatchLine> read_batch_line(std::string_view line);
/// Adds the lines of a file that can be read. False: it is no file of results, but an error page, say, and
/// what it doesn't answer must not be asked for again.
bool read_batch_lines(std::string_view file, std::vector<BatchLine>& lines);

/// Before the next look at a batch, after `looks` of them: from 15 seconds, doubling to 5 minutes, a quarter
/// more or less by the seed.
base::Milliseconds poll_pause(int looks, std::uint64_t seed);

}  // namespace remote_model
