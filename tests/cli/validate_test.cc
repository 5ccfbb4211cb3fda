// slotmill validate, as a user runs it.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <filesystem>

#include "base/json_writer.h"
#include "tests/cli/workspace.h"

namespace cli_testing {
namespace {

std::string row(std::string_view text, std::string_view intent, std::string_view slots = "") {
  return fmt::format(R"({{"text":"{}","intent":"{}","slots":[{}]}})", text, intent, slots) + "\n";
}

std::string chat(std::string_view text, std::string_view answer) {
  std::string out =
      fmt::format(R"({{"messages":[{{"role":"user","content":"{}"}},{{"role":"assistant","content":)", text);
  base::append_json_string(answer, out);
  return out + "}]}\n";
}

class Validate : public testing::Test {
 protected:
  // The faults that are printed for a file of this content, with the file's name left out.
  std::string faults(const std::string& name, const std::string& content, int code,
                     std::vector<std::string> options = {}) {
    space_.write(name, content);
    options.insert(options.begin(), {"validate", space_.path(name).string()});
    const auto run = space_.slotmill(options);
    EXPECT_EQ(run.code, code) << run.output << run.errors;
    errors_ = run.errors;
    std::string out;
    const std::string prefix = space_.path("").string();
    std::string text = run.output;
    for (std::size_t at = text.find(prefix); at != std::string::npos; at = text.find(prefix))
      text.erase(at, prefix.size());
    return text;
  }

  Workspace space_;
  std::string errors_;
};

TEST_F(Validate, CleanDataHasNoFaults) {
  EXPECT_EQ(faults("a.jsonl", row("turn it up", "up") + row("turn it down", "down"), 0), "");
  EXPECT_TRUE(
      errors_.find("a.jsonl (rows): 2 rows, 2 intents, 0 slots, language en, rules inferred from the data\n"
                   "no faults\n") != std::string::npos)
      << errors_;
}

TEST_F(Validate, FaultsStandWithTheirPlaces) {
  EXPECT_EQ(
      faults("a.jsonl",
             row("turn it up", "up") + "{\"text\":\n" + row("Turn it up!", "up") + row("mute it", "up") +
                 row("mute it", "mute") + row("to 30", "set", R"({"name":"n","text":"31"})") +
                 row("to 50", "set", R"({"name":"n","text":"50","start":2,"end":4})") +
                 row("dim the light by <amount>", "dim"),
             3),
      "a.jsonl:2: broken_json: isn't JSON: The JSON document has an improper structure: missing or "
      "superfluous "
      "commas, braces, missing keys, etc.\n"
      "a.jsonl:3: duplicate: of a.jsonl:1\n"
      "a.jsonl:4: conflict: up here, mute at a.jsonl:5\n"
      "a.jsonl:5: conflict: mute here, up at a.jsonl:4\n"
      "a.jsonl:6: value_not_in_text: n: `31` isn't in the text\n"
      "a.jsonl:7: wrong_offsets: n: `50` stands at 3 (mended)\n"
      "a.jsonl:8: placeholder: <amount>\n");
}

TEST_F(Validate, EveryFormatIsRead) {
  EXPECT_EQ(
      faults("s.json", R"({"up":[{"data":[{"text":"turn it up"}]},{"data":[{"text":"turn it up"}]}]})", 3),
      "s.json:1:41: duplicate: of s.json:1:8\n");
  EXPECT_EQ(faults("h.csv", "intent;annotation\nup;turn [what : it] up\nup;turn [what it] up\n", 3),
            "h.csv:3: broken_tags: character 6: a slot without a colon: [what it]\n");
  EXPECT_EQ(faults("b.conll", "turn O\nit B-what\nup O\nup\n\nturn O\nit I-what\noff O\noff\n", 3),
            "b.conll:7: broken_tags: I-what continues nothing; read as B-what (mended)\n");
  EXPECT_EQ(
      faults("r.yml", "nlu:\n- intent: up\n  examples: |\n    - turn [it](what) up\n    - turn [it up\n", 3),
      "r.yml:5: broken_tags: character 6: `[` is never closed\n");
  EXPECT_EQ(faults("c.jsonl", chat("turn it up", R"({"intent":"up","slots":{}})") + chat("off", "off"), 3),
            "c.jsonl:2: broken_json: the answer isn't JSON: off\n");
}

TEST_F(Validate, InputThatCannotBeUsed) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"validate"},
                                             {"validate", "/no/such/file"},
                                             {"validate", "/"},
                                             {"validate", "--as", "nonsense", "/dev/null"},
                                             {"validate", "--job", "/no/such/job", "/dev/null"}}) {
    const auto run = space_.slotmill(arguments);
    EXPECT_EQ(run.code, 2) << run.errors;
    EXPECT_FALSE(run.errors.empty());
  }
  faults("x.txt", "hello\nworld\n", 2);
  EXPECT_TRUE(
      errors_.find("x.txt is in no format that is known; name one of rows, chat, snips, bio, rasa, table") !=
      std::string::npos)
      << errors_;
}

TEST_F(Validate, OneDocumentOfJson) {
  const std::string out =
      faults("a.jsonl", row("turn it up", "up", R"({"name":"w","text":"it"})") + row("turn it up", "up"), 3,
             {"--json", "-q"});
  EXPECT_EQ(
      out,
      R"({"validate":1,"files":[{"path":"a.jsonl","format":"rows","rows":2}],"job":null,"language":"en","rows":2,)"
      R"("good_rows":1,"intents":{"up":2},"slots":{"w":{"spans":1,"values":1}},"verdicts":{"duplicate":1},"notes":{},)"
      R"("faults":[{"file":"a.jsonl","line":2,"column":0,"verdict":"duplicate","note":false,"mended":false,)"
      R"("what":"of a.jsonl:1, which has other slots"}]})"
      "\n");
  EXPECT_EQ(errors_, "");
}

TEST_F(Validate, NotesAreNoFaults) {
  std::string text;
  for (int i = 0; i < 12; ++i)
    text +=
        row(fmt::format("show me room number {} of today", i), "show", R"({"name":"date","text":"today"})");
  text += row("what is on today then", "show", R"({"name":"time","text":"today"})");
  text += row("please tell me what the weather will be like in that city tomorrow", "w");
  text += row("please tell me what the weather will be like in that city tomorrow then", "w");
  EXPECT_EQ(faults("a.jsonl", text, 0), "");
  EXPECT_TRUE(errors_.find("notes, no faults (--notes shows them)") != std::string::npos) << errors_;
  const std::string notes = faults("a.jsonl", text, 0, {"--notes"});
  EXPECT_TRUE(notes.find("a.jsonl:13: note: slot_disagreement: time: `today` is date in 12 of 13 places\n") !=
              std::string::npos)
      << notes;
  EXPECT_TRUE(notes.find("a.jsonl:15: note: near_duplicate: of a.jsonl:14: ") != std::string::npos) << notes;
}

TEST_F(Validate, FixWritesTheRowsThatAreRight) {
  const std::string good = chat("turn it up", R"({"intent":"up","slots":{"what":"it"}})");
  const std::string other = chat("turn it off", R"( {"intent": "off"} )");
  faults("c.jsonl",
         good + chat("Turn it up.", R"({"intent":"up","slots":{"what":"it"}})") + "{\n" + "\n" + other, 3,
         {"--fix", space_.path("fixed.jsonl").string()});
  EXPECT_EQ(space_.read("fixed.jsonl"), good + other);
  faults("h.csv", "intent;annotation\nup;\"turn\n[what : it] up\"\nup;turn\n", 3,
         {"--fix", space_.path("fixed.jsonl").string()});
  EXPECT_TRUE(errors_.find("2 rows written to ") != std::string::npos) << errors_;
  const std::string fixed = space_.read("fixed.jsonl");
  const auto first = datasets::parse_row(fixed.substr(0, fixed.find('\n')));
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->text, "turn it up");
  EXPECT_EQ(first->template_text, "turn [what] up");
  EXPECT_EQ(first->source.cell, "h.csv:2");
  EXPECT_EQ(faults("again.jsonl", fixed, 0), "");
}

TEST_F(Validate, WhatARunWroteIsRight) {
  const std::string folder = space_.path("job").string();
  ASSERT_EQ(space_.slotmill({"init", folder}).code, 0);
  std::string job = space_.read("job/job.yaml");
  job += "    - {as: swift, shape: agent, values: surface}\n";
  space_.write("job/job.yaml", job);
  ASSERT_EQ(space_.slotmill({"run", "-q", folder + "/job.yaml"}).code, 0);
  const std::string out = folder + "/out/my-assistant";
  const std::string rows = space_.read("job/out/my-assistant/rows.jsonl");
  const auto run = space_.slotmill({"validate", out + "/rows.jsonl", "--job", folder + "/job.yaml", "--fix",
                                    space_.path("fixed.jsonl").string()});
  EXPECT_EQ(run.code, 0) << run.output << run.errors;
  EXPECT_EQ(space_.read("fixed.jsonl"), rows);
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(out + "/releases/latest/")) {
    if (entry.path().extension() != ".jsonl") continue;
    ++files;
    const std::vector<std::string> validate{"validate", entry.path().string(), "--job", folder + "/job.yaml"};
    const auto swift = space_.slotmill(validate);
    EXPECT_EQ(swift.code, 0) << swift.output << swift.errors;
  }
  EXPECT_EQ(files, 6U);
}

TEST_F(Validate, TheJobsRulesHold) {
  const std::string folder = space_.path("job").string();
  ASSERT_EQ(space_.slotmill({"init", folder}).code, 0);
  EXPECT_EQ(
      faults("a.jsonl",
             row("把电视调到500", "set_volume", R"({"name":"level","text":"500"})") +
                 row("把冰箱静音", "mute", R"({"name":"device","text":"冰箱"})") + row("静音吧", "mute") +
                 row("关灯", "light") +
                 row("电视静音", "mute", R"({"name":"device","text":"电视"},{"name":"room","text":"电"})"),
             3, {"--job", folder + "/job.yaml"}),
      "a.jsonl:1: out_of_range: level: 500\n"
      "a.jsonl:2: not_in_catalogue: device: 冰箱\n"
      "a.jsonl:3: missing_slot: mute has no device\n"
      "a.jsonl:4: unknown_intent: light is no intent of the job\n"
      "a.jsonl:5: overlapping_slots: device: 电视 and room: 电\n"
      "a.jsonl:5: unknown_slot: room is no slot of mute\n");
}

TEST_F(Validate, TheSameForAnyNumberOfThreads) {
  std::string text;
  for (int i = 0; i < 6000; ++i)
    text +=
        row(fmt::format("please set lamp {} of the {} floor to level {}", i % 37, i % 11, i % 101),
            i % 50 == 3 ? "dim" : "set",
            fmt::format(R"({{"name":"n","text":"{}","start":16,"end":{}}})", i % 37, i % 37 < 10 ? 17 : 18)) +
        (i % 97 == 5 ? row("please stop it", i % 2 == 0 ? "set" : "dim") : "") +
        (i % 97 == 6 ? row("now go on", "set") : "");
  space_.write("a.jsonl", text);
  std::string first;
  for (const char* threads : {"1", "2", "5"}) {
    const auto run =
        space_.slotmill({"validate", space_.path("a.jsonl").string(), "--notes", "--threads", threads});
    EXPECT_EQ(run.code, 3);
    if (first.empty()) first = run.output + run.errors;
    EXPECT_TRUE(run.output + run.errors == first) << threads << "\n" << run.errors;
  }
}

}  // namespace
}  // namespace cli_testing
