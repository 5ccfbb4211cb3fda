#include "prompts/request_extras.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <iterator>

#include "prompts/yaml_json.h"

namespace prompts {
namespace {

// slotmill's own: what is asked, of whom, and how the answer comes.
constexpr std::string_view kOwnMembers[] = {"model", "messages", "prompt", "stream", "n"};
// Set by what is sent.
constexpr const char* kOwnHeaders =
    "(?i)content-type|content-length|transfer-encoding|host|connection|expect";

bool full_match(const std::string& text, const char* pattern) { return re2::RE2::FullMatch(text, pattern); }

}  // namespace

void read_extra_body(Fields& fields, Problems& problems, ModelSpec& spec) {
  const YamlNode* node = fields.find("extra_body");
  if (!node) return;
  const Fields members(node, fields.name("extra_body"), "{top_k: 20}", problems);
  if (!members.usable()) return;
  for (const auto& [key, value] : node->members) {
    if (std::find(std::begin(kOwnMembers), std::end(kOwnMembers), key->text) != std::end(kOwnMembers))
      problems.error(key->mark,
                     fmt::format("{}: slotmill sets this itself; remove it", members.name(key->text)));
    spec.extra_body.emplace_back(key->text, json_of(*value));
  }
  std::sort(spec.extra_body.begin(), spec.extra_body.end());
}

void read_headers(Fields& fields, Problems& problems, ModelSpec& spec) {
  const YamlNode* node = fields.find("headers_env");
  if (!node) return;
  const Fields headers(node, fields.name("headers_env"), "{X-Workspace: VARIABLE}", problems);
  if (!headers.usable()) return;
  for (const auto& [key, value] : node->members) {
    const std::string& name = key->text;
    if (!full_match(name, "[A-Za-z0-9!#$%&'*+.^_`|~-]+") || full_match(name, kOwnHeaders))
      problems.error(key->mark,
                     fmt::format("{}: {} is no header that can be set", headers.where(), in_quotes(name)));
    else if (full_match(name, "(?i)authorization") && !spec.api_key_env.empty())
      problems.error(key->mark, fmt::format("{}: {} carries the key of api_key_env: already; remove one of "
                                            "them (api_key_env: '')",
                                            headers.where(), name));
    else if (value->kind != YamlNode::Kind::scalar || !full_match(value->text, "[A-Za-z_][A-Za-z0-9_]*"))
      problems.error(value->mark, fmt::format("{}: expected the name of an environment variable, never the "
                                              "value itself",
                                              headers.name(name)));
    else
      spec.headers_env[name] = value->text;
  }
}

}  // namespace prompts
