#include "remote_model/dialect.h"
#include "tests/prompts/job_fixture.h"

namespace prompts {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(JobTest, ReadsAGoodJobWithDefaults) {
  const Loaded loaded = load(edited({}));
  ASSERT_THAT(loaded.errors, IsEmpty());
  EXPECT_THAT(loaded.warnings, IsEmpty());
  const Job& job = *loaded.job;
  EXPECT_EQ(job.file, directory_ / "job.yaml");
  EXPECT_EQ(job.source, edited({}));
  EXPECT_EQ(job.name, "lamp");
  EXPECT_EQ(job.language, "en");
  EXPECT_FALSE(job.chinese());
  EXPECT_EQ(job.seed, 0u);
  EXPECT_EQ(job.per_request, 10);
  ASSERT_EQ(job.intents.size(), 2u);
  const Intent* intent = job.find_intent("set_level");
  ASSERT_TRUE(intent);
  EXPECT_EQ(intent->description, "Set the level");
  EXPECT_EQ(intent->mark.line, 5);
  EXPECT_EQ(intent->mark.column, 3);
  ASSERT_EQ(intent->slots.size(), 2u);
  EXPECT_EQ(intent->slots[0].name, "level");
  EXPECT_TRUE(intent->slots[0].required);
  EXPECT_FALSE(intent->slots[0].many);
  EXPECT_EQ(job.slot_types[intent->slots[0].type].name(), "level");
  EXPECT_EQ(intent->find_slot("room"), &intent->slots[1]);
  EXPECT_EQ(intent->find_slot("nothing"), nullptr);
  ASSERT_EQ(intent->examples.size(), 1u);
  EXPECT_EQ(intent->examples[0].text, "dim to 30");
  EXPECT_EQ(job.find_intent("nothing"), nullptr);
  EXPECT_EQ(job.slot_types[0].size(), 101u);
  EXPECT_EQ(job.slot_types[0].value(5).text, "5");
  EXPECT_EQ(job.rows.per_intent, 20);
  EXPECT_EQ(job.rows.multi_intent, 0);
  EXPECT_THAT(job.style, IsEmpty());
  ASSERT_EQ(job.models.size(), 1u);
  EXPECT_EQ(job.models[0].kind, ModelSpec::Kind::patterns);
  EXPECT_EQ(job.models[0].patterns, directory_ / "patterns.txt");
  EXPECT_EQ(job.models[0].share, 1);
  EXPECT_EQ(job.budget.cost, 0);
  EXPECT_EQ(job.budget.candidates_per_row, 8);
  EXPECT_EQ(job.per_template, 3);
  EXPECT_EQ(job.check.min_length, 1);
  EXPECT_EQ(job.check.max_length, 200);
  EXPECT_EQ(job.output.directory, directory_ / "out");
  EXPECT_EQ(job.run_directory(), directory_ / "out" / "lamp");
  EXPECT_EQ(job.output.train, 0.8);
  ASSERT_EQ(job.output.formats.size(), 1u);
  EXPECT_EQ(job.output.formats[0].as, OutputFormat::As::swift_messages);
  EXPECT_TRUE(job.output.formats[0].canonical_values);
  EXPECT_TRUE(job.prefix_template.empty());
}

TEST_F(JobTest, ReadsAllOfAJob) {
  const Loaded loaded = load(kMeetingRoom, kMeetingRoomFiles);
  ASSERT_THAT(loaded.errors, IsEmpty());
  EXPECT_THAT(
      loaded.warnings,
      ElementsAre("job.yaml:20:3: slot_types.device: 5 values; a model learns such a short list by heart "
                  "instead of the slot: 50 are good, 10 the least",
                  "job.yaml:21:3: slot_types.person: 2 values; a model learns such a short list by heart "
                  "instead of the slot: 50 are good, 10 the least",
                  "job.yaml:22:3: slot_types.room: 2 values; a model learns such a short list by heart "
                  "instead of the slot: 50 are good, 10 the least",
                  "job.yaml:23:3: slot_types.time: 5 values; a model learns such a short list by heart "
                  "instead of the slot: 50 are good, 10 the least",
                  "job.yaml:25:3: slot_types.clock: no slot uses it"));
  const Job& job = *loaded.job;
  EXPECT_TRUE(job.chinese());
  EXPECT_EQ(job.seed, UINT64_MAX);
  EXPECT_EQ(job.per_request, 5);
  ASSERT_EQ(job.intents.size(), 3u);
  EXPECT_THAT(job.intents[0].contrast, ElementsAre("mute"));
  EXPECT_EQ(job.intents[0].examples[0].text, "把主屏音量调到百分之三十");
  const IntentSlot* person = job.intents[2].find_slot("person");
  EXPECT_TRUE(person->required && person->many);
  const IntentSlot* start = job.intents[2].find_slot("start");
  EXPECT_FALSE(start->required || start->many);
  EXPECT_EQ(job.slot_types[start->type].name(), "time");

  const SlotType& level = job.slot_types[0];
  EXPECT_EQ(level.canonical("百分之三十"), "30");
  EXPECT_EQ(level.check("101"), ValueFault::out_of_range);
  const SlotType& device = job.slot_types[1];
  EXPECT_EQ(device.size(), 5u);
  EXPECT_EQ(device.canonical("MIC"), "麦克风");
  EXPECT_EQ(device.check("投影"), ValueFault::not_in_catalogue);
  EXPECT_EQ(job.slot_types[2].check("张伟"), ValueFault::none);
  const SlotType& room = job.slot_types[3];
  EXPECT_EQ(room.form(), SlotType::Form::pattern);
  EXPECT_EQ(room.check("B2000"), ValueFault::none);
  EXPECT_EQ(room.check("大厅"), ValueFault::pattern_mismatch);
  const SlotType& time = job.slot_types[4];
  EXPECT_EQ(time.size(), 5u);
  EXPECT_EQ(time.canonical("十五点"), "下午三点");
  EXPECT_EQ(time.value(3).text, "八点");
  EXPECT_EQ(time.value(4).text, "C#调");
  EXPECT_EQ(job.slot_types[5].form(), SlotType::Form::date);
  EXPECT_TRUE(job.slot_types[5].open());
  EXPECT_EQ(job.slot_types[6].form(), SlotType::Form::time);
  EXPECT_EQ(job.slot_types[6].value(0).text, job.slot_types[6].value(0).canonical);

  EXPECT_EQ(job.rows.out_of_scope_near, 60);
  ASSERT_EQ(job.style.size(), 2u);
  EXPECT_EQ(job.style[1].name, "length");
  EXPECT_THAT(job.style[1].values, ElementsAre("3-6", "7-12", "13-20"));

  ASSERT_EQ(job.models.size(), 2u);
  EXPECT_THAT(job.models[0].only, ElementsAre("mute", "out_of_scope"));
  EXPECT_EQ(job.models[0].share, 0.5);
  const ModelSpec& qwen = job.models[1];
  EXPECT_EQ(qwen.mark.line, 30);
  EXPECT_EQ(qwen.kind, ModelSpec::Kind::remote);
  EXPECT_EQ(qwen.provider, "openai");
  EXPECT_EQ(qwen.model, "qwen3-max");
  EXPECT_EQ(qwen.base_url, "https://dashscope.aliyuncs.com/compatible-mode/v1");
  EXPECT_EQ(qwen.api_key_env, "DASHSCOPE_API_KEY");
  EXPECT_EQ(qwen.proxy, "socks5h://127.0.0.1:1080");
  EXPECT_EQ(qwen.ca_file, directory_ / "ca.pem");
  EXPECT_EQ(qwen.http, 2);
  EXPECT_EQ(qwen.timeout_seconds, 90);
  EXPECT_EQ(qwen.deadline_seconds, 3600);
  EXPECT_EQ(qwen.response_format, model::ResponseFormat::json_object);
  EXPECT_EQ(qwen.limits.in_flight, 64);
  EXPECT_EQ(qwen.limits.requests_per_minute, 600);
  EXPECT_EQ(qwen.limits.tokens_per_minute, 1'000'000);
  EXPECT_EQ(qwen.price.output, 9.6);
  EXPECT_EQ(qwen.price.cached_input, 2.4);
  EXPECT_EQ(qwen.price.currency, "CNY");
  EXPECT_EQ(qwen.sampling.temperature, 0.7);
  EXPECT_EQ(qwen.sampling.top_p, 0.95);
  EXPECT_EQ(qwen.sampling.max_tokens, 800);
  EXPECT_EQ(qwen.share, 2);

  EXPECT_EQ(job.budget.cost, 20);
  EXPECT_EQ(job.budget.currency, "CNY");
  EXPECT_EQ(job.budget.candidates_per_row, 4.5);
  EXPECT_EQ(job.budget.wall_seconds, 7200);
  EXPECT_EQ(job.per_template, 0);
  EXPECT_THAT(job.check.require, ElementsAre("\\S"));
  EXPECT_THAT(job.check.forbid, ElementsAre("作为.{0,4}AI"));
  EXPECT_EQ(job.check.min_length, 2);
  EXPECT_EQ(job.check.max_length, 40);
  EXPECT_EQ(job.output.directory, directory_.parent_path() / "made");
  EXPECT_EQ(job.output.dev, 0);
  EXPECT_EQ(job.output.test, 0.1);
  ASSERT_EQ(job.output.formats.size(), 3u);
  EXPECT_EQ(job.output.formats[0].system, "你是会议室助手。");
  EXPECT_FALSE(job.output.formats[0].canonical_values);
  EXPECT_EQ(job.output.formats[1].as, OutputFormat::As::swift_agent);
  EXPECT_EQ(job.output.formats[2].as, OutputFormat::As::rows);
  EXPECT_EQ(job.prefix_template, directory_ / "p/prefix.mustache");
  EXPECT_EQ(job.tail_template, directory_ / "p/tail.mustache");
}

TEST_F(JobTest, RelativeJobPathsGiveAbsoluteDirectories) {
  write({{"job.yaml", edited({})}});
  const base::Path before = std::filesystem::current_path();
  std::filesystem::current_path(directory_);
  const Loaded loaded = load_path("job.yaml");
  std::filesystem::current_path(before);
  ASSERT_TRUE(loaded.job);
  EXPECT_EQ(loaded.job->models[0].patterns, directory_ / "patterns.txt");
  EXPECT_EQ(loaded.job->output.directory, directory_ / "out");
}

TEST_F(JobTest, RemoteModelDefaults) {
  const auto model = [&](const std::string& keys) {
    const Loaded loaded = load(edited({{14, "models: [{id: m, provider: openai, model: x" + keys + "}]"}}));
    EXPECT_THAT(loaded.errors, IsEmpty());
    return loaded.job ? loaded.job->models[0] : ModelSpec{};
  };
  const ModelSpec plain = model("");
  EXPECT_EQ(plain.base_url, "https://api.openai.com/v1");
  EXPECT_EQ(plain.api_key_env, "OPENAI_API_KEY");
  EXPECT_EQ(plain.http, 1);
  EXPECT_EQ(plain.timeout_seconds, 120);
  EXPECT_EQ(plain.deadline_seconds, 600);
  EXPECT_EQ(plain.response_format, model::ResponseFormat::json_schema);
  EXPECT_EQ(plain.limits.in_flight, 16);
  EXPECT_EQ(plain.limits.requests_per_minute, 0) << "none";
  EXPECT_EQ(plain.price.currency, "");
  EXPECT_FALSE(plain.batch);
  EXPECT_EQ(plain.price.batch_discount, 0);
  const std::string price = "price: {input: 1, output: 2, currency: USD";
  EXPECT_TRUE(model(", mode: batch").batch);
  EXPECT_EQ(model(", mode: batch").limits.in_flight, 50000);
  EXPECT_EQ(model(", mode: batch, limits: {in_flight: 5000}").limits.in_flight, 5000);
  EXPECT_EQ(model(", mode: batch, " + price + "}").price.batch_discount, 0.5);
  EXPECT_EQ(model(", mode: batch, " + price + ", batch_discount: 0.25}").price.batch_discount, 0.25);
  EXPECT_EQ(model(", base_url: 'http://127.0.0.1:8000/v1//'").base_url, "http://127.0.0.1:8000/v1");
  EXPECT_EQ(model(", base_url: 'http://127.0.0.1:8000/v1'").api_key_env, "");
  EXPECT_EQ(model(", base_url: 'https://api.openai.com/v1/'").api_key_env, "OPENAI_API_KEY");
  EXPECT_EQ(model(", api_key_env: ''").api_key_env, "");
  EXPECT_EQ(model(", timeout: 5m").deadline_seconds, 1500);
  EXPECT_EQ(model(", timeout: 45").timeout_seconds, 45);
}

TEST_F(JobTest, ProviderDefaults) {
  using Format = model::ResponseFormat;
  const struct {
    const char* provider;
    const char* base_url;
    const char* key_variable;
    Format format;
    const char* thinking = ", thinking: off";
  } cases[] = {
      {"openai", "https://api.openai.com/v1", "OPENAI_API_KEY", Format::json_schema},
      {"openai", "https://eu.api.openai.com/v1", "OPENAI_API_KEY", Format::json_schema},
      {"openai", "http://127.0.0.1:80/api.openai.com", "", Format::json_schema, ""},
      {"moonshot", "https://api.moonshot.cn/v1", "", Format::json_schema, ""},
      {"dashscope", "https://dashscope.aliyuncs.com/compatible-mode/v1", "DASHSCOPE_API_KEY",
       Format::json_object},
      {"dashscope", "https://dashscope-intl.aliyuncs.com/compatible-mode/v1", "DASHSCOPE_API_KEY",
       Format::json_object},
      {"qianfan", "https://qianfan.baidubce.com/v2", "QIANFAN_API_KEY", Format::json_object},
      {"ark", "https://ark.cn-beijing.volces.com/api/v3", "ARK_API_KEY", Format::json_schema},
      {"deepseek", "https://api.deepseek.com", "DEEPSEEK_API_KEY", Format::json_object},
      {"vllm", "http://127.0.0.1:8000/v1", "", Format::json_schema},
      {"sglang", "http://127.0.0.1:30000/v1", "", Format::json_schema},
      {"tgi", "http://127.0.0.1:3000/v1", "", Format::json_schema, ""},
      {"xinference", "http://127.0.0.1:9997/v1", "", Format::json_schema},
      {"ollama", "http://127.0.0.1:11434/v1", "", Format::json_schema},
      {"swift", "http://127.0.0.1:8000/v1", "", Format::json_schema},
      {"llama-server", "http://127.0.0.1:8080/v1", "", Format::json_schema},
      {"ktransformers", "http://127.0.0.1:30000/v1", "", Format::json_schema},
  };
  for (const auto& c : cases)
    for (const bool says_where : {true, false}) {
      const remote_model::Dialect* dialect = remote_model::find_dialect(c.provider);
      if (!says_where && (dialect == nullptr || dialect->base_url != c.base_url)) continue;
      const Loaded loaded = load(
          edited({{14, fmt::format("models: [{{id: m, provider: {}, model: x{}{}}}]", c.provider, c.thinking,
                                   says_where ? fmt::format(", base_url: '{}'", c.base_url) : "")}}));
      ASSERT_THAT(loaded.errors, IsEmpty()) << c.provider;
      const ModelSpec& model = loaded.job->models[0];
      EXPECT_EQ(model.base_url, c.base_url);
      EXPECT_EQ(model.api_key_env, c.key_variable) << c.provider;
      EXPECT_EQ(model.response_format, c.format) << c.provider;
      EXPECT_EQ(model.thinking_off, c.thinking[0] != '\0') << c.provider;
    }
}

TEST_F(JobTest, BatchesOfProvidersThatAnswerThem) {
  std::vector<std::string> providers = remote_model::provider_names();
  providers.emplace_back("moonshot");
  for (const std::string& provider : providers) {
    const bool answers = provider == "openai" || provider == "dashscope";
    const std::string where = answers ? "" : ", base_url: 'http://127.0.0.1:80'";
    const Loaded loaded = load(edited(
        {{14, fmt::format("models: [{{id: m, mode: batch, model: x, provider: {}{}}}]", provider, where)}}));
    if (!answers) {
      EXPECT_THAT(loaded.errors,
                  ElementsAre("job.yaml:14:18: models[0].mode: only openai and dashscope answer batches; "
                              "remove it"))
          << provider;
      continue;
    }
    ASSERT_THAT(loaded.errors, IsEmpty()) << provider;
    const ModelSpec& model = loaded.job->models[0];
    const remote_model::Dialect& dialect = *remote_model::find_dialect(provider);
    EXPECT_TRUE(model.batch);
    EXPECT_EQ(model.base_url, dialect.base_url);
    EXPECT_EQ(model.api_key_env, dialect.key_variable);
    EXPECT_EQ(model.response_format, dialect.default_format()) << provider;
    EXPECT_EQ(model.limits.in_flight, 50000);
  }
}

TEST_F(JobTest, ExtraBodyIsJson) {
  const Loaded loaded = load(edited(
      {{14,
        "models: [{id: m, provider: vllm, model: x, headers_env: {X-Team: TEAM, x-b: B}, extra_body: {"
        "top_k: 20, a: [1, -0.5, 1e3, 18446744073709551615, 1e999, 010, 0x10, ~, null], "
        "z: {b: true, a: \"true\", c: 'null', d: yes, e: !!str 5}, min_p: 0.10, empty: {}, none: []}}]"}}));
  ASSERT_THAT(loaded.errors, IsEmpty());
  const std::vector<std::pair<std::string, std::string>> body = {
      {"a", R"([1,-0.5,1000,18446744073709551615,"1e999","010","0x10",null,null])"},
      {"empty", "{}"},
      {"min_p", "0.1"},
      {"none", "[]"},
      {"top_k", "20"},
      {"z", R"({"a":"true","b":true,"c":"null","d":"yes","e":"5"})"}};
  EXPECT_EQ(loaded.job->models[0].extra_body, body);
  const std::map<std::string, std::string> headers = {{"X-Team", "TEAM"}, {"x-b", "B"}};
  EXPECT_EQ(loaded.job->models[0].headers_env, headers);
}

// Everything that the design shows and this version refuses, each with its place.
TEST_F(JobTest, DesignKeysNotYetBuiltAreRefused) {
  const std::string yaml = R"(slotmill: 1
name: meeting-room
language: zh-Hans
languages: [zh-Hans, en]
intents:
  mute: {description: 静音, slots: {person: required}}
slot_types:
  person: {values: [王明]}
rows: {per_intent: 200}
identity: {name: 小会, author: 我们, rows: 20}
real_rows: {file: real.jsonl, keep: true, few_shot: 4, paraphrase: 0.2}
models:
  - id: qwen
    provider: dashscope
    model: qwen3-max
    api_key_env: DASHSCOPE_API_KEY
    limits: {in_flight: 64}
duplicates: {near: 0.8, per_template: 3}
output:
  formats:
    - {as: rasa}
)";
  EXPECT_THAT(
      load(yaml).errors,
      ElementsAre("job.yaml:4:1: languages: not yet built; write language: and one job per language for now",
                  "job.yaml:10:1: identity: not yet built; leave it out for now",
                  "job.yaml:11:1: real_rows: not yet built; leave it out for now",
                  "job.yaml:21:12: output.formats[0].as: rasa is not yet built; use swift or rows for now"));
}

TEST_F(JobTest, ReportsAllProblemsAtOnceByLine) {
  EXPECT_CASES(
      {{{1, "slotmill: 2"},
        {3, "language: klingon"},
        {8, "    examples: ['dim to [levl:30]', 'dim it']"},
        {12, "  room: {file: rooms.txt}"},
        {13, "rows: {per_intent: many}"},
        {15, "sed: 3"}},
       {"1:11: slotmill: expected 1, the version of this format, found '2'",
        "3:11: language: expected zh-Hans or en, found 'klingon'",
        "8:16: intents.set_level.examples[0]: set_level has no slot 'levl'; did you mean level?",
        "8:16: intents.set_level.examples[0]: the required slot level is missing; tag it as [level:value]",
        "8:36: intents.set_level.examples[1]: the required slot level is missing; tag it as [level:value]",
        "13:20: rows.per_intent: expected a whole number from 0 to 1000000000, found 'many'",
        "15:1: sed: unknown key; did you mean seed?", "rooms.txt:2:1: an empty value; remove it",
        "rooms.txt:3:6: 'DEN' means 'hall' here and 'den' on line 1, as 'den'; a value has one meaning"},
       {{"rooms.txt", "den\n= x\nhall=DEN\n"}}});
}

TEST_F(JobTest, ChecksAcrossParts) {
  const std::string other =
      "{id: n, provider: openai, model: y, price: {input: 1, output: 2, currency: USD}}";
  EXPECT_CASES(
      {{{14, "models: [{id: m, patterns: patterns.txt, only: [turn_off]}]"},
        {13, "rows: {per_intent: 20, out_of_scope_far: 5, multi_intent: 5}"}},
       {"5:3: intents.set_level: no model serves it; add set_level to the only: of a model, or leave one "
        "model without "
        "only:",
        "13:24: rows: no model serves it; add out_of_scope to the only: of a model, or leave one model "
        "without only:",
        "13:45: rows.multi_intent: no model serves it; add multi_intent to the only: of a model, or leave "
        "one model "
        "without only:"}},
      {{{14,
         "models: [{id: m, patterns: patterns.txt, only: [turn_of, out_of_scop, dance]}, {id: k, patterns: "
         "patterns.txt}]"}},
       {"14:49: models[0].only: no intent 'turn_of'; did you mean turn_off?",
        "14:58: models[0].only: no intent 'out_of_scop'; did you mean out_of_scope?",
        "14:71: models[0].only: no intent 'dance'; name one of this job, out_of_scope or multi_intent"}},
      {{{14, "models: [{id: m, provider: openai, model: x}, {id: p, patterns: patterns.txt}, " + other + "]"},
        {15, "budget: {cost: 20 CNY}"}},
       {"14:10: models[0]: no price, but budget.cost: needs one; add price: {input: …, output: …, currency: "
        "…}",
        "14:116: models[2].price: in USD, but budget.cost is in CNY; use one currency"}},
      {{{14, "models: [{id: m, provider: openai, model: x, price: {input: 1, output: 2, currency: CNY}}, " +
                 other + "]"}},
       {"14:128: models[1].price: in USD, but the first price is in CNY; use one currency"}},
      {{{13, "rows: {per_intent: 0}"}}, {"13:7: rows: all quotas are 0; write per_intent: 200, say"}},
      {{{13, ""}}, {"1:1: rows: missing; say how many to make, such as rows: {per_intent: 200}"}},
      {{{9, ""}, {13, "rows: {multi_intent: 3}"}},
       {"13:8: rows.multi_intent: there is one intent only; add another, or remove this quota"}});
}

TEST_F(JobTest, RefusesMoreCellsThanAnybodyCovers) {
  std::string many = "intents:\n";
  for (int i = 0; i < 5001; ++i)
    many += fmt::format("  i{}: {{description: x, slots: {{room: optional}}}}\n", i);
  const Loaded loaded = load(edited({{4, many}, {5, ""}, {6, ""}, {7, ""}, {8, ""}, {9, ""}, {11, ""}}));
  EXPECT_THAT(loaded.errors,
              ElementsAre("job.yaml:5:3: intents: 10002 slot sets to cover, at most 10000 are possible; "
                          "split the job"));
}

TEST_F(JobTest, ReportsAThousandProblemsAndCountsTheRest) {
  std::string text;
  for (int i = 0; i < 1200; ++i) text += "！\n";
  const Loaded loaded = load(edited({{12, "  room: {file: rooms.txt}"}}), {{"rooms.txt", text}});
  ASSERT_EQ(loaded.errors.size(), 1001u);
  EXPECT_EQ(loaded.errors[999], "rooms.txt:1000:1: '！' has no letter and no digit; remove it");
  EXPECT_EQ(loaded.errors[1000], "job.yaml: and 200 more problems; fix these first");
}

constexpr int kSlotTypes = 12;
const std::string kAskingModel =
    "models: [{id: patterns, patterns: patterns.txt}, {id: m, provider: openai, model: x}]";

TEST_F(JobTest, AskedValuesStandBehindThoseOfTheJob) {
  const std::string yaml =
      edited({{kSlotTypes, "  room: {values: [hall, {den: [study]}], ask: 5, description: rooms of a house}"},
              {14, kAskingModel}});
  const Loaded fresh = load(yaml);
  ASSERT_TRUE(fresh.job) << fresh.errors[0];
  ASSERT_EQ(fresh.job->asks.size(), 1U);
  const Ask& ask = fresh.job->asks[0];
  EXPECT_EQ(ask.type, 1U);
  EXPECT_EQ(ask.count, 5);
  EXPECT_EQ(ask.known, 3);
  EXPECT_EQ(ask.description, "rooms of a house");
  EXPECT_FALSE(ask.filled);
  EXPECT_EQ(ask.file, fresh.job->run_directory() / "catalogues/room.txt");
  const auto texts = [](const SlotType& type) {
    std::vector<std::string> all;
    for (std::uint64_t i = 0; i < type.size(); ++i) all.push_back(type.value(i).text);
    return all;
  };
  EXPECT_THAT(texts(fresh.job->slot_types[1]), ElementsAre("hall", "den", "study", "⟨room 4⟩", "⟨room 5⟩"));

  const Loaded frozen = load(yaml, {{"out/lamp/catalogues/room.txt", "# ours\nattic = loft\n"}});
  ASSERT_TRUE(frozen.job) << frozen.errors[0];
  EXPECT_TRUE(frozen.job->asks[0].filled);
  EXPECT_THAT(texts(frozen.job->slot_types[1]), ElementsAre("hall", "den", "study", "attic", "loft"));
}

TEST_F(JobTest, WhatIsWrongWithAnAskIsSaid) {
  EXPECT_CASES(
      {{{12, "  room: {ask: 0}"}},
       {"12:15: slot_types.room.ask: expected a whole number from 1 to 10000, found '0'"}},
      {{{12, "  room: {ask: 20}"}},
       {"12:10: slot_types.room.ask: no model fills it: that takes one that reads instructions, not patterns "
        "and not "
        "the compact profile, that of file: shipped, without only: or with catalogues in it; add one, or "
        "list "
        "values: or a file: instead"}},
      {{{11, "  level: {number: [0, 9], ask: 20}"}},
       {"11:27: slot_types.level.ask: only without number:, time: and date:, which know all their values; "
        "remove it"}},
      {{{12, "  room: {values: [hall], description: rooms}"}},
       {"12:26: slot_types.room.description: only with ask:; remove it"}},
      {{{12, "  room: {ask: 20}"}, {14, kAskingModel}},
       {"out/lamp/catalogues/room.txt:2:3: 'a\u200b' contains the control character U+200B; remove it"},
       {{"out/lamp/catalogues/room.txt", "hall\n  a\u200b\n"}}});
}

TEST_F(JobTest, AnExampleMaySayWhatIsNotKnownYet) {
  const Loaded loaded = load(edited({{8, "    examples: ['dim [room:cellar] to [level:30]']"},
                                     {12, "  room: {ask: 20}"},
                                     {14, kAskingModel}}));
  EXPECT_TRUE(loaded.job) << loaded.errors[0];
}

TEST_F(JobTest, FallbacksAreOtherModels) {
  const auto models = [](const std::string& fallback, const std::string& share = "0") {
    return edited({{14, "models: [{id: a, patterns: patterns.txt, fallback: " + fallback +
                            "}, {id: b, patterns: patterns.txt, share: " + share +
                            "}, {id: c, patterns: patterns.txt, fallback: [a]}]"}});
  };
  const Loaded good = load(models("[b, c]"));
  ASSERT_TRUE(good.job) << good.errors[0];
  EXPECT_THAT(good.job->models[0].fallback, ElementsAre(1, 2));
  EXPECT_EQ(good.job->models[1].share, 0);
  EXPECT_THAT(load(models("[d, a, b, b]")).errors,
              ElementsAre("job.yaml:14:53: models[0].fallback: no model 'd'; name the id of another",
                          "job.yaml:14:56: models[0].fallback: a can't take its own place; name another",
                          "job.yaml:14:62: models[0].fallback: b is there twice; remove one"));
  EXPECT_THAT(
      load(models("[c]")).errors,
      ElementsAre("job.yaml:14:58: models[1]: share: 0, and neither a fallback: nor judge: names it, so it "
                  "is never asked; do one or the other"));
}

TEST_F(JobTest, JudgesAreModelsOfTheJob) {
  const auto judged = [](const std::string& judge) {
    return edited(
        {{14,
          "models: [{id: p, patterns: patterns.txt}, {id: max, provider: openai, model: m, share: 0}, "
          "{id: glm, provider: openai, model: g, share: 0}]"},
         {15, "judge: " + judge}});
  };
  const Loaded one = load(judged("{model: [max, glm]}"));
  ASSERT_TRUE(one.job) << fmt::format("{}", fmt::join(one.errors, "\n"));
  EXPECT_THAT(one.job->judge.models, ElementsAre(1, 2));
  EXPECT_THAT(one.job->judge.ask, ElementsAre("intent", "slots", "natural"));
  EXPECT_FALSE(one.job->judge.round_trip);
  EXPECT_FALSE(one.job->judge.accept);
  const Loaded all = load(judged("{model: [glm, max], ask: [slots], round_trip: true, use: accept}"));
  ASSERT_TRUE(all.job);
  EXPECT_THAT(all.job->judge.models, ElementsAre(2, 1));
  EXPECT_THAT(all.job->judge.ask, ElementsAre("slots"));
  EXPECT_TRUE(all.job->judge.round_trip);
  EXPECT_TRUE(all.job->judge.accept);
  EXPECT_THAT(load(judged("{model: mx}")).errors.front(),
              testing::HasSubstr("judge.model: no model 'mx'; did you"));
  EXPECT_THAT(load(judged("{model: [p, max, glm]}")).errors,
              ElementsAre(testing::HasSubstr("judge.model: p can't judge: that takes a model that reads")));
  EXPECT_THAT(load(judged("{model: [max, glm], ask: [style]}")).errors.front(),
              testing::HasSubstr("judge.ask: expected"));
  EXPECT_THAT(
      load(judged("{model: [max, glm], ask: []}")).errors,
      ElementsAre("job.yaml:15:8: judge: asks about nothing; name something in ask:, or set round_trip: "
                  "true"));
  EXPECT_THAT(load(judged("{ask: [slots]}")).errors.front(), testing::HasSubstr("judge.model: missing"));
}

}  // namespace
}  // namespace prompts
