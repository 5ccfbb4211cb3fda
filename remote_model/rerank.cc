#include "remote_model/rerank.h"

#include <simdjson.h>

#include <cmath>
#include <cstdint>

#include "base/json_writer.h"
#include "remote_model/answer_json.h"

namespace remote_model {
namespace {

using simdjson::dom::element;

bool read_scores(const element& root, std::size_t documents, std::vector<float>& scores) {
  simdjson::dom::array results;
  if (root.get(results) != simdjson::SUCCESS && root["results"].get(results) != simdjson::SUCCESS)
    return false;
  scores.assign(documents, 0);
  std::vector<bool> seen(documents, false);
  std::size_t read = 0;
  for (const element result : results) {
    std::uint64_t index = 0;
    double score = 0;
    if (result["index"].get(index) != simdjson::SUCCESS || index >= documents || seen[index]) return false;
    if (result["relevance_score"].get(score) != simdjson::SUCCESS &&
        result["score"].get(score) != simdjson::SUCCESS)
      return false;
    seen[index] = true;
    scores[index] = static_cast<float>(score);
    if (!std::isfinite(scores[index])) return false;
    ++read;
  }
  return read == documents;
}

}  // namespace

std::string rank_request_body(const model::ModelIdentity& identity, const model::Request& request) {
  std::string body;
  base::JsonWriter w(body);
  w.begin_object()
      .member("model", identity.name)
      .member("query", request.tail)
      .key("documents")
      .begin_array();
  for (const std::string& document : request.documents) w.value(document);
  w.end_array();
  for (const auto& [name, json] : identity.extra_body) w.key(name).raw(json);
  w.end_object();
  return body;
}

ChatAnswer read_ranking(std::string_view body, std::size_t documents, std::vector<float>& scores) {
  thread_local simdjson::dom::parser parser(kMostJsonBytes);
  element root;
  if (parser.parse(body.data(), body.size()).get(root) != simdjson::SUCCESS ||
      !read_scores(root, documents, scores)) {
    scores.clear();
    return read_other_answer(body, "a score of each document");
  }
  return reply_with_usage(root);
}

}  // namespace remote_model
