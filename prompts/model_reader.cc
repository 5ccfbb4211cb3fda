#include "prompts/model_reader.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <map>

#include "prompts/file_model_reader.h"
#include "prompts/request_extras.h"
#include "remote_model/batch_protocol.h"
#include "remote_model/dialect.h"

namespace prompts {
namespace {

constexpr double kDay = 24 * 3600;
// A full file, the most that a batch can have. As many prompts are in memory: about 200 MB.
constexpr std::int64_t kBatchRequests = 50000;
constexpr double kBatchDiscount = 0.5;

bool full_match(const std::string& text, const char* pattern) { return re2::RE2::FullMatch(text, pattern); }

class Reader {
 public:
  Reader(const YamlNode& node, std::string where, const ReadContext& context,
         const std::vector<std::string>& lanes, std::int64_t per_request)
      : context_(context),
        problems_(context.problems),
        lanes_(lanes),
        fields_(&node, std::move(where), "{id: tiny, file: shipped}", context.problems) {
    spec_.mark = node.mark;
    spec_.per_request = per_request;
  }

  /// `fallback:`; null without. Its names are known when all models are.
  const YamlNode* fallback() const { return fallback_; }

  ModelSpec read(Mark& price_mark) {
    if (!fields_.usable()) return std::move(spec_);
    read_id();
    read_kind();
    read_share();
    fallback_ = fields_.find("fallback");
    if (const YamlNode* only = fields_.find("only")) read_only(*only);
    const auto local_keys = {"adapter", "prompt_format", "gpu_layers", "sequences", "context", "threads"};
    const auto remote_keys = {"model", "base_url", "api_key_env", "headers_env", "proxy",
                              "ca",    "http",     "timeout",     "deadline",    "limits",
                              "price", "start",    "api",         "extra_body",  "mode"};
    const bool is_patterns = fields_.has("patterns");
    const bool is_file = fields_.has("file");
    if (!is_file)
      for (const char* key : local_keys) fields_.only_with({key}, "with file:");
    if (is_file || is_patterns)
      for (const char* key : remote_keys) fields_.only_with({key}, "with provider:");
    if (is_patterns)
      for (const char* key : {"sampling", "response_format", "profile", "thinking"})
        fields_.only_with({key}, "with file: or provider:");
    if (!is_patterns) {
      read_profile(fields_, spec_);
      if (is_file)
        read_file_model(fields_, context_, spec_);
      else
        read_remote();
      read_response_format();
      read_sampling(fields_, problems_, spec_.sampling);
    }
    if (fields_.has("price")) price_mark = fields_.key_mark("price");
    if (fields_.has("api_key") || fields_.has("key")) {
      const std::string_view key = fields_.has("api_key") ? "api_key" : "key";
      problems_.error(
          fields_.key_mark(key),
          fmt::format("{}: a key never stands in a job; put it into an environment variable and name that "
                      "with api_key_env:",
                      fields_.name(key)));
      fields_.find(key);
    }
    fields_.finish();
    return std::move(spec_);
  }

 private:
  void read_id() {
    const YamlNode* node = fields_.require("id", "name the model; rows and messages say it");
    if (!node) return;
    spec_.id = read_text(*node, fields_.name("id"), problems_).value_or("");
    if (!spec_.id.empty() && !full_match(spec_.id, "[A-Za-z0-9_.-]{1,64}"))
      problems_.error(node->mark, fmt::format("{}: {} is no id; use letters, digits, . - and _, at most 64",
                                              fields_.name("id"), in_quotes(spec_.id)));
  }

  void read_share() {
    const YamlNode* node = fields_.find("share");
    if (node && node->kind == YamlNode::Kind::scalar && node->text == "0")
      spec_.share = 0;
    else
      fields_.number("share", 0.001, 1000, spec_.share);
  }

  void read_kind() {
    const YamlNode* patterns = fields_.find("patterns");
    const YamlNode* provider = fields_.find("provider");
    const YamlNode* file = fields_.find("file");
    if ((patterns != nullptr) + (provider != nullptr) + (file != nullptr) > 1)
      problems_.error(fields_.mark(),
                      fmt::format("{}: patterns:, file: and provider: are three kinds of model; "
                                  "a model is one of them",
                                  where()));
    if (!patterns && !provider && !file)
      problems_.error(fields_.mark(),
                      fmt::format("{}: no model; give it file:, provider: or patterns:", where()));
    if (file) spec_.kind = ModelSpec::Kind::file;
    if (patterns) {
      spec_.kind = ModelSpec::Kind::patterns;
      if (const auto path = read_file_name(*patterns, fields_.name("patterns"), context_))
        spec_.patterns = absolute_path(*path);
    }
    if (provider) {
      spec_.kind = ModelSpec::Kind::remote;
      read_provider(*provider);
    }
  }

  void read_provider(const YamlNode& node) {
    const std::string where = fields_.name("provider");
    spec_.provider = read_text(node, where, problems_).value_or("openai");
    if (remote_model::find_dialect(spec_.provider) != nullptr) return;
    const std::string guess = did_you_mean(spec_.provider, remote_model::provider_names());
    if (!fields_.has("base_url"))
      problems_.error(node.mark,
                      fmt::format("{}: no provider {}{}{} any OpenAI-compatible server works with "
                                  "its base_url:",
                                  where, in_quotes(spec_.provider), guess, guess.empty() ? ";" : " Else"));
    else if (!guess.empty())
      problems_.warn(node.mark, fmt::format("{}: no provider {}{} It is taken for a server that speaks plain "
                                            "OpenAI",
                                            where, in_quotes(spec_.provider), guess));
  }

  void read_only(const YamlNode& node) {
    const std::string where = fields_.name("only");
    const auto* items = read_list(node, where, "[out_of_scope]", problems_);
    if (!items) return;
    if (items->empty())
      wrong_type(node, where, "at least one intent, out_of_scope or multi_intent", problems_);
    for (const YamlNode* item : *items) {
      const auto lane = read_text(*item, where, problems_);
      if (!lane) continue;
      if (std::find(lanes_.begin(), lanes_.end(), *lane) == lanes_.end()) {
        const std::string guess = did_you_mean(*lane, lanes_);
        problems_.error(
            item->mark,
            fmt::format("{}: no intent {}{}", where, in_quotes(*lane),
                        guess.empty() ? "; name one of this job, out_of_scope or multi_intent" : guess));
      } else if (std::find(spec_.only.begin(), spec_.only.end(), *lane) == spec_.only.end()) {
        spec_.only.push_back(*lane);
      }
    }
  }

  void read_remote() {
    if (fields_.has("provider"))
      fields_.require("model", "write the name that the server knows, such as gpt-4o-mini");
    fields_.text("model", spec_.model);
    read_addresses();
    read_headers(fields_, problems_, spec_);
    read_extra_body(fields_, problems_, spec_);
    std::int64_t http = spec_.http;
    fields_.integer("http", 1, 2, http);
    spec_.http = static_cast<int>(http);
    fields_.seconds("timeout", 1, kDay, spec_.timeout_seconds);
    spec_.deadline_seconds = 5 * spec_.timeout_seconds;
    fields_.seconds("deadline", 1, 7 * kDay, spec_.deadline_seconds);
    if (spec_.deadline_seconds < spec_.timeout_seconds)
      problems_.error(fields_.key_mark("deadline"),
                      fmt::format("{}: shorter than timeout:, {:g} seconds; a deadline spans all retries",
                                  fields_.name("deadline"), spec_.timeout_seconds));
    if (const auto index = fields_.choice("api", {"chat", "completions"})) spec_.completions = *index == 1;
    read_thinking();
    if (const YamlNode* start = fields_.find("start"))
      spec_.start = read_server_command(*start, fields_.name("start"), problems_);
    read_mode();
    read_limits();
    read_price();
  }

  void read_mode() {
    const auto mode = fields_.choice("mode", {"batch"});
    if (!mode) return;
    spec_.batch = true;
    spec_.limits.in_flight = kBatchRequests;
    spec_.price.batch_discount = kBatchDiscount;
    const auto refuse = [&](std::string_view why) {
      problems_.error(fields_.key_mark("mode"), fmt::format("{}: {}", fields_.name("mode"), why));
    };
    if (fields_.has("provider") && remote_model::batch_rules(spec_.provider) == nullptr)
      refuse("only openai and dashscope answer batches; remove it");
    if (fields_.has("start")) refuse("a server that the run starts answers no batches; remove it");
    if (spec_.completions) refuse("batches are made of chat completions; remove it, or api: completions");
  }

  void read_response_format() {
    using Format = model::ResponseFormat;
    if (spec_.kind == ModelSpec::Kind::file) {
      if (fields_.choice("response_format", {"json_schema", "text"}) == 1U)
        spec_.response_format = Format::text;
    } else if (spec_.profile == Profile::compact || spec_.completions) {
      fields_.only_with({"response_format"}, "with api: chat and profile: chat");
      spec_.response_format = Format::text;
    } else {
      constexpr std::array kFormats = {Format::json_schema, Format::json_object, Format::text};
      const std::vector<std::string> names = {"json_schema", "json_object", "text"};
      const auto index = fields_.choice("response_format", names);
      spec_.response_format = index ? kFormats[*index] : dialect().default_format();
      if (dialect().knows(spec_.response_format)) return;
      std::vector<std::string> known;
      for (std::size_t i = 0; i < names.size(); ++i)
        if (dialect().knows(kFormats[i])) known.push_back(names[i]);
      problems_.error(fields_.key_mark("response_format"),
                      fmt::format("{}: {} isn't known to have {}; write {}", fields_.name("response_format"),
                                  spec_.provider, names[*index], fmt::join(known, " or ")));
    }
  }

  const remote_model::Dialect& dialect() const {
    return remote_model::dialect_for(spec_.provider, spec_.base_url);
  }

  void read_thinking() {
    if (!fields_.choice("thinking", {"off"})) return;
    spec_.thinking_off = true;
    const bool is_known = remote_model::find_dialect(spec_.provider) == &dialect();
    if (spec_.completions)
      fields_.only_with({"thinking"}, "with api: chat");
    else if (dialect().thinking == remote_model::ThinkingSwitch::none)
      problems_.error(
          fields_.key_mark("thinking"),
          fmt::format("{}: {}; start the server so that it doesn't think, or write what it understands into "
                      "extra_body:{}",
                      fields_.name("thinking"),
                      is_known ? fmt::format("{} has no switch for it", spec_.provider)
                               : "how a plain OpenAI server is told isn't known",
                      is_known ? "" : ", or name its kind in provider: (vllm, sglang, …)"));
  }

  void read_addresses() {
    if (const YamlNode* node = fields_.find("base_url")) {
      spec_.base_url = read_url(*node, fields_.name("base_url"), "https?",
                                "set api_key_env: to the variable that holds the key");
      while (spec_.base_url.ends_with('/')) spec_.base_url.pop_back();
    } else if (const auto* known = remote_model::find_dialect(spec_.provider)) {
      spec_.base_url = known->base_url;
      if (spec_.base_url.empty())
        problems_.error(fields_.mark(), fmt::format("{}: missing; write where the server is, such as "
                                                    "http://127.0.0.1:8080/v1",
                                                    fields_.name("base_url")));
    }
    if (const YamlNode* node = fields_.find("api_key_env")) {
      // Not through read_text: an empty name is allowed, and a key put here by mistake is not repeated.
      if (node->kind == YamlNode::Kind::scalar && full_match(node->text, "([A-Za-z_][A-Za-z0-9_]*)?"))
        spec_.api_key_env = node->text;
      else
        problems_.error(node->mark, fmt::format("{}: expected the name of an environment variable such as "
                                                "OPENAI_API_KEY, never the key itself",
                                                fields_.name("api_key_env")));
    } else {
      spec_.api_key_env = dialect().key_variable;
    }
    if (const YamlNode* node = fields_.find("proxy"))
      spec_.proxy = read_url(*node, fields_.name("proxy"), "https?|socks4a?|socks5h?",
                             "leave proxy: out and set the variable https_proxy");
    if (const YamlNode* node = fields_.find("ca"))
      if (const auto file = read_file_name(*node, fields_.name("ca"), context_))
        spec_.ca_file = absolute_path(*file);
  }

  // Messages don't repeat an address that holds a secret.
  std::string read_url(const YamlNode& node, const std::string& where, const std::string& schemes,
                       std::string_view instead) {
    const auto url = read_text(node, where, problems_);
    if (!url) return {};
    if (full_match(*url, R"([^/]*//[^/]*@.*|[^/]*@.*|.*[?#].*)")) {
      problems_.error(node.mark, fmt::format("{}: an address in a job holds no user, password, ? or #; {}",
                                             where, instead));
      return {};
    }
    const std::string pattern = fmt::format(R"((?:{})://[^/\s]+(?:/\S*)?)", schemes);
    if (re2::RE2::FullMatch(*url, pattern)) return *url;
    problems_.error(node.mark, fmt::format("{}: {} is no address; write one such as http://127.0.0.1:8000/v1",
                                           where, in_quotes(*url)));
    return {};
  }

  void read_limits() {
    Fields limits(fields_.find("limits"), fields_.name("limits"), "{in_flight: 16, requests_per_minute: 600}",
                  problems_);
    limits.integer("in_flight", 1, spec_.batch ? kBatchRequests : 4096, spec_.limits.in_flight);
    limits.number("requests_per_minute", 0.1, 1e9, spec_.limits.requests_per_minute);
    limits.number("tokens_per_minute", 1, 1e12, spec_.limits.tokens_per_minute);
    limits.finish();
  }

  void read_price() {
    const YamlNode* node = fields_.find("price");
    if (!node) return;
    Fields price(node, fields_.name("price"), "{input: 2.4, output: 9.6, currency: CNY}", problems_);
    price.require("input", "write the price of a million tokens");
    price.number("input", 0, 1e9, spec_.price.input);
    price.require("output", "write the price of a million tokens");
    price.number("output", 0, 1e9, spec_.price.output);
    spec_.price.cached_input = spec_.price.input;
    price.number("cached_input", 0, spec_.price.input, spec_.price.cached_input);
    if (!spec_.batch) price.only_with({"batch_discount"}, "with mode: batch");
    price.number("batch_discount", 0, 1, spec_.price.batch_discount);
    if (const YamlNode* currency = price.require("currency", "write it, such as CNY or USD")) {
      if (currency->kind == YamlNode::Kind::scalar && full_match(currency->text, "[A-Z]{3}"))
        spec_.price.currency = currency->text;
      else
        wrong_type(*currency, price.name("currency"), "three capital letters such as CNY", problems_);
    }
    price.finish();
  }

  const std::string& where() const { return fields_.where(); }

  const ReadContext& context_;
  Problems& problems_;
  const std::vector<std::string>& lanes_;
  Fields fields_;
  ModelSpec spec_;
  const YamlNode* fallback_ = nullptr;
};

void read_fallback(const YamlNode& node, std::size_t number, std::vector<ModelSpec>& models,
                   Problems& problems) {
  const std::string where = fmt::format("models[{}].fallback", number);
  const auto* items = read_list(node, where, "[local]", problems);
  if (!items) return;
  std::vector<std::string> ids;
  for (const ModelSpec& model : models) ids.push_back(model.id);
  std::vector<std::size_t>& chain = models[number].fallback;
  for (const YamlNode* item : *items) {
    const auto id = read_text(*item, where, problems);
    if (!id) continue;
    const auto found = static_cast<std::size_t>(std::find(ids.begin(), ids.end(), *id) - ids.begin());
    if (found == ids.size()) {
      const std::string guess = did_you_mean(*id, ids);
      problems.error(item->mark, fmt::format("{}: no model {}{}", where, in_quotes(*id),
                                             guess.empty() ? "; name the id of another" : guess));
    } else if (found == number) {
      problems.error(item->mark, fmt::format("{}: {} can't take its own place; name another", where, *id));
    } else if (std::find(chain.begin(), chain.end(), found) != chain.end()) {
      problems.error(item->mark, fmt::format("{}: {} is there twice; remove one", where, *id));
    } else {
      chain.push_back(found);
    }
  }
}

}  // namespace

ModelsRead read_models(const YamlNode& node, const ReadContext& context,
                       const std::vector<std::string>& lanes, std::int64_t per_request) {
  ModelsRead out;
  const auto* items = read_list(node, "models", "[{id: tiny, file: shipped}]", context.problems);
  if (!items) return out;
  if (items->empty()) context.problems.error(node.mark, "models: none; add at least one");
  std::map<std::string, std::size_t> ids;
  std::vector<const YamlNode*> fallbacks;
  for (std::size_t i = 0; i < items->size(); ++i) {
    Mark price;
    Reader reader(*(*items)[i], fmt::format("models[{}]", i), context, lanes, per_request);
    ModelSpec spec = reader.read(price);
    fallbacks.push_back(reader.fallback());
    if (!spec.id.empty())
      if (const auto [first, is_new] = ids.emplace(spec.id, i); !is_new)
        context.problems.error(spec.mark, fmt::format("models[{}].id: {} is models[{}]'s; choose another", i,
                                                      spec.id, first->second));
    out.models.push_back(std::move(spec));
    out.prices.push_back(price);
  }
  for (std::size_t i = 0; i < out.models.size(); ++i)
    if (fallbacks[i]) read_fallback(*fallbacks[i], i, out.models, context.problems);
  return out;
}

void check_shares(std::vector<ModelSpec>& models, const std::vector<std::size_t>& named, Problems& problems) {
  for (std::size_t i = 0; i < models.size(); ++i) {
    const bool stands_in = std::any_of(models.begin(), models.end(), [&](const ModelSpec& model) {
      return std::find(model.fallback.begin(), model.fallback.end(), i) != model.fallback.end();
    });
    if (models[i].share > 0 || stands_in || std::find(named.begin(), named.end(), i) != named.end()) continue;
    problems.error(models[i].mark,
                   fmt::format("models[{}]: share: 0, and neither a fallback: nor judge: names "
                               "it, so it is never asked; do one or the other",
                               i));
    models[i].share = 1;  // or every lane would say that no model serves it
  }
}

}  // namespace prompts
