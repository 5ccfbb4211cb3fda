#include "pattern_testing.h"

#include <gtest/gtest.h>
#include <simdjson.h>
#include <unistd.h>

#include "base/text.h"

namespace local_model {
namespace {

base::Path file_path() { return base::Path(testing::TempDir()) / "slotmill_patterns_test.txt"; }

class OneOutcome final : public model::OutcomeSink {
 public:
  void deliver(model::Ticket ticket, model::Outcome delivered) override {
    EXPECT_EQ(ticket, 42u);
    ++count;
    outcome = std::move(delivered);
  }
  int count = 0;
  model::Outcome outcome;
};

}  // namespace

base::Result<std::unique_ptr<PatternModel>> load_text(const std::string& patterns,
                                                      const std::string& language,
                                                      const std::vector<PatternDemand>& demands) {
  // One process per test under ctest, several at once: each has its own file.
  const base::Path path = file_path().string() + std::to_string(::getpid());
  const auto written = base::replace_file(path, patterns);
  EXPECT_TRUE(written);
  auto model = PatternModel::load(path, language, demands);
  std::filesystem::remove(path);
  return model;
}

std::unique_ptr<PatternModel> loaded(const std::string& patterns, const std::string& language,
                                     const std::vector<PatternDemand>& demands) {
  auto model = load_text(patterns, language, demands);
  if (!model) {
    ADD_FAILURE() << model.error().message;
    std::abort();
  }
  return std::move(*model);
}

std::string load_error(const std::string& patterns, const std::vector<PatternDemand>& demands) {
  const auto model = load_text(patterns, "zh-Hans", demands);
  if (model) return "no error";
  EXPECT_EQ(model.error().kind, base::ErrorKind::bad_input);
  const std::string prefix = file_path().string() + std::to_string(::getpid()) + ":";
  std::string out;
  for (std::string_view line : base::split(model.error().message, '\n')) {
    EXPECT_TRUE(line.starts_with(prefix)) << line;
    line.remove_prefix(std::min(prefix.size(), line.size()));
    if (!out.empty()) out += '\n';
    out += line;
  }
  return out;
}

model::PlannedUtterance one(const std::string& intent, Values values) {
  return {{{intent, std::move(values)}}};
}

model::PlannedUtterance two(const std::string& first, Values values, const std::string& second,
                            Values others) {
  return {{{first, std::move(values)}, {second, std::move(others)}}};
}

model::Request request_for(std::vector<model::PlannedUtterance> utterances, std::uint64_t key) {
  model::Request request;
  request.key = {key * 31, key};
  request.utterances = std::move(utterances);
  return request;
}

model::Outcome ask(PatternModel& model, const model::Request& request) {
  OneOutcome sink;
  model.submit(42, request, sink);
  EXPECT_EQ(sink.count, 1);
  return sink.outcome;
}

std::vector<std::string> utterances_of(const model::Outcome& outcome) {
  EXPECT_EQ(outcome.kind, model::Outcome::Kind::reply) << outcome.body;
  simdjson::dom::parser parser;
  std::vector<std::string> out;
  simdjson::dom::array array;
  EXPECT_EQ(parser.parse(outcome.body)["utterances"].get(array), simdjson::SUCCESS) << outcome.body;
  for (const auto item : array) {
    std::string_view text;
    EXPECT_EQ(item.get(text), simdjson::SUCCESS);
    out.emplace_back(text);
  }
  return out;
}

std::map<std::string, int> said(PatternModel& model, const model::PlannedUtterance& plan, int draws) {
  std::map<std::string, int> counts;
  const auto request = request_for(std::vector(static_cast<std::size_t>(draws), plan));
  for (const std::string& text : utterances_of(ask(model, request))) ++counts[text];
  return counts;
}

std::string only(PatternModel& model, const model::PlannedUtterance& plan) {
  std::string out;
  for (const auto& [text, count] : said(model, plan, 64)) out += (out.empty() ? "" : " / ") + text;
  return out;
}

}  // namespace local_model
