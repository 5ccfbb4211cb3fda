#include "remote_model/batch.h"

#include <fmt/format.h>

#include <random>
#include <utility>

#include "remote_model/explanation.h"

namespace remote_model {
namespace {

constexpr std::size_t kMostResultBytes = std::size_t{1} << 30;
// A slow line: 64 KiB a second up, ten results a second down.
constexpr std::size_t kUploadBytesPerSecond = std::size_t{64} << 10;
constexpr base::Milliseconds kFetchTimePerRequest{100};
constexpr int kPage = 100;  // batches in a page of the list, the most that OpenAI gives

std::shared_ptr<const Endpoint> endpoint(const Access& access, const std::string& path,
                                         const char* content_type = "application/json") {
  auto made = std::make_shared<Endpoint>(*access.endpoint);
  made->url = access.base_url + path;
  for (std::string& header : made->headers)
    if (header.starts_with("Content-Type:")) header = fmt::format("Content-Type: {}", content_type);
  return made;
}

std::string new_reference() {
  std::random_device random;
  const auto draw = [&random] { return std::uint64_t{random()} << 32 | random(); };
  return "slotmill-" + base::to_hex(base::Hash128{draw(), draw()});
}

std::string upload_body(const Batch& batch) {
  std::string body = upload_head(batch.reference);
  std::size_t size = body.size() + 100;
  for (const std::string& line : batch.lines) size += line.size();
  body.reserve(size);
  for (const std::string& line : batch.lines) body += line;
  body += upload_tail();
  return body;
}

}  // namespace

HttpRequest batch_request(const Batch& batch, const BatchRules& rules, const Access& access,
                          double timeout_seconds) {
  using Stage = Batch::Stage;
  HttpRequest http;
  http.timeout = base::Milliseconds(static_cast<base::Milliseconds::rep>(timeout_seconds * 1000));
  switch (batch.stage) {
    case Stage::intend:
    case Stage::upload:
      http.endpoint = endpoint(access, "/files", kUploadType);
      http.body = upload_body(batch);
      http.timeout += std::chrono::seconds(http.body.size() / kUploadBytesPerSecond);
      break;
    case Stage::create:
      http.endpoint = endpoint(access, "/batches");
      http.body = creation_body(rules, batch.file, batch.reference);
      break;
    case Stage::search:
      http.endpoint = endpoint(access, fmt::format("/batches?limit={}{}{}", kPage,
                                                   batch.after.empty() ? "" : "&after=", batch.after));
      break;
    case Stage::look:
      http.endpoint = endpoint(access, fmt::format("/batches/{}", batch.id));
      break;
    case Stage::output:
    case Stage::errors:
      http.endpoint = endpoint(
          access, fmt::format("/files/{}/content", batch.stage == Stage::output ? batch.state.output_file
                                                                                : batch.state.error_file));
      http.timeout += kFetchTimePerRequest * batch.size;
      http.most_bytes = kMostResultBytes;
      break;
    case Stage::cancel:
      http.endpoint = endpoint(access, fmt::format("/batches/{}/cancel", batch.id));
      http.body = "{}";
      break;
  }
  return http;
}

HttpResponse line_response(const BatchLine& line) {
  HttpResponse response;
  response.status = line.status;
  if (line.status != 0) return response;
  response.failure = HttpResponse::Failure::other;
  response.error = line.answer.message;
  if (!line.answer.code.empty()) response.error += fmt::format(" [{}]", line.answer.code);
  return response;
}

Verdict line_verdict(const BatchLine& line, const Dialect& dialect) {
  return classify(line_response(line), line.answer, dialect);
}

model::Outcome line_reply(ChatAnswer answer, const Dialect& dialect,
                          const std::vector<std::string>& secrets) {
  model::Outcome outcome;
  outcome.kind = model::Outcome::Kind::reply;
  outcome.finish = is_content_filter(answer, dialect) ? model::Finish::content_filter : answer.finish;
  outcome.usage = answer.usage;
  outcome.body = mask_secrets(std::move(answer.content), secrets);
  return outcome;
}

void BatchCollector::add(BatchItem item, std::string line, base::Milliseconds now) {
  if (items_.empty()) first_ = now;
  last_ = now;
  bytes_ += line.size();
  items_.push_back(item);
  lines_.push_back(std::move(line));
}

bool BatchCollector::is_due(base::Milliseconds now, bool others_under_way) const {
  const base::Milliseconds waited = now - (others_under_way ? first_ : last_);
  const base::Milliseconds wait = others_under_way ? kQuietWhileWaiting : kQuiet;
  return static_cast<double>(waited.count()) >= pace_ * static_cast<double>(wait.count());
}

BatchPtr BatchCollector::close() {
  auto batch = std::make_shared<Batch>();
  batch->reference = new_reference();
  batch->size = items_.size();
  batch->lines = std::move(lines_);
  for (const BatchItem& item : take_all()) {
    batch->keys.push_back(item.request->key);
    batch->items.emplace(item.request->key, item);
  }
  return batch;
}

std::vector<BatchItem> BatchCollector::take_all() {
  bytes_ = 0;
  lines_.clear();
  return std::exchange(items_, {});
}

}  // namespace remote_model
