#include "remote_model/batch_protocol.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "base/json_writer.h"
#include "base/text.h"

namespace remote_model {
namespace {

using simdjson::dom::element;

constexpr std::size_t kMegabyte = 1000 * 1000;
constexpr const char* kEndpoint = "/v1/chat/completions";
constexpr std::size_t kMostErrors = 3;  // of a batch, in a message

constexpr BatchRules kOpenAi{50000, 200 * kMegabyte, 200 * kMegabyte, "slotmill"};
constexpr BatchRules kDashScope{50000, 500 * kMegabyte, 6 * kMegabyte, "ds_name"};

std::string_view text_of(element object, const char* name) {
  std::string_view text;
  return object[name].get(text) == simdjson::SUCCESS ? text : std::string_view();
}

std::int64_t number_of(element object, const char* name) {
  std::int64_t number = 0;
  return object[name].get(number) == simdjson::SUCCESS ? number : 0;
}

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= 200 && text.front() != '.' &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_' || c == '-';
         });
}

std::string id_of(element object, const char* name) {
  const std::string_view text = text_of(object, name);
  return is_id(text) ? std::string(text) : std::string();
}

/// The document lives until the next call on this thread.
simdjson::error_code parse(std::string_view text, element& root) {
  thread_local simdjson::dom::parser parser;
  return parser.parse(text.data(), text.size()).get(root);
}

BatchState::Kind kind_of(std::string_view status) {
  using Kind = BatchState::Kind;
  if (status == "completed") return Kind::completed;
  if (status == "failed") return Kind::failed;
  if (status == "expired") return Kind::expired;
  if (status == "cancelled") return Kind::cancelled;
  return Kind::under_way;
}

std::string errors_of(element batch) {
  simdjson::dom::array list;
  if (batch["errors"]["data"].get(list) != simdjson::SUCCESS) return {};
  std::string text;
  std::size_t count = 0;
  for (const element error : list) {
    if (count++ == kMostErrors) continue;
    std::string one(text_of(error, "message"));
    if (const std::string_view code = text_of(error, "code"); !code.empty())
      one += fmt::format(" [{}]", code);
    if (const std::int64_t line = number_of(error, "line"); line > 0) one += fmt::format(" (line {})", line);
    text += (text.empty() ? "" : "; ") + clean_server_text(one);
  }
  if (count > kMostErrors) text += fmt::format("; and {} more", count - kMostErrors);
  return text;
}

bool read_state(element root, const BatchRules& rules, BatchState& state) {
  state.id = id_of(root, "id");
  state.status = clean_server_text(text_of(root, "status"));
  if (state.id.empty() || state.status.empty()) return false;
  state.kind = kind_of(state.status);
  state.output_file = id_of(root, "output_file_id");
  state.error_file = id_of(root, "error_file_id");
  if (element metadata; root["metadata"].get(metadata) == simdjson::SUCCESS)
    state.reference = text_of(metadata, rules.mark);
  if (element counts; root["request_counts"].get(counts) == simdjson::SUCCESS) {
    state.answered = number_of(counts, "completed");
    state.failed = number_of(counts, "failed");
  }
  state.errors = errors_of(root);
  return true;
}

}  // namespace

const BatchRules* batch_rules(std::string_view provider) {
  if (provider == "openai") return &kOpenAi;
  if (provider == "dashscope") return &kDashScope;
  return nullptr;
}

std::string batch_line(const base::Hash128& key, std::string_view body) {
  std::string line;
  line.reserve(body.size() + 128);
  base::JsonWriter w(line);
  w.begin_object().member("custom_id", base::to_hex(key)).member("method", "POST").member("url", kEndpoint);
  w.key("body").raw(body).end_object();
  line += '\n';
  return line;
}

std::string upload_head(std::string_view reference) {
  return fmt::format(
      "--slotmill-lines\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n"
      "--slotmill-lines\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{}.jsonl\"\r\n"
      "Content-Type: application/jsonl\r\n\r\n",
      reference);
}

std::string upload_tail() { return "\r\n--slotmill-lines--\r\n"; }

std::string creation_body(const BatchRules& rules, std::string_view file, std::string_view reference) {
  std::string body;
  base::JsonWriter w(body);
  w.begin_object().member("input_file_id", file).member("endpoint", kEndpoint);
  w.member("completion_window", "24h");
  w.key("metadata").begin_object().member(rules.mark, reference).end_object().end_object();
  return body;
}

std::optional<BatchState> read_batch(std::string_view body, const BatchRules& rules) {
  element root;
  BatchState state;
  if (parse(body, root) != simdjson::SUCCESS || !read_state(root, rules, state)) return std::nullopt;
  return state;
}

std::optional<BatchPage> read_batch_page(std::string_view body, const BatchRules& rules) {
  element root;
  simdjson::dom::array list;
  if (parse(body, root) != simdjson::SUCCESS || root["data"].get(list) != simdjson::SUCCESS)
    return std::nullopt;
  BatchPage page;
  for (const element one : list) {
    BatchState state;
    if (read_state(one, rules, state)) page.batches.push_back(std::move(state));
  }
  bool more = false;
  if (root["has_more"].get(more) == simdjson::SUCCESS && more && !page.batches.empty())
    page.next = page.batches.back().id;
  return page;
}

std::optional<std::string> read_file_id(std::string_view body) {
  element root;
  if (parse(body, root) != simdjson::SUCCESS) return std::nullopt;
  std::string id = id_of(root, "id");
  if (id.empty()) return std::nullopt;
  return id;
}

std::optional<BatchLine> read_batch_line(std::string_view text) {
  element root;
  BatchLine line;
  if (parse(text, root) != simdjson::SUCCESS || !base::from_hex(text_of(root, "custom_id"), line.key))
    return std::nullopt;
  line.answer.kind = ChatAnswer::Kind::error;
  if (element error; root["error"].get(error) == simdjson::SUCCESS && error.is_object()) {
    line.answer.code = text_of(error, "code");
    line.answer.message = text_of(error, "message");
  }
  element response;
  if (root["response"].get(response) != simdjson::SUCCESS || !response.is_object()) return line;
  line.status = static_cast<int>(number_of(response, "status_code"));
  if (element body; response["body"].get(body) == simdjson::SUCCESS) {
    const ChatAnswer said = read_chat_answer(simdjson::minify(body));
    // An error may stand beside an empty body.
    if (said.kind != ChatAnswer::Kind::unreadable || line.answer.message.empty()) line.answer = said;
  }
  return line;
}

bool read_batch_lines(std::string_view file, std::vector<BatchLine>& lines) {
  bool is_one = base::trim(file).empty();
  while (!file.empty()) {
    const std::size_t end = std::min(file.find('\n'), file.size());
    const std::string_view text = file.substr(0, end);
    if (auto line = read_batch_line(text)) lines.push_back(std::move(*line));
    is_one = is_one || text.find("\"custom_id\"") != std::string_view::npos;
    file.remove_prefix(std::min(end + 1, file.size()));
  }
  return is_one;
}

base::Milliseconds poll_pause(int looks, std::uint64_t seed) {
  const double pause = std::min(300000.0, 15000.0 * std::pow(2.0, std::clamp(looks, 0, 10)));
  const double draw = base::unit_interval(base::mix(seed, static_cast<std::uint64_t>(looks)));
  return base::Milliseconds(static_cast<base::Milliseconds::rep>(pause * (0.75 + draw / 2)));
}

}  // namespace remote_model
