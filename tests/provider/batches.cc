#include "tests/provider/batches.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <ctime>
#include <set>
#include <utility>

#include "base/hash.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "tests/provider/multipart.h"

namespace provider {
namespace {

using simdjson::SUCCESS;
using simdjson::dom::element;

// DashScope's endpoint for trying things out, and its limit of lines.
constexpr std::string_view kTrialEndpoint = "/v1/chat/ds-test";
constexpr std::uint64_t kTrialLines = 100;
constexpr std::size_t kMostProblems = 20;
constexpr std::size_t kListed = 20;

bool known_endpoint(std::string_view endpoint) {
  return endpoint == "/v1/chat/completions" || endpoint == "/v1/embeddings" || endpoint == kTrialEndpoint;
}

bool has_ended(std::string_view status) {
  return status == "completed" || status == "failed" || status == "expired" || status == "cancelled";
}

std::vector<std::string_view> lines_of(std::string_view content) {
  std::vector<std::string_view> lines = base::split(content, '\n');
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

std::string query_value(std::string_view query, std::string_view name) {
  for (const std::string_view pair : base::split(query, '&'))
    if (pair.starts_with(name) && pair.substr(name.size()).starts_with('='))
      return std::string(pair.substr(name.size() + 1));
  return {};
}

/// One line of output or errors.
void write_line(std::size_t number, std::string_view custom_id, const Response* response,
                std::string_view error, std::string& out) {
  base::JsonWriter w(out);
  w.begin_object().member("id", fmt::format("batch_req_{}", number)).member("custom_id", custom_id);
  w.key("response");
  if (response != nullptr) {
    w.begin_object().member("status_code", response->status);
    w.member("request_id", fmt::format("req_{}", number)).key("body").raw(response->body).end_object();
    w.key("error").null();
  } else {
    w.null().key("error").begin_object().member("code", error);
    w.member("message", "This request could not be executed before the batch ended.").end_object();
  }
  w.end_object();
  out += '\n';
}

void write_time(const char* name, std::time_t time, bool known, base::JsonWriter& w) {
  w.key(name);
  if (known)
    w.value(std::int64_t{time});
  else
    w.null();
}

}  // namespace

Response Batches::handle(std::string_view path, std::string_view query, const HttpMessage& message) {
  const bool post = message.method == "POST";
  const std::vector<std::string_view> parts = base::split(path.substr(1), '/');
  const std::string id(parts.size() > 1 ? parts[1] : std::string_view());
  const std::string_view what = parts.size() > 2 ? parts[2] : std::string_view();
  if (parts[0] == "files") {
    if (post && parts.size() == 1) return upload(message);
    if (!post && parts.size() == 3 && what == "content") return content(id);
  } else {
    if (post && parts.size() == 1) return create(message.body);
    if (!post && parts.size() == 1) return list(query);
    if (!post && parts.size() == 2) return show(id);
    if (post && parts.size() == 3 && what == "cancel") return cancel(id);
  }
  return fault(404, "no such path", "not_found");
}

Response Batches::fault(int status, std::string message, std::string code) const {
  return fault_response(options_.form,
                        {status, std::move(message), "invalid_request_error", std::move(code)});
}

std::string Batches::add_file(std::string content) {
  const std::string id = fmt::format("file-provider-{}", files_.size() + 1);
  files_[id] = std::move(content);
  return id;
}

Response Batches::upload(const HttpMessage& message) {
  const auto parts = read_multipart(message.content_type, message.body);
  if (!parts) return fault(400, "expected multipart/form-data");
  const Part* file = nullptr;
  std::string_view purpose;
  for (const Part& part : *parts) {
    if (part.name == "purpose") purpose = part.content;
    if (part.name == "file") file = &part;
  }
  if (purpose != "batch" || file == nullptr) return fault(400, "expected a file and purpose=batch");
  if (file->content.size() > options_.batch.most_bytes)
    return fault(413, fmt::format("the file is larger than {} bytes", options_.batch.most_bytes),
                 "file_too_large");
  statistics_.uploaded();
  Response response;
  base::JsonWriter w(response.body);
  w.begin_object().member("id", add_file(std::string(file->content))).member("object", "file");
  w.member("bytes", std::uint64_t{file->content.size()})
      .member("created_at", std::int64_t{std::time(nullptr)});
  w.member("filename", file->filename).member("purpose", "batch").member("status", "processed").end_object();
  return response;
}

Response Batches::content(const std::string& id) const {
  const auto found = files_.find(id);
  if (found == files_.end()) return fault(404, "no such file: " + id, "not_found");
  Response response;
  response.content_type = "application/octet-stream";
  response.body = found->second;
  return response;
}

Response Batches::create(std::string_view body) {
  simdjson::dom::parser parser;
  element root;
  element metadata;
  std::string_view input;
  std::string_view endpoint;
  std::string_view window;
  if (parser.parse(body.data(), body.size()).get(root) != SUCCESS ||
      root["input_file_id"].get(input) != SUCCESS || root["endpoint"].get(endpoint) != SUCCESS ||
      root["completion_window"].get(window) != SUCCESS)
    return fault(400, "expected input_file_id, endpoint and completion_window");
  if (!files_.contains(std::string(input))) return fault(404, "no such file", "not_found");
  if (!known_endpoint(endpoint)) return fault(400, "no such endpoint", "invalid_endpoint");
  Batch batch;
  batch.id = fmt::format("batch_{}", batches_.size() + 1);
  batch.endpoint = endpoint;
  batch.input = input;
  batch.window = window;
  batch.created_at = std::time(nullptr);
  if (root["metadata"].get(metadata) == SUCCESS) batch.metadata = simdjson::minify(metadata);
  validate(batch);
  statistics_.batch_submitted();
  batches_.push_back(std::move(batch));
  return describe(batches_.back());
}

void Batches::validate(Batch& batch) {
  const std::string& content = files_.at(batch.input);
  const std::vector<std::string_view> lines = lines_of(content);
  const std::uint64_t most = batch.endpoint == kTrialEndpoint
                                 ? std::min(kTrialLines, options_.batch.most_lines)
                                 : options_.batch.most_lines;
  const auto complain = [&](std::string code, std::string message, std::uint64_t line) {
    if (batch.problems.size() < kMostProblems)
      batch.problems.push_back({std::move(code), std::move(message), line});
  };
  if (lines.empty()) complain("empty_file", "the file has no line", 0);
  if (lines.size() > most) complain("too_many_tasks", fmt::format("more than {} lines", most), 0);
  simdjson::dom::parser parser;
  std::set<std::string, std::less<>> ids;
  std::string model;
  std::vector<base::Hash128> bodies;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    element root;
    element body;
    std::string_view id;
    std::string_view method;
    std::string_view url;
    std::string_view line_model;
    if (parser.parse(lines[i].data(), lines[i].size()).get(root) != SUCCESS ||
        root["custom_id"].get(id) != SUCCESS || root["method"].get(method) != SUCCESS || method != "POST" ||
        root["url"].get(url) != SUCCESS || root["body"].get(body) != SUCCESS) {
      complain("invalid_json_line", "expected custom_id, method POST, url and body", i + 1);
      continue;
    }
    bodies.push_back(base::hash128(simdjson::minify(body)));
    if (!ids.emplace(id).second) complain("duplicate_custom_id", "custom_id " + std::string(id), i + 1);
    if (url != batch.endpoint) complain("mismatched_url", "url isn't the batch's endpoint", i + 1);
    if (body["model"].get(line_model) != SUCCESS) line_model = "";
    if (model.empty()) model = line_model;
    if (line_model != model) complain("mismatched_model", "one model per file", i + 1);
  }
  if (!batch.problems.empty()) return;
  batch.total = lines.size();
  for (const base::Hash128& body : bodies) statistics_.line_submitted(body);
}

double Batches::progress(const Batch& batch) const {
  if (options_.batch.seconds <= 0) return std::min(1.0, 1.0 * batch.polls / options_.batch.polls);
  const double seconds = std::chrono::duration<double>(Clock::now() - batch.created).count();
  return std::min(1.0, seconds / options_.batch.seconds);
}

void Batches::advance(Batch& batch) {
  if (has_ended(batch.status)) return;
  if (batch.status == "cancelling") return finish(batch, "cancelled", progress(batch));
  ++batch.polls;
  const double share = progress(batch);
  if (!batch.problems.empty() || (share >= 1 && options_.batch.end == "failed")) {
    if (batch.problems.empty()) batch.problems.push_back({"server_error", "the batch was given up", 0});
    batch.total = 0;
    batch.status = "failed";
    batch.ended_at = std::time(nullptr);
    return;
  }
  if (share >= 1) {
    const bool expired = options_.batch.end == "expired";
    return finish(batch, options_.batch.end, expired ? 0.5 : 1);
  }
  batch.status = "in_progress";
  batch.completed = static_cast<std::uint64_t>(static_cast<double>(batch.total) * share);
}

/// The first `share` of the lines are answered, the others end with an error.
void Batches::finish(Batch& batch, std::string status, double share) {
  const std::string& content = files_.at(batch.input);
  const std::vector<std::string_view> lines = lines_of(content);
  const auto done = static_cast<std::size_t>(static_cast<double>(lines.size()) * share);
  std::vector<std::pair<std::uint64_t, std::size_t>> order;
  for (std::size_t i = 0; i < lines.size(); ++i)
    order.emplace_back(base::mix(options_.seed, base::hash64(lines[i])), i);
  std::sort(order.begin(), order.end());
  std::string output;
  std::string errors;
  batch.completed = batch.failed = 0;
  simdjson::dom::parser parser;
  for (const auto& [draw, i] : order) {
    element root;
    std::string_view id;
    element body;
    if (parser.parse(lines[i].data(), lines[i].size()).get(root) != SUCCESS) continue;
    if (root["custom_id"].get(id) != SUCCESS || root["body"].get(body) != SUCCESS) continue;
    const std::string custom_id(id);
    if (i >= done) {
      write_line(i, custom_id, nullptr, "batch_" + status, errors);
      ++batch.failed;
      continue;
    }
    const bool fails = base::unit_interval(base::mix(draw, 1)) < options_.batch.fail_rate;
    const Response response = fails ? fault(500, "this line failed", "server_error")
                                    : answer_(batch.endpoint, simdjson::minify(body));
    const bool good = response.status == 200;
    write_line(i, custom_id, &response, {}, good ? output : errors);
    ++(good ? batch.completed : batch.failed);
  }
  if (!output.empty()) batch.output = add_file(std::move(output));
  if (!errors.empty()) batch.errors = add_file(std::move(errors));
  batch.status = std::move(status);
  batch.ended_at = std::time(nullptr);
}

Response Batches::show(const std::string& id) {
  for (Batch& batch : batches_) {
    if (batch.id != id) continue;
    advance(batch);
    return describe(batch);
  }
  return fault(404, "no such batch: " + id, "not_found");
}

Response Batches::cancel(const std::string& id) {
  for (Batch& batch : batches_) {
    if (batch.id != id) continue;
    if (has_ended(batch.status)) return fault(409, "the batch is over", "batch_ended");
    batch.status = "cancelling";
    return describe(batch);
  }
  return fault(404, "no such batch: " + id, "not_found");
}

/// The newest first, behind the one that `after` names.
Response Batches::list(std::string_view query) {
  const std::string after = query_value(query, "after");
  const std::string limit = query_value(query, "limit");
  const std::size_t most = limit.empty() ? kListed : static_cast<std::size_t>(std::atoi(limit.c_str()));
  Response response;
  base::JsonWriter w(response.body);
  w.begin_object().member("object", "list").key("data").begin_array();
  bool begun = after.empty();
  bool more = false;
  std::size_t listed = 0;
  std::string last;
  for (auto batch = batches_.rbegin(); batch != batches_.rend(); ++batch) {
    if (begun && listed < most) {
      w.raw(describe(*batch).body);
      last = batch->id;
      ++listed;
    } else {
      more = begun;
    }
    begun = begun || batch->id == after;
  }
  w.end_array().member("last_id", last).member("has_more", more).end_object();
  return response;
}

Response Batches::describe(const Batch& batch) const {
  Response response;
  base::JsonWriter w(response.body);
  const bool over = has_ended(batch.status);
  w.begin_object().member("id", batch.id).member("object", "batch").member("endpoint", batch.endpoint);
  w.key("errors");
  if (batch.status == "failed") {
    w.begin_object().member("object", "list").key("data").begin_array();
    for (const Problem& problem : batch.problems) {
      w.begin_object().member("code", problem.code).member("message", problem.message).key("param").null();
      w.key("line");
      if (problem.line == 0)
        w.null();
      else
        w.value(problem.line);
      w.end_object();
    }
    w.end_array().end_object();
  } else {
    w.null();
  }
  w.member("input_file_id", batch.input).member("completion_window", batch.window);
  w.member("status", batch.status);
  for (const auto& [name, id] :
       {std::pair("output_file_id", &batch.output), {"error_file_id", &batch.errors}}) {
    w.key(name);
    if (id->empty())
      w.null();
    else
      w.value(*id);
  }
  w.member("created_at", std::int64_t{batch.created_at});
  for (const char* end : {"completed", "failed", "expired", "cancelled"})
    write_time((std::string(end) + "_at").c_str(), batch.ended_at, over && batch.status == end, w);
  w.key("request_counts").begin_object().member("total", batch.total);
  w.member("completed", batch.completed).member("failed", batch.failed).end_object();
  w.key("metadata").raw(batch.metadata.empty() ? "null" : batch.metadata).end_object();
  return response;
}

}  // namespace provider
