#include "pipeline/format_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "base/hash.h"

namespace pipeline {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using validators::Repair;
using validators::Verdict;
using Form = std::optional<Repair>;  // nullopt: not to be read

class NoOutput final : public LaneOutput {
 public:
  base::Status row(std::size_t, std::string_view) override { return {}; }
  base::Status reject(std::size_t, std::string_view) override { return {}; }
};

class FormatWatchTest : public ::testing::Test {
 protected:
  FormatWatchTest() {
    job_.file = "job.yaml";
    job_.models.resize(1);
    prompts::ModelSpec& model = job_.models[0];
    model.id = "m";
    model.mark = {12, 5};
    model.kind = prompts::ModelSpec::Kind::remote;
    model.provider = "vllm";
    model.per_request = 1;
    for (const char* name : {"a", "b", "c", "d", "e"}) {
      prompts::Cell cell;
      cell.id = name;
      cell.quota = 40;
      cell.max_candidates = 200;
      plan_.lanes.push_back({name, {cell}});
    }
  }

  static Arrival reply(Form form, std::uint64_t text) {
    Arrival arrival;
    validators::Candidate candidate;
    candidate.verdict = form ? Verdict::accepted : Verdict::broken_json;
    candidate.text = {text, text};
    candidate.template_hash = text;
    arrival.checked.repair = form.value_or(Repair::strict);
    arrival.checked.candidates.push_back(candidate);
    return arrival;
  }

  /// All messages when each lane's replies take these forms in turn and come in an order drawn by `seed`.
  std::vector<std::string> run(const std::vector<std::vector<Form>>& forms, std::uint64_t seed,
                               std::size_t replies_of_a_lane = 10) {
    FormatWatch watch(job_, plan_);
    std::vector<Lane> lanes;
    lanes.reserve(plan_.lanes.size());
    for (std::size_t i = 0; i < plan_.lanes.size(); ++i)
      lanes.emplace_back(job_, plan_.lanes[i], i, conflicts_);
    struct Due {
      std::size_t lane;
      std::uint64_t sequence;
      Form form;
    };
    std::vector<Due> due;
    for (std::size_t i = 0; i < lanes.size(); ++i)
      for (std::size_t n = 0; n < replies_of_a_lane; ++n)
        if (const auto attempt = lanes[i].take(0))
          due.push_back({i, attempt->sequence, forms[i % forms.size()][n % forms[i % forms.size()].size()]});
    std::vector<std::string> said;
    NoOutput output;
    for (std::uint64_t step = 0; !due.empty(); ++step) {
      const auto next = due.begin() + static_cast<std::ptrdiff_t>(base::mix(seed, step) % due.size());
      EXPECT_TRUE(lanes[next->lane].arrive(next->sequence, reply(next->form, ++texts_), output));
      due.erase(next);
      for (const std::string& message : watch.look(lanes)) said.push_back(message);
    }
    EXPECT_EQ(watch.said(), said);
    return said;
  }

  prompts::Job job_;
  prompts::Plan plan_;
  ConflictSet conflicts_;
  std::uint64_t texts_ = 0;
};

TEST_F(FormatWatchTest, SaysOnceWhatAServerDoesNotKeepTo) {
  const auto said =
      run({{Repair::fenced, Repair::extracted, std::nullopt, Repair::strict, Repair::fenced}}, 1);
  EXPECT_THAT(
      said,
      ElementsAre("job.yaml:12:5: model m: 16 of the first 20 replies are not the JSON that was asked for "
                  "(4 not to be read, 8 fenced, 4 extracted); the server seems to ignore json_schema: "
                  "write response_format: json_object or text, or make sure that it is a server of the "
                  "kind vllm and up to date"));
}

TEST_F(FormatWatchTest, DependsOnNoOrderOfArrival) {
  // The first five of the first four lanes count: 12 of 20. The fifth lane, and what comes later, doesn't.
  const std::vector<std::vector<Form>> forms = {
      {Repair::fenced},
      {Repair::fenced, Repair::fenced, Repair::strict, Repair::strict, Repair::strict, Repair::fenced},
      {Repair::fenced},
      {Repair::strict},
      {Repair::strict}};
  const auto reference = run(forms, 0);
  ASSERT_EQ(reference.size(), 1U);
  EXPECT_THAT(reference[0], HasSubstr("12 of the first 20 replies"));
  for (std::uint64_t seed = 1; seed < 50; ++seed) EXPECT_EQ(run(forms, seed), reference) << seed;
}

TEST_F(FormatWatchTest, IsSilentWhenHalfAreSoundAndWhenNothingWasAskedFor) {
  EXPECT_THAT(run({{Repair::strict}}, 1), IsEmpty());
  EXPECT_THAT(run({{Repair::strict}, {Repair::fenced}}, 1), IsEmpty());
  EXPECT_THAT(run({{Repair::fenced}}, 1, 4), IsEmpty()) << "not yet known";
  job_.models[0].response_format = model::ResponseFormat::text;
  EXPECT_THAT(run({{Repair::fenced}}, 1), IsEmpty());
  job_.models[0].response_format = model::ResponseFormat::json_schema;
  job_.models[0].kind = prompts::ModelSpec::Kind::file;
  EXPECT_THAT(run({{Repair::fenced}}, 1), IsEmpty());
}

TEST_F(FormatWatchTest, NamesTheWayOut) {
  const auto advice = [&](const char* provider, model::ResponseFormat format, Form form = Repair::fenced) {
    job_.models[0].provider = provider;
    job_.models[0].response_format = format;
    const auto said = run({{form}}, 1);
    return said.empty() ? "" : said[0].substr(said[0].find("); ") + 3);
  };
  using Format = model::ResponseFormat;
  EXPECT_EQ(
      advice("openai", Format::json_schema),
      "the server seems to ignore json_schema: write response_format: json_object or text, or name its kind "
      "in provider: (vllm, sglang, …)");
  EXPECT_EQ(advice("swift", Format::json_schema),
            "the server seems to ignore json_schema: write response_format: text, or make sure that it is a "
            "server of the kind swift and up to date");
  EXPECT_EQ(
      advice("moonshot", Format::json_object),
      "the server seems to ignore json_object: write response_format: text, or name its kind in provider: "
      "(vllm, sglang, …)");
  EXPECT_EQ(advice("vllm", Format::json_schema, Repair::salvaged),
            "most are cut off: raise sampling.max_tokens, or switch thinking off");
}

}  // namespace
}  // namespace pipeline
