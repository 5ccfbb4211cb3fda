#include "prompts/renderer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <thread>

namespace prompts {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

Job job_in(const std::string& language) {
  const bool zh = language == "zh-Hans";
  Job job;
  job.file = "job.yaml";
  job.name = "meeting-room";
  job.language = language;
  job.seed = 7;
  job.per_request = 3;
  job.slot_types.push_back(SlotType::of_numbers("level", {0, 100, 1, {Written::arabic}}, language));
  job.slot_types.push_back(SlotType::of_values("device", SlotType::Form::values,
                                               {{"主屏 <&>", "主屏"}, {"副[1]屏", "副屏"}}, false, zh));
  Intent volume;
  volume.name = "set_volume";
  volume.description = "调节音量 & \"音效\"\n见 {{level}}";
  volume.slots = {{"level", 0, true, false}, {"device", 1, false, true}};
  volume.examples = {*parse_annotation("把[device:主屏]调到[level:三十]")};
  volume.contrast = {"mute"};
  Intent mute;
  mute.name = "mute";
  mute.description = "静音";
  mute.slots = {{"device", 1, false, false}};
  Intent start;
  start.name = "start_meeting";
  start.description = "开始会议";
  job.intents = {volume, mute, start};
  job.rows = {10, 10, 10, 10};
  job.style = {{"register", {"口语", "礼貌"}}, {"length", {"3-6", "7-12"}}};
  return job;
}

struct Rendered {
  explicit Rendered(Job made) : job(std::move(made)) {
    auto planned = make_plan(job);
    EXPECT_TRUE(planned);
    plan = std::move(*planned);
    auto made_renderer = Renderer::make(job);
    EXPECT_TRUE(made_renderer) << made_renderer.error().message;
    renderer = std::make_unique<Renderer>(std::move(*made_renderer));
  }
  std::string prefix(std::size_t lane) const { return renderer->prefix(plan.lanes[lane], Profile::chat); }
  std::string tail(const Cell& cell, const AttemptPlan& attempt) const {
    return renderer->tail(cell, attempt, Profile::chat);
  }

  Job job;
  Plan plan;
  std::unique_ptr<Renderer> renderer;
};

AttemptPlan asked(std::vector<model::PlannedUtterance> utterances,
                  std::vector<std::vector<std::size_t>> styles) {
  AttemptPlan plan;
  plan.utterances = std::move(utterances);
  plan.styles = std::move(styles);
  plan.salt = 5;
  return plan;
}

TEST(Renderer, BuiltInTemplatesRenderEveryLaneWithoutGaps) {
  for (const char* language : {"zh-Hans", "en"}) {
    const Rendered r(job_in(language));
    for (const Lane& lane : r.plan.lanes) {
      const std::string prefix = r.renderer->prefix(lane, Profile::chat);
      EXPECT_THAT(prefix, AllOf(HasSubstr("meeting-room"), HasSubstr("{\"utterances\": ["),
                                Not(HasSubstr("\n\n\n")), Not(EndsWith("\n")), HasSubstr("register")))
          << lane.name;
      for (const Cell& cell : lane.cells) {
        const std::string tail = r.tail(cell, plan_attempt(r.job, cell, 0, r.job.per_request));
        EXPECT_THAT(tail, AllOf(HasSubstr("3"), HasSubstr("\n\n1."), HasSubstr("\n2."), HasSubstr("\n3."),
                                Not(HasSubstr("\n\n\n")), Not(StartsWith("\n")), Not(EndsWith("\n"))))
            << cell.id;
      }
    }
  }
}

TEST(Renderer, InScopePrefixSaysWhatIsMeant) {
  const Rendered r(job_in("zh-Hans"));
  // Nothing is HTML-escaped, nothing in a description is taken for a template.
  EXPECT_THAT(r.prefix(0),
              AllOf(HasSubstr("set_volume：调节音量 & \"音效\" 见 {{level}}\n"), HasSubstr("\n- level，如："),
                    HasSubstr("\n- device（一句可有多个值，逐个标注），如：主屏 <&>、副[1]屏"),
                    HasSubstr("\n- mute：静音"), HasSubstr("\n- 把[device:主屏]调到[level:三十]\n"),
                    HasSubstr("简体中文"), HasSubstr("原样放进句子")));
  // What names this intent as its contrast is its contrast too.
  EXPECT_THAT(r.prefix(1), HasSubstr("\n- set_volume：调节"));
  // No slots: not a word about tags.
  EXPECT_THAT(r.prefix(2), AllOf(HasSubstr("start_meeting：开始会议"), Not(HasSubstr("槽位")),
                                 Not(HasSubstr("易混淆")), Not(HasSubstr("示例"))));
}

TEST(Renderer, OutOfScopeAndMultiIntentPrefixesListAllIntents) {
  for (const char* language : {"zh-Hans", "en"}) {
    const Rendered r(job_in(language));
    for (const std::size_t lane : {3u, 4u})
      for (const Intent& intent : r.job.intents) EXPECT_THAT(r.prefix(lane), HasSubstr("\n- " + intent.name));
    EXPECT_THAT(r.prefix(3), Not(HasSubstr("set_volume.level")));
    EXPECT_THAT(r.prefix(4), HasSubstr("set_volume.level"));
  }
}

TEST(Renderer, LinesHaveTheFormThatProvidersRead) {
  const Rendered r(job_in("zh-Hans"));
  const auto& lanes = r.plan.lanes;
  EXPECT_THAT(
      r.tail(lanes[0].cells[1], asked({{{{"set_volume", {{"level", "百分之三十"}, {"device", "副[1]屏"}}}}},
                                       {{{"set_volume", {{"level", "a\\b"}}}}},
                                       {{{"set_volume", {}}}}},
                                      {{0, 1}, {1, 0}, {0, 0}})),
      EndsWith("\n\n1. [level:百分之三十] [device:副\\[1\\]屏] | 口语, 7-12\n"
               "2. [level:a\\\\b] | 礼貌, 3-6\n"
               "3. | 口语, 3-6"));
  EXPECT_THAT(r.tail(lanes[4].cells[0], asked({{{{"start_meeting", {}}, {"set_volume", {{"level", "三十"}}}}},
                                               {{{"mute", {{"device", "主屏"}}}, {"start_meeting", {}}}}},
                                              {{1, 0}, {0, 0}})),
              EndsWith("\n\n1. start_meeting + set_volume [set_volume.level:三十] | 礼貌, 3-6\n"
                       "2. mute + start_meeting [mute.device:主屏] | 口语, 3-6"));
  const std::vector<model::PlannedUtterance> far = {{{{"out_of_scope_far", {}}}}};
  EXPECT_THAT(r.tail(lanes[3].cells[1], asked(far, {{0, 0}})), EndsWith("\n\n1. | 口语, 3-6"));
}

TEST(Renderer, NearOutOfScopeNamesAnIntentToComeCloseTo) {
  const Rendered r(job_in("zh-Hans"));
  const Cell& near = r.plan.lanes[3].cells[0];
  const std::string tail = r.tail(near, plan_attempt(r.job, near, 0, r.job.per_request));
  for (const Intent& intent : r.job.intents) EXPECT_THAT(tail, HasSubstr(". " + intent.name + " | "));
  EXPECT_EQ(tail, r.tail(near, plan_attempt(r.job, near, 0, r.job.per_request)));
}

TEST(Renderer, WithoutStyles) {
  Job job = job_in("en");
  job.style.clear();
  const Rendered r(job);
  EXPECT_THAT(r.prefix(0), Not(HasSubstr("style")));
  EXPECT_THAT(r.tail(r.plan.lanes[2].cells[0], asked({{{{"start_meeting", {}}}}}, {{}})), EndsWith("\n1. |"));
}

base::Path write(const std::string& name, const std::string& text) {
  const base::Path path = base::Path(testing::TempDir()) / name;
  std::ofstream(path) << text;
  return path;
}

TEST(Renderer, OwnTemplates) {
  Job job = job_in("zh-Hans");
  job.prefix_template =
      write("own.prefix.mustache",
            "{{assistant}}/{{intent}}/{{#slots}}{{name}}{{#required}}!{{/required}} {{/slots}}\n\n");
  job.tail_template = write("own.tail.mustache", "{{count}}:\n{{{lines}}}\n");
  const Rendered r(job);
  EXPECT_EQ(r.prefix(0), "meeting-room/set_volume/level! device ");
  EXPECT_EQ(r.tail(r.plan.lanes[2].cells[0], asked({{{{"start_meeting", {}}}}}, {{0, 0}})),
            "1:\n1. | 口语, 3-6");
}

TEST(Renderer, RefusesBadTemplates) {
  const auto message = [](const Job& job) {
    const auto renderer = Renderer::make(job);
    return renderer ? std::string() : renderer.error().message;
  };
  Job job = job_in("zh-Hans");
  job.tail_template = write("bad.tail.mustache", "{{coun}}");
  EXPECT_EQ(message(job),
            job.tail_template.string() + ":1: unknown name {{coun}}, did you mean {{count}}?\n" +
                job.tail_template.string() + ": {{{lines}}} is missing: it is what the model is asked for");
  job = job_in("zh-Hans");
  job.prefix_template = write("bad.prefix.mustache", "\n{{#slots}}{{count}}");
  EXPECT_THAT(message(job), AllOf(HasSubstr(":2: unknown name {{count}}"),
                                  HasSubstr(":2: section {{#slots}} is never closed")));
  job.prefix_template = base::Path(testing::TempDir()) / "missing.mustache";
  EXPECT_THAT(message(job), HasSubstr("missing.mustache"));
}

TEST(Renderer, AnyThread) {
  const Rendered r(job_in("zh-Hans"));
  const Cell& cell = r.plan.lanes[0].cells[0];
  const AttemptPlan plan = plan_attempt(r.job, cell, 1, r.job.per_request);
  const std::string prefix = r.prefix(0);
  const std::string tail = r.tail(cell, plan);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        EXPECT_EQ(r.prefix(0), prefix);
        EXPECT_EQ(r.tail(cell, plan), tail);
      }
    });
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace prompts
