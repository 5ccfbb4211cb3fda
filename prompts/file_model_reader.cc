#include "prompts/file_model_reader.h"

#include <fmt/format.h>
#include <re2/re2.h>

namespace prompts {
namespace {

constexpr double kDay = 24 * 3600;
constexpr std::string_view kShipped = "shipped";

/// With what follows from it.
void set_compact(ModelSpec& spec) {
  spec.profile = Profile::compact;
  spec.per_request = 1;
  spec.sampling = {0.7, 0.9, 128};  // what the tiny model was measured with; one utterance is short
}

void read_adapter(const YamlNode& node, const std::string& where, const ReadContext& context,
                  Adapter& adapter) {
  if (node.kind != YamlNode::Kind::map) {
    if (const auto file = read_file_name(node, where, context)) adapter.file = absolute_path(*file);
    return;
  }
  Fields fields(&node, where, "{file: calm.gguf, scale: 0.8}", context.problems);
  if (const YamlNode* file = fields.require("file", "name the GGUF file of the LoRA adapter"))
    if (const auto path = read_file_name(*file, fields.name("file"), context))
      adapter.file = absolute_path(*path);
  fields.number("scale", -100, 100, adapter.scale);
  fields.finish();
}

}  // namespace

void read_sampling(Fields& fields, Problems& problems, model::Sampling& sampling) {
  Fields read(fields.find("sampling"), fields.name("sampling"), "{temperature: 0.9}", problems);
  read.number("temperature", 0, 2, sampling.temperature);
  read.number("top_p", 0, 1, sampling.top_p);
  std::int64_t max_tokens = sampling.max_tokens;
  read.integer("max_tokens", 1, 1'000'000, max_tokens);
  sampling.max_tokens = static_cast<int>(max_tokens);
  read.finish();
}

void read_profile(Fields& fields, ModelSpec& spec) {
  if (fields.choice("profile", {"chat", "compact"}) == 1U) set_compact(spec);
}

void read_file_model(Fields& fields, const ReadContext& context, ModelSpec& spec) {
  const YamlNode& file = *fields.find("file");
  const bool shipped = file.kind == YamlNode::Kind::scalar && file.text == kShipped;
  if (!shipped) {
    if (const auto path = read_file_name(file, fields.name("file"), context))
      spec.file = absolute_path(*path);
  } else {
    fields.only_with({"profile", "prompt_format", "thinking"}, "with another file: than shipped");
    set_compact(spec);
  }
  if (const YamlNode* adapter = fields.find("adapter"))
    read_adapter(*adapter, fields.name("adapter"), context, spec.adapter);
  const std::vector<std::string> formats = {"chatml", "llama3", "mistral", "gemma", "deepseek", "plain"};
  if (const auto index = fields.choice("prompt_format", formats)) spec.prompt_format = formats[*index];
  if (fields.choice("thinking", {"off"})) spec.thinking_off = true;
  if (const YamlNode* layers = fields.find("gpu_layers")) {
    if (layers->kind == YamlNode::Kind::scalar && layers->text == "all")
      spec.gpu_layers = -1;
    else if (const auto count = read_integer(*layers, fields.name("gpu_layers"), 0, 10'000, context.problems))
      spec.gpu_layers = *count;
  }
  fields.integer("sequences", 1, 250, spec.sequences);
  fields.integer("context", 256, 100'000'000, spec.context_tokens);
  fields.integer("threads", 1, 1024, spec.threads);
}

ServerCommand read_server_command(const YamlNode& node, const std::string& where, Problems& problems) {
  ServerCommand server;
  Fields fields(&node, where, "{command: [vllm, serve, MODEL], health: \"http://127.0.0.1:8000/health\"}",
                problems);
  if (const YamlNode* command =
          fields.require("command", "write the program and its arguments: [vllm, serve, MODEL]"))
    if (const auto* words = read_list(*command, fields.name("command"), "[vllm, serve, MODEL]", problems)) {
      for (const YamlNode* word : *words)
        if (const auto text = read_text(*word, fields.name("command"), problems))
          server.command.push_back(*text);
      if (words->empty())
        wrong_type(*command, fields.name("command"), "the program and its arguments", problems);
    }
  if (const YamlNode* environment = fields.find("env")) {
    Fields variables(environment, fields.name("env"), "{CUDA_VISIBLE_DEVICES: \"0\"}", problems);
    if (variables.usable())
      for (const auto& [key, value] : environment->members) {
        variables.find(key->text);
        if (!re2::RE2::FullMatch(key->text, "[A-Za-z_][A-Za-z0-9_]*")) {
          problems.error(key->mark, fmt::format("{}: {} is no name of a variable", fields.name("env"),
                                                in_quotes(key->text)));
        } else if (value->kind != YamlNode::Kind::scalar) {
          wrong_type(*value, variables.name(key->text), "text", problems);
        } else {
          server.environment[key->text] = value->text;
        }
      }
  }
  if (const YamlNode* health = fields.find("health"))
    if (const auto url = read_text(*health, fields.name("health"), problems)) {
      if (re2::RE2::FullMatch(*url, R"(http://[^/\s@?#]+(?:/[^\s@?#]*)?)"))
        server.health = *url;
      else
        wrong_type(*health, fields.name("health"), "an address such as http://127.0.0.1:8000/health",
                   problems);
    }
  fields.seconds("timeout", 1, kDay, server.timeout_seconds);
  fields.finish();
  return server;
}

}  // namespace prompts
