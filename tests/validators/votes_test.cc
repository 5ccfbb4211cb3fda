#include "validators/votes.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace validators {
namespace {

using prompts::Opinion;

prompts::Job job() {
  prompts::Job job;
  job.language = "zh-Hans";
  job.slot_types.push_back(prompts::SlotType::of_values(
      "device", prompts::SlotType::Form::values, {{"主屏", "主屏"}, {"话筒", "麦克风"}, {"麦克风", "麦克风"}},
      false, true));
  prompts::Intent volume;
  volume.name = "set_volume";
  volume.slots = {{"device", 0, true, true}};
  prompts::Intent mute;
  mute.name = "mute";
  mute.slots = {{"device", 0, false, false}};
  job.intents = {volume, mute};
  return job;
}

datasets::Row row(const std::string& text,
                  const std::vector<std::pair<std::string, std::vector<std::string>>>& frames) {
  datasets::Row row;
  row.text = text;
  for (const auto& [intent, values] : frames) {
    datasets::Frame& frame = row.frames.emplace_back();
    frame.intent = intent;
    for (const std::string& value : values) frame.slots.push_back({"device", value, value, 0, 1});
  }
  return row;
}

model::Outcome reply(const std::string& body, model::Finish finish = model::Finish::stop) {
  model::Outcome outcome;
  outcome.kind = model::Outcome::Kind::reply;
  outcome.body = body;
  outcome.finish = finish;
  return outcome;
}

std::string summary(const std::vector<Ballot>& ballots) {
  std::string text;
  for (const Ballot& ballot : ballots) {
    text += (text.empty() ? "" : ", ") + std::string(vote_name(ballot));
    for (const std::string& fault : fault_names(ballot)) text += " " + fault;
  }
  return text;
}

TEST(Votes, AreReadByTheirNumbers) {
  const std::vector<datasets::Row> rows(3, row("a", {}));
  const struct {
    const char* body;
    const char* votes;
  } cases[] = {
      {R"({"votes": ["1 ok", "2 slots", "3 natural, intent"]})", "yes, no slots, no intent natural"},
      {R"({"votes": ["3 ok", "1 ok"]})", "yes, none, yes"},
      {R"({"votes": ["1. OK", "2: Slots", "3 ok ok"]})", "yes, no slots, yes"},
      {R"({"votes": ["ok", "ok", "ok"]})", "none, none, none"},
      {R"({"votes": ["1 ok", "1 slots", "2 ok"]})", "none, yes, none"},
      {R"({"votes": ["0 ok", "4 ok", "-1 ok"]})", "none, none, none"},
      {R"({"votes": ["1 ok slots", "2 ok, I think", "3"]})", "none, none, none"},
      {"```json\n{\"votes\": [\"1 ok\", \"2 ok\", \"3 intent\"]}\n```", "yes, yes, no intent"},
      {"抱歉，我不能", "none, none, none"},
      {"", "none, none, none"},
  };
  for (const auto& one : cases)
    EXPECT_EQ(summary(read_ballots(Opinion::reading, reply(one.body), rows, job())), one.votes) << one.body;
  EXPECT_EQ(summary(read_ballots(Opinion::reading,
                                 reply(R"({"votes": ["1 ok", "2 sl)", model::Finish::length), rows, job())),
            "yes, none, none");
  EXPECT_EQ(summary(read_ballots(Opinion::reading, {}, rows, job())), "none, none, none");
}

TEST(Votes, NameOnlyWhatWasAsked) {
  prompts::Job asks = job();
  asks.judge.ask = {"intent"};
  EXPECT_EQ(
      summary(read_ballots(Opinion::reading, reply(R"({"votes": ["1 natural"]})"), {row("a", {})}, asks)),
      "none");
}

TEST(Votes, ReadingsAreComparedWithTheRow) {
  const auto volume = row("把话筒调大", {{"set_volume", {"话筒"}}});
  const auto two = row("主屏调大再关话筒", {{"set_volume", {"主屏"}}, {"mute", {"话筒"}}});
  const struct {
    datasets::Row row;
    const char* reading;
    const char* vote;
  } cases[] = {
      {volume, "set_volume [device:话筒]", "yes"},
      {volume, "set_volume [device:麦克风]", "yes"},  // means the same
      {volume, "set_volume", "no slots"},
      {volume, "set_volume [device:话筒] [device:主屏]", "no slots"},
      {volume, "set_volume [device:主屏]", "no slots"},
      {volume, "mute [device:话筒]", "no intent"},
      {volume, "none", "no intent"},
      {volume, "set_volume + mute [set_volume.device:话筒]", "no intent"},
      {volume, "", "none"},
      {volume, "set_volume [device", "none"},
      {row("讲个笑话", {}), "none", "yes"},
      {row("讲个笑话", {}), "mute", "no intent"},
      {two, "set_volume + mute [set_volume.device:主屏] [mute.device:话筒]", "yes"},
      {two, "set_volume [set_volume.device:主屏] + mute [mute.device:话筒]", "yes"},
      {two, "mute + set_volume [set_volume.device:主屏] [mute.device:话筒]", "no intent"},
      {two, "set_volume + mute [set_volume.device:话筒] [mute.device:主屏]", "no slots"},
  };
  for (const auto& one : cases) {
    std::string body = R"({"readings": ["1 )";
    body += one.reading;
    body += R"("]})";
    EXPECT_EQ(summary(read_ballots(Opinion::round_trip, reply(body), {one.row}, job())), one.vote)
        << one.reading;
  }
}

TEST(Votes, AreCounted) {
  VoteCounts counts;
  for (const Ballot ballot : {Ballot{true, 0}, Ballot{true, 3}, Ballot{true, 2}, Ballot{false, 0}})
    counts.add(ballot);
  EXPECT_EQ(counts.yes, 1);
  EXPECT_EQ(counts.no, 2);
  EXPECT_EQ(counts.none, 1);
  EXPECT_EQ(counts.faults, (std::array<std::int64_t, 3>{1, 2, 0}));
}

}  // namespace
}  // namespace validators
