// Each key's messages: what was expected, what was found, and where.
#include "tests/prompts/job_fixture.h"

namespace prompts {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

using JobMessagesTest = JobTest;

TEST_F(JobMessagesTest, Head) {
  EXPECT_CASES(
      {{{1, ""}}, {"2:1: slotmill: missing; write slotmill: 1, the version of this format"}},
      {{{2, "name: Lamp!"}},
       {"2:7: name: 'Lamp!' can't name a directory everywhere; use a-z, 0-9 and -, at most 64"}},
      {{{2, "name: [lamp]"}}, {"2:7: name: expected text, found a list"}},
      {{{2, "name:"}}, {"2:1: name: expected text, found nothing"}},
      {{{2, ""}}, {"1:1: name: missing; name the job; it names the run directory"}},
      {{{3, "language: zh"}}, {"3:11: language: expected zh-Hans or en, found 'zh'"}},
      {{{3, ""}}, {"1:1: language: missing; write zh-Hans or en"}},
      {{{15, "seed: -1"}},
       {"15:7: seed: expected a whole number from 0 to 18446744073709551615, found '-1'"}},
      {{{15, "seed: 010"}},
       {"15:7: seed: expected a whole number from 0 to 18446744073709551615, found '010'"}},
      {{{15, "per_request: 0"}}, {"15:14: per_request: expected a whole number from 1 to 100, found '0'"}},
      {{{15, "per_request: 010"}},
       {"15:14: per_request: expected a whole number from 1 to 100, found '010'"}},
      {{{15, "per_request: 1_0"}},
       {"15:14: per_request: expected a whole number from 1 to 100, found '1_0'"}},
      {{{15, "per_request: 5.0"}},
       {"15:14: per_request: expected a whole number from 1 to 100, found '5.0'"}},
      {{{15, "per_request: {}"}}, {"15:14: per_request: expected a whole number from 1 to 100, found a map"}},
      {{{15, "banana: 1"}},
       {"15:1: banana: unknown key; the keys here are slotmill, name, language, seed, per_request, "
        "output, slot_types, tables, "
        "intents, rows, style, models, budget, duplicates, judge, check, guard, templates"}},
      {{{15, "'a b\\n': 1"}},
       {"15:1: 'a b\\n': unknown key; the keys here are slotmill, name, language, seed, per_request, "
        "output, slot_types, tables, "
        "intents, rows, style, models, budget, duplicates, judge, check, guard, templates"}});
}

TEST_F(JobMessagesTest, Intents) {
  EXPECT_CASES(
      {{{9, "  out_of_scope: {description: x}"}},
       {"9:3: intents: the name out_of_scope is reserved; choose another"}},
      {{{9, "  none: {description: x}"}}, {"9:3: intents: the name none is reserved; choose another"}},
      {{{9, "  a|b: {description: x}"}},
       {"9:3: intents: 'a|b' is no name; use letters, digits and _, at most 64"}},
      {{{9, "  关灯: {description: x}"}},
       {"9:3: intents: '关灯' is no name; use letters, digits and _, at most 64"}},
      {{{9, "  \"a\\nb\": {description: x}"}},
       {"9:3: intents: 'a b' is no name; use letters, digits and _, at most 64"}},
      {{{9, "  \"a\\nb\": {}"}},
       {"9:3: intents: 'a b' is no name; use letters, digits and _, at most 64",
        "9:11: intents.a b.description: missing; say in a sentence what the user wants"}},
      {{{9, "  turn_off: off"}},
       {"9:13: intents.turn_off: expected a map such as {description: Set the volume, slots: {level: "
        "required}}, "
        "found 'off'"}},
      {{{9, "  turn_off: {}"}},
       {"9:13: intents.turn_off.description: missing; say in a sentence what the user wants"}},
      {{{9, "  turn_off: {description: x, slot: {}}"}},
       {"9:30: intents.turn_off.slot: unknown key; did you mean slots?"}},
      {{{7, "    slots: [level]"}, {8, ""}},
       {
           "7:12: intents.set_level.slots: expected a map such as {level: required, device: optional}, found "
           "a list",
       }},
      {{{7, "    slots: {level: yes, room: optional}"}},
       {"7:20: intents.set_level.slots.level: expected required, optional or a map such as {required: true, "
        "type: "
        "time}, found 'yes'"}},
      {{{7, "    slots: {level: {required: yes}, room: optional}"}},
       {"7:31: intents.set_level.slots.level.required: expected true or false, found 'yes'"}},
      {{{7, "    slots: {level: {required: true, kind: x}, room: optional}"}},
       {"7:37: intents.set_level.slots.level.kind: unknown key; the keys here are required, many, type"}},
      {{{7, "    slots: {level: required, room: optional, place: optional}"}},
       {"7:46: intents.set_level.slots.place: no slot type 'place'; add it to slot_types:, or name one with "
        "type:"}},
      {{{7, "    slots: {level: required, room: {type: rom}}"}},
       {"7:43: intents.set_level.slots.room: no slot type 'rom'; did you mean room?"}},
      {{{7, "    slots: {level: required, room: optional, a-b: {type: room}}"}},
       {"7:46: intents.set_level.slots.a-b: no name; use letters, digits and _, at most 64"}},
      {{{4, "intents: {}"}, {5, ""}, {6, ""}, {7, ""}, {8, ""}, {9, ""}},
       {"4:10: intents: none; add at least one"}},
      {{{4, "intents: [a]"}, {5, ""}, {6, ""}, {7, ""}, {8, ""}, {9, ""}},
       {"4:10: intents: expected a map such as {set_volume: {description: Set the volume}}, found a list"}});
}

TEST_F(JobMessagesTest, Examples) {
  EXPECT_CASES(
      {{{8, "    examples: dim to [level:30]"}},
       {"8:15: intents.set_level.examples: expected a list such as [\"set it to [level:30]\"], found "
        "'dim to [level:30]'"}},
      {{{8, "    examples: ['dim to [level]']"}},
       {"8:16: intents.set_level.examples[0]: tag without a colon at character 8; write \\[ for the "
        "character itself"}},
      {{{8, "    examples: ['dim to [level:300]']"}},
       {"8:16: intents.set_level.examples[0]: slot type level: '300' is out of its range; use another, or "
        "widen the "
        "range"}},
      {{{8, "    examples: ['dim to [level:low]']"}},
       {"8:16: intents.set_level.examples[0]: slot type level: 'low' is no whole number; write one"}},
      {{{8, "    examples: ['dim the [room:barn] to [level:3]']"}},
       {"8:16: intents.set_level.examples[0]: slot type room: 'barn' is not in its catalogue; add it there, "
        "or write "
        "open: true"}},
      {{{8, "    examples: ['dim the [room:3] to [level:3]']"},
        {12, "  room: {pattern: '[a-z]+', values: [hall]}"}},
       {"8:16: intents.set_level.examples[0]: slot type room: '3' does not match its pattern; change one of "
        "them"}},
      {{{8, "    examples: ['[level:3] or [level:4]']"}},
       {"8:16: intents.set_level.examples[0]: two values for level; write {many: true} at the slot if it may "
        "have "
        "several"}},
      {{{8, "    examples: ['[level:3] [colour:red]']"}},
       {"8:16: intents.set_level.examples[0]: set_level has no slot 'colour'; add it to slots:, or remove "
        "the tag"}},
      {{{8, "    examples: [3, '']"}},
       {"8:16: intents.set_level.examples[0]: the required slot level is missing; tag it as [level:value]",
        "8:19: intents.set_level.examples[1]: expected text, found ''"}},
      {{{8, "    contrast: [turn_of, set_level, turn_off, turn_off, dance]"}},
       {"8:16: intents.set_level.contrast: no intent 'turn_of'; did you mean turn_off?",
        "8:25: intents.set_level.contrast: an intent is no contrast to itself; remove it",
        "8:46: intents.set_level.contrast: turn_off is there twice; remove one",
        "8:56: intents.set_level.contrast: no intent 'dance'; name one of this job"}},
      // A broken slot type is told once, not again at each example.
      {{{11, "  level: {number: [0]}"}},
       {"11:19: slot_types.level.number: expected a list of two such as [0, 100], found a list"}},
      {{{10, "slot_types: [level]"}, {11, ""}, {12, ""}},
       {"10:13: slot_types: expected a map such as {color: {values: [red, blue]}}, found a list"}});
  // many: twice is no fault, and normalised values count.
  EXPECT_THAT(load(edited({{7, "    slots: {level: {required: true, many: true}, room: optional}"},
                           {8, "    examples: ['[level:3] or [level:４] in the [room:DEN]']"}}))
                  .errors,
              IsEmpty());
}

TEST_F(JobMessagesTest, SlotTypes) {
  EXPECT_CASES(
      {{{12, "  room: {}"}},
       {"12:9: slot_types.room: no values; give it values:, file:, ask:, number:, time: or date:"}},
      {{{12, "  room: [a, b]"}},
       {"12:9: slot_types.room: expected a map such as {values: [red, blue]}, found a list"}},
      {{{12, "  room: {values: [a], number: [0, 1]}"}},
       {"12:23: slot_types.room.number: there is values: already; keep one of them"}},
      {{{12, "  room: {pattern: '[a-z]+'}"}},
       {"12:10: slot_types.room.pattern: a pattern draws no values; add values: or file: with some that "
        "match it, or ask:"}},
      {{{12, "  room: {pattern: '[a-z', values: [a]}"}},
       {"12:19: slot_types.room.pattern: missing ]: [a-z; write it in RE2's syntax"}},
      {{{12, "  room: {pattern: '(?=a)', values: [a]}"}},
       {"12:19: slot_types.room.pattern: invalid perl operator: (?=; write it in RE2's syntax"}},
      {{{12, "  room: {pattern: '[a-z]', values: [a, bc]}"}},
       {"12:40: slot_types.room.values[1]: 'bc' does not match the pattern '[a-z]'; the whole value must"}},
      {{{12, "  room: {pattern: '[a-z]', values: [a], open: true}"}},
       {"12:41: slot_types.room.open: only without pattern:, which is open to all that matches; remove it"}},
      {{{12, "  room: {values: [a], open: yes}"}},
       {"12:29: slot_types.room.open: expected true or false, found 'yes'"}},
      {{{12, "  room: {values: [a], step: 5, written: [arabic]}"}},
       {"12:23: slot_types.room.step: only with number: or time:; remove it",
        "12:32: slot_types.room.written: only with number:, time: or date:; remove it"}},
      {{{11, "  level: {number: [0, 100], open: true, pattern: x}"}},
       {"11:29: slot_types.level.open: only with values:, file: or ask:; remove it",
        "11:41: slot_types.level.pattern: only with values:, file: or ask:; remove it"}},
      {{{11, "  level: {number: [100, 0]}"}},
       {"11:19: slot_types.level.number: nothing lies from 100 to 0; put the smaller one first"}},
      {{{11, "  level: {number: [0, 1.5], step: 0}"}},
       {"11:23: slot_types.level.number: expected a whole number from -1000000000000 to 1000000000000, found "
        "'1.5'",
        "11:35: slot_types.level.step: expected a whole number from 1 to 1000000000000, found '0'"}},
      {{{11, "  level: {number: [0, 100], written: [arabic, cjk]}"}},
       {"11:47: slot_types.level.written: expected arabic or words or percent, found 'cjk'"}},
      {{{11, "  level: {number: [0, 100], written: [words, words]}"}},
       {"11:46: slot_types.level.written: words is there twice; remove one"}},
      {{{11, "  level: {number: [0, 100], written: []}"}},
       {"11:38: slot_types.level.written: expected at least one form, found a list"}},
      {{{12, "  room: {time: ['8:00', '24:00']}"}},
       {"12:25: slot_types.room.time: expected a time from 00:00 to 23:59, found '24:00'"}},
      {{{12, "  room: {time: [10:00, 9:00], written: [spokn]}"}},
       {"12:16: slot_types.room.time: nothing lies from 10:00 to 9:00; put the smaller one first",
        "12:41: slot_types.room.written: expected digits or spoken, found 'spokn'"}},
      {{{12, "  room: {date: [-1, 400], step: 2}"}},
       {"12:17: slot_types.room.date: expected a whole number from 0 to 366, found '-1'",
        "12:21: slot_types.room.date: expected a whole number from 0 to 366, found '400'",
        "12:27: slot_types.room.step: only with number: or time:; remove it"}},
      {{{12, "  room: {date: [0, 7], written: [year]}"}},
       {"12:34: slot_types.room.written: expected relative or weekday or month_day, found 'year'"}},
      {{{13, "  'a b': {values: [x]}\nrows: {per_intent: 20}"}},
       {"13:3: slot_types: 'a b' is no name; use letters, digits and _, at most 64"}},
      {{{12, "  room: {value: [a]}"}},
       {"12:9: slot_types.room: no values; give it values:, file:, ask:, number:, time: or date:",
        "12:10: slot_types.room.value: unknown key; did you mean values?"}});
}

TEST_F(JobMessagesTest, Values) {
  const std::string longest(200, 'x');
  EXPECT_CASES(
      {{{12, "  room: {values: hall}"}},
       {"12:18: slot_types.room.values: expected a list such as [red, {blue: [navy, azure]}], found 'hall'"}},
      {{{12, "  room: {values: []}"}},
       {"12:18: slot_types.room.values: expected at least one value, found a list"}},
      {{{12, "  room: {values: ['', ~, ' ', '！', [a]]}"}},
       {"12:19: slot_types.room.values[0]: an empty value; remove it",
        "12:23: slot_types.room.values[1]: expected a value, or one value with its synonyms such as {blue: "
        "[navy, "
        "azure]}, found nothing",
        "12:26: slot_types.room.values[2]: an empty value; remove it",
        "12:31: slot_types.room.values[3]: '！' has no letter and no digit; remove it",
        "12:36: slot_types.room.values[4]: expected a value, or one value with its synonyms such as {blue: "
        "[navy, "
        "azure]}, found a list"}},
      {{{12, "  room: {values: [\"a\\u200Bb\", " + longest + ", y" + longest + "]}"}},
       {"12:19: slot_types.room.values[0]: 'a\u200Bb' contains the control character U+200B; remove it",
        "12:233: slot_types.room.values[2]: 'y" + longest.substr(0, 39) +
            "…' is longer than 200 characters; shorten it"}},
      {{{12, "  room: {values: [hall, {den: [Hall, snug]}, {x: y, z: w}, {snug: ~}, {q: [[a]]}]}"}},
       {"12:32: slot_types.room.values[1]: 'Hall' means 'den' here and 'hall' on line 12, as 'hall'; a value "
        "has one "
        "meaning",
        "12:46: slot_types.room.values[2]: expected a value, or one value with its synonyms such as {blue: "
        "[navy, "
        "azure]}, found a map",
        "12:61: slot_types.room.values[3]: expected a list of synonyms, found nothing",
        "12:61: slot_types.room.values[3]: 'snug' means 'snug' here and 'den' on line 12; a value has one "
        "meaning",
        "12:76: slot_types.room.values[4]: expected a synonym, found a list"}});
  // Text stays text, and [ ] \ may stand in a value.
  const Loaded loaded = load(edited({{12,
                                      "  room: {values: [yes, 010, 1e3, '[x]', 'a\\b', null1, {Mic: mic}, "
                                      "{true: [on, true]}, 12:30, ' a ']}"}}));
  ASSERT_THAT(loaded.errors, IsEmpty());
  EXPECT_THAT(loaded.warnings,
              ElementsAre("job.yaml:12:79: slot_types.room.values[7]: 'true' is repeated, first on line 12"));
  std::vector<std::string> texts;
  for (std::uint64_t i = 0; i < loaded.job->slot_types[1].size(); ++i)
    texts.push_back(loaded.job->slot_types[1].value(i).text);
  EXPECT_THAT(texts, ElementsAre("yes", "010", "1e3", "[x]", "a\\b", "null1", "Mic", "mic", "true", "on",
                                 "12:30", "a"));
  EXPECT_EQ(loaded.job->slot_types[1].value(7).canonical, "Mic");
}

TEST_F(JobMessagesTest, ValuesFiles) {
  const Edits file = {{12, "  room: {file: rooms.txt}"}};
  EXPECT_CASES({{{12, "  room: {file: none.txt}"}},
                {"12:16: slot_types.room.file: none.txt does not exist; paths are relative to the job file"}},
               {{{12, "  room: {file: .}"}},
                {"12:16: slot_types.room.file: . is not a file; paths are relative to the job file"}},
               {file, {"rooms.txt:1:1: no values; write one per line"}, {{"rooms.txt", "# none\n\n"}}},
               {file, {"rooms.txt:2:3: not UTF-8; save the file as UTF-8"}, {{"rooms.txt", "主\n主x\xFF\n"}}},
               {file,
                {"rooms.txt:1:2: control character U+0000; remove it"},
                {{"rooms.txt", std::string("a\0b\n", 4)}}},
               {file,
                {"rooms.txt:2:9: an empty value; remove it", "rooms.txt:3:1: an empty value; remove it",
                 "rooms.txt:4:1: synonyms without their value; write `value = synonym | synonym`",
                 "rooms.txt:5:8: 'c' means 'd' here and 'a' on line 2; a value has one meaning"},
                {{"rooms.txt", "b\n a = c |\n= x\nd | e\nd =  f|c\n"}}});
  const Loaded loaded = load(edited(file), {{"rooms.txt", "a=A1|a\nb＝c\n 大 = ｂ＝c\na\n"}});
  EXPECT_THAT(
      loaded.errors,
      ElementsAre(
          "rooms.txt:3:6: 'ｂ＝c' means '大' here and 'b＝c' on line 2, as 'b＝c'; a value has one meaning"));
  EXPECT_THAT(
      load(edited(file), {{"rooms.txt", "a=A1|a\nb＝c\na\n"}}).warnings,
      ElementsAre("job.yaml:12:3: slot_types.room: 3 values; a model learns such a short list by heart "
                  "instead of the slot: 50 are good, 10 the least",
                  "rooms.txt:1:6: 'a' is repeated, first on line 1",
                  "rooms.txt:2:1: full-width ＝ and ｜ are part of the value; write = and | to separate "
                  "synonyms",
                  "rooms.txt:3:1: 'a' is repeated, first on line 1"));
}

TEST_F(JobMessagesTest, Models) {
  const auto remote = [](const std::string& keys) {
    return Edits{{14, "models: [{id: m, provider: openai, model: x, " + keys + "}]"}};
  };
  EXPECT_CASES(
      {{{14, ""}}, {"1:1: models: missing; say who answers, such as models: [{id: tiny, file: shipped}]"}},
      {{{14, "models: []"}}, {"14:9: models: none; add at least one"}},
      {{{14, "models: {}"}},
       {"14:9: models: expected a list such as [{id: tiny, file: shipped}], found a map"}},
      {{{14, "models: [patterns.txt]"}},
       {"14:10: models[0]: expected a map such as {id: tiny, file: shipped}, found "
        "'patterns.txt'"}},
      {{{14, "models: [{patterns: patterns.txt}]"}},
       {"14:10: models[0].id: missing; name the model; rows and messages say it"}},
      {{{14, "models: [{id: a b, patterns: patterns.txt}]"}},
       {"14:15: models[0].id: 'a b' is no id; use letters, digits, . - and _, at most 64"}},
      {{{14, "models: [{id: a, patterns: patterns.txt}, {id: a, patterns: patterns.txt}]"}},
       {"14:43: models[1].id: a is models[0]'s; choose another"}},
      {{{14, "models: [{id: a}]"}}, {"14:10: models[0]: no model; give it file:, provider: or patterns:"}},
      {{{14, "models: [{id: a, patterns: p.txt}]"}},
       {"14:28: models[0].patterns: p.txt does not exist; paths are relative to the job file"}},
      {{{14, "models: [{id: a, patterns: patterns.txt, provider: openai, model: x}]"}},
       {"14:10: models[0]: patterns:, file: and provider: are three kinds of model; a model is one of them",
        "14:60: models[0].model: only with provider:; remove it"}},
      {{{14, "models: [{id: a, patterns: patterns.txt, model: x, price: {}}]"}},
       {"14:42: models[0].model: only with provider:; remove it",
        "14:52: models[0].price: only with provider:; remove it"}},
      {{{14, "models: [{id: a, provider: openai}]"}},
       {"14:10: models[0].model: missing; write the name that the server knows, such as gpt-4o-mini"}},
      {{{14, "models: [{id: a, provider: opnai, model: x}]"}},
       {"14:28: models[0].provider: no provider 'opnai'; did you mean openai? Else any OpenAI-compatible "
        "server works with its base_url:"}},
      {remote("share: -1"), {"14:53: models[0].share: expected a number from 0.001 to 1000, found '-1'"}},
      {remote("share: 0"),
       {"14:10: models[0]: share: 0, and neither a fallback: nor judge: names it, so it is never asked; do "
        "one or "
        "the other"}},
      {remote("share: nan"), {"14:53: models[0].share: expected a number from 0.001 to 1000, found 'nan'"}},
      {remote("only: turn_off"),
       {"14:52: models[0].only: expected a list such as [out_of_scope], found 'turn_off'"}},
      {remote("http: 3"), {"14:52: models[0].http: expected a whole number from 1 to 2, found '3'"}},
      {remote("timeout: 5x"),
       {"14:55: models[0].timeout: expected a duration such as 90s, 2m or 2h, from 1 to 86400 seconds, found "
        "'5x'"}},
      {remote("timeout: 25h"),
       {"14:55: models[0].timeout: expected a duration such as 90s, 2m or 2h, from 1 to 86400 seconds, found "
        "'25h'"}},
      {remote("timeout: 2m, deadline: 60"),
       {"14:59: models[0].deadline: shorter than timeout:, 120 seconds; a deadline spans all retries"}},
      {remote("response_format: json"),
       {"14:63: models[0].response_format: expected json_schema or json_object or text, found 'json'"}},
      {remote("sampling: {temperature: 2.1, top_p: -1, max_tokens: 0, top_k: 3}"),
       {"14:70: models[0].sampling.temperature: expected a number from 0 to 2, found '2.1'",
        "14:82: models[0].sampling.top_p: expected a number from 0 to 1, found '-1'",
        "14:98: models[0].sampling.max_tokens: expected a whole number from 1 to 1000000, found '0'",
        "14:101: models[0].sampling.top_k: unknown key; did you mean top_p?"}},
      {remote("limits: {requests_per_minute: 0}"),
       {"14:76: models[0].limits.requests_per_minute: expected a number from 0.1 to 1000000000, found '0'"}},
      {remote("mode: fast"), {"14:52: models[0].mode: expected batch, found 'fast'"}},
      {remote("mode: batch, api: completions"),
       {"14:46: models[0].mode: batches are made of chat completions; remove it, or api: completions"}},
      {remote("mode: batch, start: {command: [x]}, base_url: \"http://127.0.0.1:8000/v1\""),
       {"14:46: models[0].mode: a server that the run starts answers no batches; remove it"}},
      {{{14, "models: [{id: a, patterns: patterns.txt, mode: batch}]"}},
       {"14:42: models[0].mode: only with provider:; remove it"}},
      {remote("mode: batch, limits: {in_flight: 50001}"),
       {"14:79: models[0].limits.in_flight: expected a whole number from 1 to 50000, found '50001'"}},
      {remote("price: {input: 1, output: 2, batch_discount: 0.4, currency: CNY}"),
       {"14:75: models[0].price.batch_discount: only with mode: batch; remove it"}},
      {remote("limits: {in_flight: 5000}"),
       {"14:66: models[0].limits.in_flight: expected a whole number from 1 to 4096, found '5000'"}},
      {remote("price: {input: 1, currency: cny}"),
       {"14:53: models[0].price.output: missing; write the price of a million tokens",
        "14:74: models[0].price.currency: expected three capital letters such as CNY, found 'cny'"}},
      {remote("price: {input: 1, output: 2, cached_input: 1.5, currency: CNY}"),
       {"14:89: models[0].price.cached_input: expected a number from 0 to 1, found '1.5'"}},
      {remote("base_url: localhost:8000"),
       {"14:56: models[0].base_url: 'localhost:8000' is no address; write one such as "
        "http://127.0.0.1:8000/v1"}},
      {remote("base_url: 'ftp://x'"),
       {"14:56: models[0].base_url: 'ftp://x' is no address; write one such as http://127.0.0.1:8000/v1"}},
      {remote("ca: none.pem"),
       {"14:50: models[0].ca: none.pem does not exist; paths are relative to the job file"}});
}

TEST_F(JobMessagesTest, Providers) {
  const auto provider = [](const std::string& keys) {
    return Edits{{14, "models: [{id: m, model: x, provider: " + keys + "}]"}};
  };
  EXPECT_CASES(
      {provider("moonshot"),
       {"14:38: models[0].provider: no provider 'moonshot'; any OpenAI-compatible server "
        "works with its base_url:"}},
      {provider("tgi"),
       {"14:10: models[0].base_url: missing; write where the server is, such as "
        "http://127.0.0.1:8080/v1"}},
      {provider("deepseek, response_format: json_schema"),
       {"14:48: models[0].response_format: deepseek isn't known to have json_schema; write json_object or "
        "text"}},
      {provider("swift, response_format: json_object"),
       {"14:45: models[0].response_format: swift isn't known to have json_object; write json_schema or "
        "text"}},
      {provider("vllm, thinking: on"), {"14:54: models[0].thinking: expected off, found 'on'"}},
      {provider("tgi, base_url: 'http://127.0.0.1:80', thinking: off"),
       {"14:76: models[0].thinking: tgi has no switch for it; start the server so that it doesn't think, or "
        "write what it understands into extra_body:"}},
      {provider("openai, base_url: 'http://127.0.0.1:80', thinking: off"),
       {"14:79: models[0].thinking: how a plain OpenAI server is told isn't known; start the server so that "
        "it "
        "doesn't think, or write what it understands into extra_body:, or name its kind in provider: (vllm, "
        "sglang, …)"}},
      {provider("vllm, api: completions, thinking: off"),
       {"14:62: models[0].thinking: only with api: chat; remove it"}},
      {provider("vllm, extra_body: [top_k]"),
       {"14:56: models[0].extra_body: expected a map such as {top_k: 20}, found a list"}},
      {provider("vllm, extra_body: {model: y, stream: true, top_k: 5}"),
       {"14:57: models[0].extra_body.model: slotmill sets this itself; remove it",
        "14:67: models[0].extra_body.stream: slotmill sets this itself; remove it"}},
      {provider("vllm, headers_env: {A B: V, host: V, X-A: sk-SECRET, X-B: [V]}"),
       {"14:58: models[0].headers_env: 'A B' is no header that can be set",
        "14:66: models[0].headers_env: 'host' is no header that can be set",
        "14:80: models[0].headers_env.X-A: expected the name of an environment variable, never the value "
        "itself",
        "14:96: models[0].headers_env.X-B: expected the name of an environment variable, never the value "
        "itself"}},
      {provider("ark, headers_env: {Authorization: V}"),
       {"14:57: models[0].headers_env: Authorization carries the key of api_key_env: already; remove one of "
        "them (api_key_env: '')"}});
  const std::string near = "models: [{id: m, provider: dashcope, model: x, base_url: 'http://127.0.0.1:80'}]";
  EXPECT_EQ(
      load(edited({{14, near}})).warnings.at(0),
      "job.yaml:14:28: models[0].provider: no provider 'dashcope'; did you mean dashscope? It is taken for "
      "a server that speaks plain OpenAI");
}

TEST_F(JobMessagesTest, ModelsInThisProcess) {
  const auto file = [](const std::string& keys) {
    return Edits{{14, "models: [{id: m, file: patterns.txt, " + keys + "}]"}};
  };
  EXPECT_CASES(
      {{{14, "models: [{id: m, file: none.gguf}]"}},
       {"14:24: models[0].file: none.gguf does not exist; paths are relative to the job file"}},
      {{{14, "models: [{id: m, file: shipped, profile: chat, thinking: off, prompt_format: plain}]"}},
       {"14:33: models[0].profile: only with another file: than shipped; remove it",
        "14:48: models[0].thinking: only with another file: than shipped; remove it",
        "14:63: models[0].prompt_format: only with another file: than shipped; remove it"}},
      {{{14, "models: [{id: m, file: shipped, model: x, base_url: 'http://x', start: {}, api: chat}]"}},
       {"14:33: models[0].model: only with provider:; remove it",
        "14:43: models[0].base_url: only with provider:; remove it",
        "14:65: models[0].start: only with provider:; remove it",
        "14:76: models[0].api: only with provider:; remove it"}},
      {{{14, "models: [{id: m, patterns: patterns.txt, sequences: 4, sampling: {}, adapter: x}]"}},
       {"14:42: models[0].sequences: only with file:; remove it",
        "14:56: models[0].sampling: only with file: or provider:; remove it",
        "14:70: models[0].adapter: only with file:; remove it"}},
      {file("adapter: none.gguf"),
       {"14:47: models[0].adapter: none.gguf does not exist; paths are relative to the job file"}},
      {file("adapter: {scale: 200}"),
       {"14:47: models[0].adapter.file: missing; name the GGUF file of the LoRA adapter",
        "14:55: models[0].adapter.scale: expected a number from -100 to 100, found '200'"}},
      {file("prompt_format: alpaca"),
       {"14:53: models[0].prompt_format: expected chatml or llama3 or mistral or gemma or deepseek or plain, "
        "found 'alpaca'"}},
      {file("thinking: on"), {"14:48: models[0].thinking: expected off, found 'on'"}},
      {file("gpu_layers: some"),
       {"14:50: models[0].gpu_layers: expected a whole number from 0 to 10000, found 'some'"}},
      {file("sequences: 0, context: 10, threads: 0"),
       {"14:49: models[0].sequences: expected a whole number from 1 to 250, found '0'",
        "14:61: models[0].context: expected a whole number from 256 to 100000000, found '10'",
        "14:74: models[0].threads: expected a whole number from 1 to 1024, found '0'"}},
      {file("response_format: json_object"),
       {"14:55: models[0].response_format: expected json_schema or text, found 'json_object'"}});
}

TEST_F(JobMessagesTest, Servers) {
  const auto start = [](const std::string& keys) {
    return Edits{{14, "models: [{id: m, provider: openai, model: x, start: {" + keys + "}}]"}};
  };
  EXPECT_CASES(
      {start(""),
       {"14:53: models[0].start.command: missing; write the program and its arguments: [vllm, serve, "
        "MODEL]"}},
      {start("command: []"),
       {"14:63: models[0].start.command: expected the program and its arguments, found a list"}},
      {start("command: vllm serve"),
       {"14:63: models[0].start.command: expected a list such as [vllm, serve, MODEL], found 'vllm serve'"}},
      {start("command: [x], env: {A B: c}, health: 'ftp://x', timeout: 0"),
       {"14:74: models[0].start.env: 'A B' is no name of a variable",
        "14:91: models[0].start.health: expected an address such as http://127.0.0.1:8000/health, found "
        "'ftp://x'",
        "14:111: models[0].start.timeout: expected a duration such as 90s, 2m or 2h, from 1 to 86400 "
        "seconds, "
        "found '0'"}});
}

// Whatever somebody puts where, a secret is not repeated in a message.
TEST_F(JobMessagesTest, SecretsAreNotRepeated) {
  const auto remote = [](const std::string& keys) {
    return Edits{{14, "models: [{id: m, provider: openai, model: x, " + keys + "}]"}};
  };
  EXPECT_CASES({remote("api_key: sk-SECRET"),
                {"14:46: models[0].api_key: a key never stands in a job; put it into an environment variable "
                 "and name that with "
                 "api_key_env:"}},
               {remote("api_key_env: sk-SECRET"),
                {"14:59: models[0].api_key_env: expected the name of an environment variable such as "
                 "OPENAI_API_KEY, never the "
                 "key itself"}},
               {remote("base_url: 'https://u:SECRET@h/v1'"),
                {"14:56: models[0].base_url: an address in a job holds no user, password, ? or #; set "
                 "api_key_env: to the "
                 "variable that holds the key"}},
               {remote("base_url: 'https://h/v1?key=SECRET'"),
                {"14:56: models[0].base_url: an address in a job holds no user, password, ? or #; set "
                 "api_key_env: to the "
                 "variable that holds the key"}},
               {remote("proxy: 'u:SECRET@h:3128'"),
                {"14:53: models[0].proxy: an address in a job holds no user, password, ? or #; leave proxy: "
                 "out and set the "
                 "variable https_proxy"}});
}

TEST_F(JobMessagesTest, SmallParts) {
  EXPECT_CASES(
      {{{13, "rows: {per_intent: 2000000000}"}},
       {"13:20: rows.per_intent: expected a whole number from 0 to 1000000000, found '2000000000'"}},
      {{{13, "rows: {per_intnt: 20}"}}, {"13:8: rows.per_intnt: unknown key; did you mean per_intent?"}},
      {{{13, "rows: 200"}}, {"13:7: rows: expected a map such as {per_intent: 200}, found '200'"}},
      {{{15, "style: {register: casual, a b: [x], length: [], tone: [x, x, ~]}"}},
       {"15:19: style.register: expected a list such as [casual, polite], found 'casual'",
        "15:27: style: 'a b' is no name; use letters, digits and _, at most 64",
        "15:45: style.length: expected at least one style, found a list",
        "15:59: style.tone: 'x' is there twice; remove one",
        "15:62: style.tone: expected text, found nothing"}},
      {{{15, "style: {tone: [\"a\\nb\", \"a\\u200Eb\"]}"}},
       {"15:16: style.tone: several lines of text; write it in one",
        "15:24: style.tone: control character U+200E in the text; remove it"}},
      {{{15, "budget: {cost: 20}"}},
       {"15:16: budget.cost: expected an amount above 0 with its currency such as 20 CNY, found '20'"}},
      {{{15, "budget: {cost: 0 CNY}"}},
       {"15:16: budget.cost: expected an amount above 0 with its currency such as 20 CNY, found '0 CNY'"}},
      {{{15, "budget: {cost: 1.2.3 CNY}"}},
       {"15:16: budget.cost: expected an amount above 0 with its currency such as 20 CNY, found '1.2.3 "
        "CNY'"}},
      {{{15, "budget: {candidates_per_row: 0.5, wall: 2d}"}},
       {"15:30: budget.candidates_per_row: expected a number from 1 to 1000, found '0.5'",
        "15:41: budget.wall: expected a duration such as 90s, 2m or 2h, from 1 to 31622400 seconds, found "
        "'2d'"}},
      {{{15, "duplicates: {per_template: 0}"}},
       {"15:28: duplicates.per_template: expected off or a whole number from 1, found '0'"}},
      {{{15, "check: {require: ['('], forbid: ['a*', x], length: 2–40}"}},
       {"15:19: check.require[0]: missing ): (; write it in RE2's syntax",
        "15:34: check.forbid[0]: 'a*' matches every text, so it forbids all rows; make it match something",
        "15:52: check.length: expected a range of characters such as 2-40, from 1 to 10000, found '2–40'"}},
      {{{15, "check: {length: 0-40}"}},
       {"15:17: check.length: expected a range of characters such as 2-40, from 1 to 10000, found '0-40'"}},
      {{{15, "check: {length: 40-2}"}},
       {"15:17: check.length: expected a range of characters such as 2-40, from 1 to 10000, found '40-2'"}},
      {{{15, "check: {forbid: x}"}}, {"15:17: check.forbid: expected a list such as ['[0-9]+'], found 'x'"}},
      {{{15, "output: {split: {train: 0.8, dev: 0.1}}"}},
       {"15:17: output.split: the shares add up to 0.9; make it 1"}},
      {{{15, "output: {split: {train: 0.8, valid: 0.1, test: 1.1}}"}},
       {"15:30: output.split.valid: unknown key; the keys here are train, dev, test",
        "15:48: output.split.test: expected a number from 0 to 1, found '1.1'"}},
      {{{15, "output: {dir: patterns.txt}"}},
       {"15:10: output.dir: patterns.txt is not a directory; choose another"}},
      {{{15,
         "output: {formats: [{as: excel}, {shape: agent}, {as: rows, system: x}, {as: swift, system: "
         "no.txt}]}"}},
       {"15:25: output.formats[0].as: expected swift or rows, found 'excel'",
        "15:33: output.formats[1].as: missing; write swift or rows",
        "15:60: output.formats[2].system: only with as: swift; remove it",
        "15:92: output.formats[3].system: no.txt does not exist; paths are relative to the job file"}},
      {{{15,
         "output: {formats: [{as: swift, shape: agents}, {as: swift, shape: agent, answer: json, values: "
         "x}]}"}},
       {"15:39: output.formats[0].shape: expected messages or agent, found 'agents'",
        "15:74: output.formats[1].answer: only with shape: messages; remove it",
        "15:96: output.formats[1].values: expected canonical or surface, found 'x'"}},
      {{{15, "output: {formats: [{as: rows}, {as: swift}, {as: rows}]}"}},
       {"15:45: output.formats[2]: the same files as a format above; keep one of them"}},
      {{{15, "output: {formats: [{as: swift, system: empty.txt}]}"}},
       {"15:40: output.formats[0].system: empty.txt is empty; write the system message into it, or leave "
        "system: out"},
       {{"empty.txt", " \n"}}},
      {{{15, "output: {formats: [{as: swift, system: gbk.txt}]}"}},
       {"gbk.txt:1:1: not UTF-8; save the file as UTF-8"},
       {{"gbk.txt", "\xC4\xE3\n"}}},
      {{{15, "templates: {prefix: p.mustache, head: x}"}},
       {"15:21: templates.prefix: p.mustache does not exist; paths are relative to the job file",
        "15:33: templates.head: unknown key; the keys here are prefix, tail"}});
  const Loaded loaded = load(edited({{15, "output: {formats: []}"}}));
  ASSERT_TRUE(loaded.job);
  EXPECT_THAT(loaded.job->output.formats, IsEmpty());
}

}  // namespace
}  // namespace prompts
