#include "pipeline/models.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>

#include "local_model/llama_model.h"
#include "local_model/pattern_model.h"
#include "pipeline/follow_ups.h"
#include "remote_model/batch_model.h"
#include "remote_model/remote_model.h"

namespace pipeline {
namespace {

using datasets::Kind;

// Descriptors for the journal, libraries, the terminal and the release.
constexpr std::size_t kOtherFiles = 64;
// Of a model that is asked in batches: files and questions how far they are.
constexpr std::size_t kBatchConnections = 4;
// Of each cell, to see how long prompts are.
constexpr std::uint64_t kSampleAttempts = 3;

using prompts::serves;

std::vector<std::string> slot_names(const prompts::Intent& intent, const std::vector<std::size_t>& slots) {
  std::vector<std::string> names;
  for (const std::size_t slot : slots) names.push_back(intent.slots[slot].name);
  return names;
}

local_model::PatternDemand demand_for(const prompts::Job& job, std::size_t intent_number) {
  const prompts::Intent& intent = job.intents[intent_number];
  local_model::PatternDemand demand;
  demand.entry = intent.name;
  for (const prompts::IntentSlot& slot : intent.slots) demand.slots.push_back(slot.name);
  return demand;
}

// What the pattern file must be able to say, from the lanes that the model serves.
std::vector<local_model::PatternDemand> demands(const prompts::Job& job, const prompts::Plan& plan,
                                                const prompts::ModelSpec& spec) {
  std::vector<local_model::PatternDemand> result;
  for (const prompts::Lane& lane : plan.lanes) {
    if (!serves(spec, lane.name)) continue;
    for (const prompts::Cell& cell : lane.cells) {
      switch (cell.kind) {
        case Kind::in_scope: {
          const prompts::Intent& intent = job.intents[cell.intent];
          if (result.empty() || result.back().entry != intent.name)
            result.push_back(demand_for(job, cell.intent));
          result.back().sets.push_back(slot_names(intent, cell.slots));
          break;
        }
        case Kind::out_of_scope:
          result.push_back({cell.near ? "out_of_scope_near" : "out_of_scope_far", {}, {{}}});
          break;
        case Kind::multi_intent:
          result.push_back({"multi_intent", {}, {{}}});
          break;
      }
    }
  }
  return result;
}

// A cell that only pattern models serve has as many rows as they have wordings, each at most
// per_template times, or once without a value to change.
void check_wordings(const prompts::Job& job, const prompts::Plan& plan, const prompts::ModelSpec& spec,
                    const local_model::PatternModel& patterns, std::vector<std::string>& problems) {
  for (const prompts::Lane& lane : plan.lanes) {
    const auto served_by =
        std::count_if(job.models.begin(), job.models.end(),
                      [&](const prompts::ModelSpec& other) { return serves(other, lane.name); });
    if (!serves(spec, lane.name) || served_by != 1) continue;
    for (const prompts::Cell& cell : lane.cells) {
      if (cell.kind == Kind::multi_intent) continue;
      const bool in_scope = cell.kind == Kind::in_scope;
      const auto slots =
          in_scope ? slot_names(job.intents[cell.intent], cell.slots) : std::vector<std::string>();
      const std::string entry = in_scope ? lane.name : cell.near ? "out_of_scope_near" : "out_of_scope_far";
      if (!slots.empty() && job.per_template == 0) continue;
      const std::int64_t per_wording = slots.empty() ? 1 : job.per_template;
      const auto wordings = static_cast<std::int64_t>(
          patterns.count_wordings(entry, slots, static_cast<std::uint64_t>(cell.quota)));
      if (wordings * per_wording >= cell.quota) continue;
      const prompts::Mark mark = in_scope ? job.intents[cell.intent].mark : spec.mark;
      problems.push_back(fmt::format(
          "{}:{}:{}: {}: the quota of {} rows can't be met: {} has {} wordings for it, each good for {} "
          "row{}; add "
          "patterns, {}lower rows, or let another model serve it too",
          job.file.string(), mark.line, mark.column, cell.id, cell.quota, spec.patterns.filename().string(),
          wordings, per_wording, per_wording == 1 ? "" : "s (duplicates.per_template)",
          slots.empty() ? "" : "raise per_template, "));
    }
  }
}

remote_model::RemoteSpec remote_spec(const prompts::Job& job, const prompts::ModelSpec& spec,
                                     model::Availability* server) {
  remote_model::RemoteSpec remote;
  remote.id = spec.id;
  remote.identity.provider = spec.provider;
  remote.identity.name = spec.model;
  remote.identity.sampling = spec.sampling;
  remote.identity.response_format = spec.response_format;
  if (spec.completions) remote.identity.prompting = "completions";
  remote.identity.thinking_off = spec.thinking_off;
  remote.identity.extra_body = spec.extra_body;
  remote.headers_env = spec.headers_env;
  remote.base_url = spec.base_url;
  remote.api_key_env = spec.api_key_env;
  remote.proxy = spec.proxy;
  remote.ca_file = spec.ca_file;
  remote.http = spec.http;
  remote.timeout_seconds = spec.timeout_seconds;
  remote.deadline_seconds = spec.deadline_seconds;
  remote.in_flight = static_cast<std::size_t>(spec.limits.in_flight);
  remote.requests_per_minute = spec.limits.requests_per_minute;
  remote.tokens_per_minute = spec.limits.tokens_per_minute;
  remote.seed = job.seed;
  remote.availability = server;
  remote.completions = spec.completions;
  return remote;
}

// The servers to be started, and which of them each model has; null for none.
std::vector<local_model::Server*> make_servers(const prompts::Job& job,
                                               std::vector<std::unique_ptr<local_model::Server>>& servers) {
  std::vector<local_model::Server*> of_models(job.models.size(), nullptr);
  for (std::size_t first = 0; first < job.models.size(); ++first) {
    const prompts::ServerCommand& start = job.models[first].start;
    if (start.command.empty() || of_models[first] != nullptr) continue;
    local_model::ServerSpec server;
    server.command = start.command;
    server.environment = start.environment;
    server.health = start.health;
    server.timeout_seconds = start.timeout_seconds;
    server.log = job.run_directory() / "servers" / (job.models[first].id + ".log");
    std::vector<std::size_t> served;
    for (std::size_t i = first; i < job.models.size(); ++i)
      if (const prompts::ModelSpec& spec = job.models[i]; spec.start == start) {
        server.models.push_back({spec.id, spec.model, spec.base_url});
        served.push_back(i);
      }
    servers.push_back(std::make_unique<local_model::Server>(std::move(server)));
    for (const std::size_t i : served) of_models[i] = servers.back().get();
  }
  return of_models;
}

base::Result<std::unique_ptr<model::Model>> make_file_model(const prompts::Job& job,
                                                            const prompts::Plan& plan,
                                                            const prompts::Renderer& renderer,
                                                            const prompts::ModelSpec& spec,
                                                            local_model::LlamaLoader& loader) {
  local_model::LlamaSpec llama;
  llama.id = spec.id;
  llama.file = spec.file;
  llama.adapter = spec.adapter.file;
  llama.adapter_scale = spec.adapter.scale;
  llama.prompt_format = spec.prompt_format;
  llama.compact = spec.profile == prompts::Profile::compact;
  llama.thinking_off = spec.thinking_off;
  llama.gpu_layers = static_cast<int>(spec.gpu_layers);
  llama.sequences = static_cast<int>(spec.sequences);
  llama.context_tokens = static_cast<int>(spec.context_tokens);
  llama.threads = static_cast<int>(spec.threads);
  llama.sampling = spec.sampling;
  llama.response_format = spec.response_format;
  for (const auto* lanes : {&plan.catalogues, &plan.lanes})
    for (const prompts::Lane& lane : *lanes) {
      if (!serves(spec, lane.name)) continue;
      const std::string prefix = renderer.prefix(lane, spec.profile);
      for (const prompts::Cell& cell : lane.cells)
        for (std::uint64_t attempt = 0; attempt < kSampleAttempts; ++attempt)
          llama.samples.emplace_back(
              prefix,
              renderer.tail(cell, plan_attempt(job, cell, attempt, candidates_per_request(cell, spec)),
                            spec.profile));
    }
  for (const Voice& voice : voices_of(job))
    if (&job.models[voice.model] == &spec)
      for (const prompts::Lane& lane : plan.lanes)
        for (const prompts::Cell& cell : lane.cells)
          llama.samples.emplace_back(
              renderer.judge().prefix(voice.opinion),
              renderer.judge().tail(
                  voice.opinion,
                  prompts::expected_rows(job, cell, plan_attempt(job, cell, 0, cell.per_request))));
  auto made = local_model::LlamaModel::make(std::move(llama), loader);
  if (!made) return base::pass(made);
  return base::Result<std::unique_ptr<model::Model>>(std::move(*made));
}

}  // namespace

std::vector<model::Model*> Models::pointers() const {
  std::vector<model::Model*> result;
  for (const auto& one : models) result.push_back(one.get());
  return result;
}

void Models::abort() {
  for (const auto& one : models) one->abort();
}

base::Result<Models> make_models(const prompts::Job& job, const prompts::Plan& plan,
                                 const prompts::Renderer& renderer, remote_model::Trace* trace) {
  Models result;
  local_model::LlamaLoader loader;
  std::vector<std::string> problems;
  base::ErrorKind kind = base::ErrorKind::bad_input;
  const auto refuse = [&](const prompts::ModelSpec& spec, const base::Error& error) {
    kind = error.kind;
    problems.push_back(
        fmt::format("{}:{}:{}: {}", job.file.string(), spec.mark.line, spec.mark.column, error.message));
  };
  std::size_t connections = 0;
  for (const prompts::ModelSpec& spec : job.models)
    if (spec.kind == prompts::ModelSpec::Kind::remote)
      connections += spec.batch ? kBatchConnections : static_cast<std::size_t>(spec.limits.in_flight);
  if (connections > 0) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
        connections + kOtherFiles + 2 * plan.lanes.size() > limit.rlim_cur)
      return base::bad_input(
          fmt::format("{}: the models' limits.in_flight add up to {}, but this process may open {} files; "
                      "lower in_flight, or "
                      "raise the limit (ulimit -n)",
                      job.file.string(), connections, limit.rlim_cur));
    auto transport = remote_model::Transport::start(connections, trace);
    if (!transport) return base::pass(transport);
    result.transport = std::move(*transport);
  }
  const std::vector<local_model::Server*> server_of = make_servers(job, result.servers);
  for (const prompts::ModelSpec& spec : job.models) {
    if (spec.kind == prompts::ModelSpec::Kind::patterns) {
      auto patterns = local_model::PatternModel::load(spec.patterns, job.language, demands(job, plan, spec));
      if (!patterns) {
        problems.push_back(patterns.error().message);
        kind = patterns.error().kind;
        continue;
      }
      check_wordings(job, plan, spec, **patterns, problems);
      result.models.push_back(std::move(*patterns));
    } else if (spec.kind == prompts::ModelSpec::Kind::file) {
      auto made = make_file_model(job, plan, renderer, spec, loader);
      if (!made) {
        refuse(spec, made.error());
        continue;
      }
      result.models.push_back(std::move(*made));
    } else if (spec.batch) {
      auto batches = remote_model::BatchModel::make({remote_spec(job, spec, nullptr), 1}, *result.transport);
      if (!batches) {
        refuse(spec, batches.error());
        continue;
      }
      result.batches.push_back(batches->get());
      result.models.push_back(std::move(*batches));
    } else {
      model::Availability* server = server_of[static_cast<std::size_t>(&spec - job.models.data())];
      auto remote = remote_model::RemoteModel::make(remote_spec(job, spec, server), *result.transport);
      if (!remote) {
        refuse(spec, remote.error());
        continue;
      }
      result.models.push_back(std::move(*remote));
    }
  }
  if (!problems.empty())
    return tl::unexpected(base::Error{kind, fmt::format("{}", fmt::join(problems, "\n"))});
  return result;
}

}  // namespace pipeline
