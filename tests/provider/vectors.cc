#include "tests/provider/vectors.h"

#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/json_writer.h"
#include "base/text.h"

namespace provider {
namespace {

using simdjson::SUCCESS;
using simdjson::dom::element;

constexpr std::size_t kDimensions = 64;

std::vector<double> vector_of(std::string_view text, std::size_t dimensions) {
  std::vector<double> vector(dimensions, 0.0);
  char32_t before = 0;
  for (std::size_t at = 0; at <= text.size();) {
    const char32_t c = at < text.size() ? base::next_code_point(text, at) : (++at, U'\0');
    const std::uint64_t pair = base::mix(before, c);
    for (std::size_t i = 0; i < dimensions; ++i) vector[i] += base::mix(pair, i) & 1 ? 1 : -1;
    before = c;
  }
  double square = 0;
  for (const double x : vector) square += x * x;
  for (double& x : vector) x /= std::sqrt(square > 0 ? square : 1);
  return vector;
}

double cosine(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

Response bad(Form form, std::string message) { return fault_response(form, {400, std::move(message)}); }

/// A text, or an array of texts; false if it is neither.
bool read_texts(const element& value, std::vector<std::string_view>& texts) {
  std::string_view text;
  if (value.get(text) == SUCCESS) {
    texts.push_back(text);
    return true;
  }
  simdjson::dom::array array;
  if (value.get(array) != SUCCESS) return false;
  for (const element item : array) {
    if (item.get(text) != SUCCESS && item["text"].get(text) != SUCCESS) return false;
    texts.push_back(text);
  }
  return !texts.empty();
}

std::uint64_t tokens_in(const std::vector<std::string_view>& texts) {
  std::uint64_t bytes = 0;
  for (const std::string_view text : texts) bytes += text.size();
  return bytes / 3 + texts.size();
}

struct Ranked {
  double score = 0;
  std::size_t index = 0;
};

void write_item(RankShape shape, const Ranked& item, std::string_view document, bool with_document,
                base::JsonWriter& w) {
  w.begin_object();
  if (shape == RankShape::array) {
    w.member("score", item.score).member("document", document).member("index", std::uint64_t{item.index});
    w.key("meta_info").begin_object().end_object().end_object();
    return;
  }
  w.member("index", std::uint64_t{item.index});
  if (shape == RankShape::results) w.key("document").begin_object().member("text", document).end_object();
  w.member("relevance_score", item.score);
  if (shape == RankShape::xinference) {
    w.key("document");
    if (with_document)
      w.begin_object().member("text", document).end_object();
    else
      w.null();
  }
  w.end_object();
}

}  // namespace

Response embed(Form form, std::string_view body) {
  simdjson::dom::parser parser;
  element root;
  std::string_view model;
  element input;
  std::vector<std::string_view> texts;
  if (parser.parse(body.data(), body.size()).get(root) != SUCCESS || root["model"].get(model) != SUCCESS ||
      root["input"].get(input) != SUCCESS || !read_texts(input, texts))
    return bad(form, "expected model and input, a text or an array of texts");
  if (form == Form::swift && !input.is_string()) return bad(form, "input must be one text");
  std::string_view encoding;
  if (root["encoding_format"].get(encoding) == SUCCESS && encoding != "float")
    return bad(form, "encoding_format: only float");
  std::uint64_t dimensions = 0;
  if (root["dimensions"].get(dimensions) != SUCCESS) dimensions = kDimensions;
  if (dimensions < 1 || dimensions > 4096) return bad(form, "dimensions must be 1 to 4096");

  Response response;
  base::JsonWriter w(response.body);
  w.begin_object().member("object", "list").key("data").begin_array();
  for (std::size_t i = 0; i < texts.size(); ++i) {
    w.begin_object().member("object", "embedding").member("index", std::uint64_t{i});
    w.key("embedding").begin_array();
    for (const double x : vector_of(texts[i], dimensions)) w.value(x);
    w.end_array().end_object();
  }
  w.end_array().member("model", model).key("usage").begin_object();
  w.member("prompt_tokens", tokens_in(texts)).member("total_tokens", tokens_in(texts));
  w.end_object().end_object();
  return response;
}

Response rank(Form form, RankShape shape, std::string_view body) {
  simdjson::dom::parser parser;
  element root;
  std::string_view model;
  std::string_view query;
  element documents;
  std::vector<std::string_view> texts;
  if (parser.parse(body.data(), body.size()).get(root) != SUCCESS || root["model"].get(model) != SUCCESS ||
      root["query"].get(query) != SUCCESS || root["documents"].get(documents) != SUCCESS ||
      !documents.is_array() || !read_texts(documents, texts))
    return bad(form, "expected model, query and documents");
  if (shape == RankShape::dashscope && texts.size() > 500) return bad(form, "at most 500 documents");
  std::uint64_t top = 0;
  if (root["top_n"].get(top) != SUCCESS) top = texts.size();
  bool with_documents = false;
  if (root["return_documents"].get(with_documents) != SUCCESS) with_documents = false;

  std::vector<Ranked> order;
  const std::vector<double> asked = vector_of(query, kDimensions);
  for (std::size_t i = 0; i < texts.size(); ++i)
    order.push_back({std::clamp((1 + cosine(asked, vector_of(texts[i], kDimensions))) / 2, 0.0, 1.0), i});
  std::stable_sort(order.begin(), order.end(),
                   [](const Ranked& a, const Ranked& b) { return a.score > b.score; });
  order.resize(std::min<std::size_t>(order.size(), top));

  Response response;
  base::JsonWriter w(response.body);
  if (shape != RankShape::array) {
    w.begin_object().member("id", "rerank-provider");
    if (shape == RankShape::dashscope) w.member("object", "list");
    if (shape != RankShape::xinference) w.member("model", model);
    w.key("results");
  }
  w.begin_array();
  for (const Ranked& item : order) write_item(shape, item, texts[item.index], with_documents, w);
  w.end_array();
  if (shape == RankShape::xinference) w.key("meta").null();
  if (shape == RankShape::results || shape == RankShape::dashscope)
    w.key("usage").begin_object().member("total_tokens", tokens_in(texts) + query.size() / 3).end_object();
  if (shape != RankShape::array) w.end_object();
  return response;
}

}  // namespace provider
