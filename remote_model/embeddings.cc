#include "remote_model/embeddings.h"

#include <simdjson.h>

#include <cmath>
#include <cstring>
#include <optional>

#include "base/json_writer.h"
#include "remote_model/answer_json.h"

namespace remote_model {
namespace {

using simdjson::dom::element;

std::optional<std::string> decode_base64(std::string_view text) {
  std::string bytes;
  std::uint32_t bits = 0;
  int held = 0;
  while (text.ends_with('=')) text.remove_suffix(1);
  for (const char c : text) {
    constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const std::size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes += static_cast<char>(bits >> held & 0xFFU);
  }
  return bytes;
}

bool read_vector(const element& value, std::vector<float>& out) {
  out.clear();
  if (std::string_view text; value.get(text) == simdjson::SUCCESS) {
    const auto bytes = decode_base64(text);
    if (!bytes || bytes->size() % sizeof(float) != 0) return false;
    out.resize(bytes->size() / sizeof(float));
    if (!out.empty()) std::memcpy(out.data(), bytes->data(), bytes->size());
    return true;
  }
  simdjson::dom::array numbers;
  if (value.get(numbers) != simdjson::SUCCESS) return false;
  for (const element number : numbers) {
    double real = 0;
    if (number.get(real) != simdjson::SUCCESS) return false;
    out.push_back(static_cast<float>(real));
  }
  return true;
}

bool make_unit_length(std::vector<float>& vector) {
  double sum = 0;
  for (const float value : vector) sum += static_cast<double>(value) * static_cast<double>(value);
  const double length = std::sqrt(sum);
  if (!std::isfinite(length) || length <= 0) return false;
  for (float& value : vector) value = static_cast<float>(static_cast<double>(value) / length);
  return true;
}

}  // namespace

std::string embedding_request_body(const model::ModelIdentity& identity, const model::Request& request) {
  std::string body;
  base::JsonWriter w(body);
  w.begin_object().member("model", identity.name).member("input", request.tail);
  for (const auto& [name, json] : identity.extra_body) w.key(name).raw(json);
  w.end_object();
  return body;
}

ChatAnswer read_embedding(std::string_view body, std::vector<float>& embedding) {
  thread_local simdjson::dom::parser parser(kMostJsonBytes);
  element root;
  element value;
  if (parser.parse(body.data(), body.size()).get(root) != simdjson::SUCCESS ||
      root["data"].at(0)["embedding"].get(value) != simdjson::SUCCESS || !read_vector(value, embedding) ||
      !make_unit_length(embedding)) {
    embedding.clear();
    return read_other_answer(body, "an embedding");
  }
  return reply_with_usage(root);
}

}  // namespace remote_model
