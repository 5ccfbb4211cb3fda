#include "tests/support/batch_provider.h"

#include <gtest/gtest.h>
#include <httplib.h>
#include <simdjson.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/json_writer.h"
#include "base/text.h"

namespace testing_support {
namespace {

constexpr std::size_t kPage = 2;  // so that few batches are several pages
constexpr auto kPatience = std::chrono::seconds(20);

std::string text_of(simdjson::dom::element object, const char* name) {
  std::string_view text;
  return object[name].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

/// The lines of an uploaded file with their ids.
std::vector<std::pair<std::string, std::string>> lines_of(const std::string& file) {
  std::vector<std::pair<std::string, std::string>> lines;
  for (const std::string_view line : base::split(file, '\n')) {
    if (line.empty()) continue;
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    simdjson::dom::element body;
    const std::string copy(line);
    if (parser.parse(copy).get(root) != simdjson::SUCCESS || root["body"].get(body) != simdjson::SUCCESS) {
      ADD_FAILURE() << "no line of a batch: " << line;
      continue;
    }
    EXPECT_EQ(text_of(root, "method"), "POST");
    EXPECT_EQ(text_of(root, "url"), "/v1/chat/completions");
    lines.emplace_back(text_of(root, "custom_id"), simdjson::minify(body));
  }
  return lines;
}

}  // namespace

struct BatchProvider::Thread {
  std::thread run;
};

BatchProvider::BatchProvider(Answerer answer)
    : answer_(std::move(answer)),
      server_(std::make_unique<httplib::Server>()),
      thread_(std::make_unique<Thread>()) {
  using httplib::Request;
  using httplib::Response;
  server_->Post("/v1/files", [this](const Request& q, Response& r) { upload(q, r); });
  server_->Post("/v1/batches", [this](const Request& q, Response& r) { create(q, r); });
  server_->Get("/v1/batches", [this](const Request& q, Response& r) {
    if (stumbles("list", r)) return;
    const std::lock_guard lock(mutex_);
    const std::string after = q.get_param_value("after");
    std::size_t at = batches_.size();  // the newest first
    if (!after.empty())
      while (at > 0 && batches_[at - 1].id != after) --at;
    if (!after.empty() && at > 0) --at;
    std::string list;
    for (std::size_t n = 0; n < kPage && at > 0; ++n, --at)
      list += (n == 0 ? "" : ",") + describe(batches_[at - 1]);
    r.set_content(
        "{\"object\":\"list\",\"data\":[" + list + "],\"has_more\":" + (at > 0 ? "true" : "false") + "}",
        "application/json");
  });
  server_->Get(R"(/v1/batches/([^/]+))", [this](const Request& q, Response& r) {
    if (stumbles("look", r)) return;
    const std::lock_guard lock(mutex_);
    for (Stored& batch : batches_) {
      if (batch.id != q.matches[1].str()) continue;
      if (batch.status != "cancelled") batch.status = batch.looks-- > 0 ? "in_progress" : batch.end;
      return r.set_content(describe(batch), "application/json");
    }
    r.status = 404;
    r.set_content(R"({"error":{"message":"no such batch"}})", "application/json");
  });
  server_->Post(R"(/v1/batches/([^/]+)/cancel)", [this](const Request& q, Response& r) {
    if (stumbles("cancel", r)) return;
    const std::lock_guard lock(mutex_);
    for (Stored& batch : batches_) {
      if (batch.id != q.matches[1].str()) continue;
      if (batch.status == "in_progress") {
        batch.status = "cancelled";
      } else {
        r.status = 409;
      }
      return r.set_content(describe(batch), "application/json");
    }
    r.status = 404;
  });
  server_->Get(R"(/v1/files/(out|err)-([^/]+)/content)", [this](const Request& q, Response& r) {
    if (stumbles("results", r)) return;
    r.set_content(results(q.matches[2].str(), q.matches[1].str() == "err"), "application/octet-stream");
    hold("fetched");
  });
  server_->set_keep_alive_max_count(1);  // else stopping waits for idle connections
  server_->set_payload_max_length(std::size_t{1} << 30);
  port_ = server_->bind_to_any_port("127.0.0.1");
  thread_->run = std::thread([this] { server_->listen_after_bind(); });
  while (!server_->is_running()) std::this_thread::yield();
}

BatchProvider::~BatchProvider() {
  release();
  server_->stop();
  thread_->run.join();
}

std::string BatchProvider::base_url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/v1"; }

void BatchProvider::upload(const httplib::Request& request, httplib::Response& response) {
  if (stumbles("file", response)) return;
  EXPECT_EQ(request.get_file_value("purpose").content, "batch");
  const httplib::MultipartFormData file = request.get_file_value("file");
  EXPECT_TRUE(file.filename.ends_with(".jsonl")) << file.filename;
  std::string id;
  {
    const std::lock_guard lock(mutex_);
    files_.push_back(file.content);
    id = "file-" + std::to_string(files_.size());
  }
  response.set_content(R"({"object":"file","id":")" + id + "\"}", "application/json");
  hold("filed");
}

void BatchProvider::create(const httplib::Request& request, httplib::Response& response) {
  if (stumbles("batch", response)) return;
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  simdjson::dom::element metadata;
  EXPECT_EQ(parser.parse(request.body).get(root), simdjson::SUCCESS) << request.body;
  EXPECT_EQ(root["metadata"].get(metadata), simdjson::SUCCESS) << request.body;
  EXPECT_EQ(text_of(root, "completion_window"), "24h");
  EXPECT_EQ(text_of(root, "endpoint"), "/v1/chat/completions");
  Stored batch;
  batch.file = text_of(root, "input_file_id");
  batch.metadata = simdjson::minify(metadata);
  std::vector<std::pair<std::string, std::string>> lines;
  {
    const std::lock_guard lock(mutex_);
    const auto number = static_cast<std::size_t>(std::stoul(batch.file.substr(5)));
    batch.id = "batch_" + std::to_string(batches_.size() + 1);
    batch.status = "validating";
    batch.end = end_;
    batch.errors = errors_;
    batch.looks = looks_;
    lines = lines_of(files_.at(number - 1));
    creations_.push_back(request.body);
    batches_.push_back(batch);
    if (batch.end != "failed")
      for (const auto& [id, body] : lines) ++submitted_[id];
    response.set_content(describe(batch), "application/json");
  }
  for (const auto& [id, body] : lines) {
    Answer answer = answer_(id, body);  // not under the lock: it may ask another server
    const std::lock_guard lock(mutex_);
    answers_[id] = std::move(answer);
  }
  stumbles("created", response);
}

std::string BatchProvider::describe(const Stored& batch) const {
  const bool over = batch.status == "completed" || batch.status == "expired" || batch.status == "cancelled";
  std::string json = R"({"object":"batch","id":")" + batch.id + R"(","status":")" + batch.status + "\"";
  json += R"(,"errors":)" + (batch.status == "failed" ? batch.errors : "null");
  if (over) json += R"(,"output_file_id":"out-)" + batch.id + R"(","error_file_id":"err-)" + batch.id + "\"";
  return json + R"(,"request_counts":{"total":0,"completed":0,"failed":0},"metadata":)" + batch.metadata +
         "}";
}

std::string BatchProvider::results(const std::string& batch_id, bool errors) const {
  const std::lock_guard lock(mutex_);
  const auto batch =
      std::find_if(batches_.begin(), batches_.end(), [&](const Stored& one) { return one.id == batch_id; });
  if (batch == batches_.end()) return {};
  std::vector<std::string> lines;
  const auto number = static_cast<std::size_t>(std::stoul(batch->file.substr(5)));
  for (const auto& [id, body] : lines_of(files_.at(number - 1))) {
    const Answer& answer = answers_.at(id);
    if (answer.status < 0 || (answer.status != 200) != errors) continue;
    std::string line = R"({"id":"r","custom_id":")" + id + "\"";
    if (answer.status == 0)
      line += R"(,"response":null,"error":)" + answer.body + "}";
    else
      line += R"(,"response":{"status_code":)" + std::to_string(answer.status) +
              R"(,"request_id":"q","body":)" + answer.body + R"(},"error":null})";
    lines.push_back(line);
  }
  std::sort(lines.begin(), lines.end());
  std::string file = R"({"custom_id":"somebody else's","response":null})"
                     "\nno JSON\n";
  for (const std::string& line : lines) file += line + "\n";
  return file;
}

bool BatchProvider::stumbles(const std::string& step, httplib::Response& response) {
  hold(step);
  const std::lock_guard lock(mutex_);
  const auto fault = faults_.find(step);
  if (fault == faults_.end() || fault->second.times == 0) return false;
  --fault->second.times;
  response.status = fault->second.status;
  response.set_content(fault->second.body, "application/json");
  return true;
}

void BatchProvider::hold(const std::string& step) {
  std::unique_lock lock(mutex_);
  if (paused_at_ != step) return;
  held_ = true;
  changed_.notify_all();
  changed_.wait_for(lock, 2 * kPatience, [&] { return paused_at_ != step; });
}

void BatchProvider::pause(const std::string& step) {
  const std::lock_guard lock(mutex_);
  paused_at_ = step;
  held_ = false;
  changed_.notify_all();
}

bool BatchProvider::wait_paused() {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kPatience, [&] { return held_; });
}

void BatchProvider::release() { pause(""); }

void BatchProvider::fail(const std::string& step, int status, int times, const std::string& body) {
  const std::lock_guard lock(mutex_);
  faults_[step] = {status, times, body};
}

void BatchProvider::ends(const std::string& status, int looks, const std::string& errors) {
  const std::lock_guard lock(mutex_);
  end_ = status;
  looks_ = looks;
  errors_ = errors;
}

void BatchProvider::answer_with(Answerer answer) {
  const std::lock_guard lock(mutex_);
  answer_ = std::move(answer);
}

void BatchProvider::finish_all() {
  const std::lock_guard lock(mutex_);
  for (Stored& batch : batches_) batch.looks = 0;
}

std::map<std::string, int> BatchProvider::submitted() const {
  const std::lock_guard lock(mutex_);
  return submitted_;
}

std::size_t BatchProvider::batches() const {
  const std::lock_guard lock(mutex_);
  return batches_.size();
}

std::vector<std::string> BatchProvider::files() const {
  const std::lock_guard lock(mutex_);
  return files_;
}

std::vector<std::string> BatchProvider::creations() const {
  const std::lock_guard lock(mutex_);
  return creations_;
}

}  // namespace testing_support
