#include "local_model/pattern_model.h"

#include <gtest/gtest.h>

#include <set>

#include "base/hash.h"
#include "pattern_testing.h"

namespace local_model {
namespace {

constexpr const char* kPatterns = "%[x]\n  {a|b|c|d|e|f|g|h}{1|2|3|4|5|6|7|8}@[s?]\n";

TEST(PatternModel, SaysWhoItIs) {
  const auto model = loaded(kPatterns);
  EXPECT_EQ(model->identity().provider, "patterns");
  EXPECT_EQ(model->identity().name, base::to_hex(base::hash64(kPatterns)));
  EXPECT_EQ(model->identity().adapter, "");
  EXPECT_FALSE(model->capabilities().reads_prompt);
  EXPECT_FALSE(model->capabilities().follows_style);
  EXPECT_EQ(model->credits(), 64u);
}

TEST(PatternModel, EqualRequestsGetEqualReplies) {
  const auto model = loaded(kPatterns);
  const auto again = loaded(kPatterns);
  const std::vector utterances(20, one("x", {{"s", "V"}}));
  const auto reply = ask(*model, request_for(utterances, 5));
  EXPECT_EQ(reply.body, ask(*model, request_for(utterances, 5)).body);
  EXPECT_EQ(reply.body, ask(*again, request_for(utterances, 5)).body);
  EXPECT_NE(reply.body, ask(*model, request_for(utterances, 6)).body);
  EXPECT_EQ(reply.finish, model::Finish::stop);
  // Within a request each utterance is a draw of its own.
  const auto texts = utterances_of(reply);
  EXPECT_EQ(texts.size(), 20u);
  EXPECT_GT(std::set<std::string>(texts.begin(), texts.end()).size(), 10u);
}

// The choices are part of what stored replies are worth: they change only on purpose.
TEST(PatternModel, ChoicesAreFixed) {
  const auto model = loaded(kPatterns);
  EXPECT_EQ(ask(*model, request_for({one("x"), one("x", {{"s", "V"}}), one("x")}, 1)).body,
            R"({"utterances":["f8","c5[s:V]","h3"]})");
}

TEST(PatternModel, WritesTheWireFormat) {
  const auto model = loaded("%[x]\n  说\"@[s]\"\\[\\]\n");
  EXPECT_EQ(ask(*model, request_for({one("x", {{"s", "a[b]\\\"\n歌"}})})).body,
            R"({"utterances":["说\"[s:a\\[b\\]\\\\\"\n歌]\"\\[\\]"]})");
  EXPECT_EQ(ask(*model, request_for({})).body, R"({"utterances":[]})");
}

TEST(PatternModel, LeavesOutWhatNoPatternSays) {
  const auto model = loaded("%[x]\n  a@[s]\n");
  const auto outcome = ask(*model, request_for({one("x", {{"s", "1"}}), one("x", {{"s", "1"}, {"s", "2"}}),
                                                one("x"), one("x", {{"s", "3"}})}));
  EXPECT_EQ(outcome.body, R"({"utterances":["a[s:1]","a[s:3]"]})");
}

TEST(PatternModel, FailsWithoutAnEntry) {
  const auto model = loaded("%[x]\n  a\n%[y]\n  b\n");
  const auto missing = [&](model::PlannedUtterance utterance) {
    const auto outcome = ask(*model, request_for({one("x"), std::move(utterance)}));
    EXPECT_EQ(outcome.kind, model::Outcome::Kind::failed);
    return outcome.body.substr(outcome.body.find(" has no"));
  };
  EXPECT_EQ(missing(one("z")), " has no patterns for an utterance of %[z]");
  EXPECT_EQ(missing(two("x", {}, "y", {})),
            " has no patterns for an utterance of %[x], %[y], %[multi_intent]");
  EXPECT_EQ(missing({}), " has no patterns for an utterance of %[multi_intent]");

  // A plan that names the frame of frames would be said within itself.
  const auto nested = loaded("%[x]\n  a\n%[multi_intent]\n  &[1]&[2]\n");
  EXPECT_EQ(ask(*nested, request_for({one("multi_intent")})).kind, model::Outcome::Kind::failed);
  EXPECT_EQ(ask(*nested, request_for({two("x", {}, "multi_intent", {})})).kind, model::Outcome::Kind::failed);
}

TEST(PatternModel, OutOfScope) {
  const auto model = loaded("%[out_of_scope_near]\n  近\n%[out_of_scope_far]\n  远\n", "zh-Hans",
                            {{"out_of_scope_near", {}, {}}, {"out_of_scope_far", {}, {}}});
  EXPECT_EQ(only(*model, one("out_of_scope_near")), "近");
  EXPECT_EQ(only(*model, one("out_of_scope_far")), "远");
}

TEST(PatternModel, NamesAFileThatIsNotThere) {
  const auto model = PatternModel::load(base::Path(testing::TempDir()) / "no_such_patterns.txt", "en", {});
  ASSERT_FALSE(model);
  EXPECT_NE(model.error().message.find("no_such_patterns.txt"), std::string::npos);
}

// The example of docs/patterns.md.
TEST(PatternModel, DocumentedExample) {
  const auto model = loaded(
      "// how to ask for a volume\n"
      "%[set_volume]\n"
      "    *[3] ~[please?]把@[device]的{音量|声音}调到@[level]\n"
      "    @[device?]音量@[level]\n"
      "    {太吵了|声音太大了}，调到@[level]{吧|就行}?\n"
      "\n"
      "~[please]\n"
      "    *[2] 请\n"
      "    麻烦\n"
      "    帮我\n",
      "zh-Hans", {{"set_volume", {"level", "device"}, {{"level"}, {"level", "device"}}}});
  EXPECT_EQ(model->count_wordings("set_volume", {"level"}, 100), 7u);
  EXPECT_EQ(model->count_wordings("set_volume", {"device", "level"}, 100), 9u);
}

}  // namespace
}  // namespace local_model
