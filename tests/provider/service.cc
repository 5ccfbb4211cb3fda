#include "tests/provider/service.h"

#include "tests/provider/vectors.h"

namespace provider {
namespace {

constexpr const char* kModels =
    R"({"object":"list","data":[{"id":"provider","object":"model","created":0,"owned_by":"slotmill"}]})";

Response json(std::string body) {
  Response response;
  response.body = std::move(body);
  return response;
}

RankShape rank_shape(Form form) {
  if (form == Form::sglang) return RankShape::array;
  return form == Form::xinference ? RankShape::xinference : RankShape::results;
}

}  // namespace

Service::Service(const Options& options)
    : options_(options),
      chat_(options, statistics_),
      batches_(options, statistics_, [this](std::string_view endpoint, std::string_view body) {
        return endpoint == "/v1/embeddings" ? embed(options_.form, body) : chat_.answer_line(body);
      }) {}

Response Service::handle(const HttpMessage& message) {
  const bool post = message.method == "POST";
  const std::size_t question = message.path.find('?');
  const std::string_view path = message.path.substr(0, question);
  const std::string_view query =
      question == std::string_view::npos ? std::string_view() : message.path.substr(question + 1);
  if (post && path.ends_with("/chat/completions")) return chat_.handle(message, false);
  if (post && path == "/api/chat" && options_.form == Form::ollama) return chat_.handle(message, true);
  if (post && path.ends_with("/v1/embeddings")) return embed(options_.form, message.body);
  if (post && path.ends_with("/compatible-api/v1/reranks"))
    return rank(options_.form, RankShape::dashscope, message.body);
  if (post && path.ends_with("/rerank")) return rank(options_.form, rank_shape(options_.form), message.body);
  for (const char* part : {"/v1/files", "/v1/batches"})
    if (const std::size_t at = path.find(part); at != std::string_view::npos)
      return batches_.handle(path.substr(at + 3), query, message);
  if (!post && path.ends_with("/models")) return json(kModels);
  if (!post && path == "/stats") return json(statistics_.json());
  if (post && path == "/reset") {
    statistics_.reset();
    return json("{}");
  }
  return fault_response(options_.form, {404, "no such path", "not_found_error", "not_found"});
}

}  // namespace provider
