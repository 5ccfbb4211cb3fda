#include "local_model/llama_model.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "base/text.h"
#include "base/unicode.h"
#include "local_model/known_words.h"
#include "local_model/shipped_model.h"
#include "tests/local_model/llama_testing.h"

namespace local_model {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

LlamaSpec shipped() {
  LlamaSpec spec;
  spec.id = "tiny";
  spec.compact = true;
  spec.sampling = {0.9, 0.9, 128};
  spec.threads = 1;
  return spec;
}

std::unique_ptr<LlamaModel> make(LlamaSpec spec) {
  LlamaLoader loader;
  auto made = LlamaModel::make(std::move(spec), loader);
  EXPECT_TRUE(made) << made.error().message;
  return std::move(*made);
}

std::string error_of(LlamaSpec spec) {
  LlamaLoader loader;
  const auto made = LlamaModel::make(std::move(spec), loader);
  EXPECT_FALSE(made);
  return made ? "" : made.error().message;
}

void write(const base::Path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

// Submits `count` requests and waits for all; they must outlive the outcomes.
std::vector<model::Request> ask(LlamaModel& model, Collector& collector, int count) {
  std::vector<model::Request> requests;
  for (int n = 0; n < count; ++n) requests.push_back(compact_request(n));
  for (int n = 0; n < count; ++n)
    model.submit(static_cast<model::Ticket>(n), requests[static_cast<std::size_t>(n)], collector);
  collector.wait_for(static_cast<std::size_t>(count));
  return requests;
}

TEST(LlamaModel, TheGrammarIsNeverViolated) {
  LlamaSpec spec = shipped();
  spec.sampling = {1.5, 1.0, 200};  // wild words, so that the grammar has something to refuse
  const auto model = make(spec);
  Collector collector;
  const auto requests = ask(*model, collector, 1000);
  int whole = 0;
  for (std::size_t n = 0; n < requests.size(); ++n) {
    const model::Outcome& outcome = collector.at(n);
    ASSERT_EQ(outcome.kind, model::Outcome::Kind::reply);
    if (outcome.finish == model::Finish::length) continue;  // cut off is not against the grammar
    ++whole;
    EXPECT_TRUE(has_planned_tags(requests[n], outcome.body)) << outcome.body;
    EXPECT_GT(outcome.usage.completion_tokens, 0);
  }
  EXPECT_GT(whole, 900);
}

TEST(LlamaModel, ThreadsOfASmallModelWorkSideBySide) {
  LlamaSpec spec = shipped();
  spec.threads = 3;
  spec.sequences = 2;
  const auto model = make(spec);
  EXPECT_EQ(model->credits(), 6U);
  EXPECT_THAT(model->describe(), AllOf(HasSubstr("3 times 2 sequences"), HasSubstr("3 threads")));
  Collector collector;
  auto requests = ask(*model, collector, 40);
  for (std::size_t n = 0; n < requests.size(); ++n) {
    ASSERT_EQ(collector.at(n).kind, model::Outcome::Kind::reply);
    EXPECT_TRUE(has_planned_tags(requests[n], collector.at(n).body)) << collector.at(n).body;
  }
  // Each has its one outcome, too, when they are told to stop.
  const std::size_t before = requests.size();
  requests.reserve(2 * before);
  for (std::size_t n = before; n < 2 * before; ++n) {
    requests.push_back(compact_request(static_cast<int>(n)));
    model->submit(n, requests[n], collector);
  }
  model->abort();
  collector.wait_for(requests.size());
  EXPECT_EQ(collector.count(), requests.size());
}

TEST(LlamaModel, AboutAnIntentThatItDoesntKnowItUsesTheWordsOfThePrompt) {
  const LlamaWeights& weights = *shipped_weights();
  const KnownWords known(weights.meta("slotmill.intents"), weights.meta("slotmill.function_characters"),
                         weights.meta("slotmill.function_words"));
  LlamaSpec spec = shipped();
  spec.sampling = {1.5, 1.0, 128};
  const auto model = make(spec);
  Collector collector;
  std::vector<model::Request> requests;
  for (int n = 0; n < 100; ++n) {
    model::Request& request = requests.emplace_back(compact_request(n));
    request.prefix = std::make_shared<const std::string>("<|intent|>tune_harp<|desc|>给竖琴调音");
    request.tail = request.tail.substr(request.tail.find("<|slots|>"));
  }
  for (std::size_t n = 0; n < requests.size(); ++n) model->submit(n, requests[n], collector);
  collector.wait_for(requests.size());
  const auto lexicon = known.limit(*requests[0].prefix, requests[0].tail);
  ASSERT_TRUE(lexicon);
  for (std::size_t n = 0; n < requests.size(); ++n) {
    EXPECT_TRUE(has_planned_tags(requests[n], collector.at(n).body)) << collector.at(n).body;
    bool in_tag = false;
    for (const char32_t c : base::to_utf32(collector.at(n).body)) {
      if (c == '[' || c == ']') in_tag = c == '[';
      if (!in_tag && base::is_han(c)) {
        EXPECT_NE(lexicon->characters.find(c), std::u32string::npos) << collector.at(n).body;
      }
    }
  }
}

TEST(LlamaModel, AnEnvelopeEndsAtItsBrace) {
  const auto model = make(shipped());
  Collector collector;
  std::vector<model::Request> requests;
  for (int n = 0; n < 20; ++n) requests.push_back(envelope_request(n, 1 + n % 2));
  for (std::size_t n = 0; n < requests.size(); ++n) model->submit(n, requests[n], collector);
  collector.wait_for(requests.size());
  for (std::size_t n = 0; n < requests.size(); ++n) {
    const model::Outcome& outcome = collector.at(n);
    ASSERT_EQ(outcome.kind, model::Outcome::Kind::reply);
    EXPECT_THAT(outcome.body, ::testing::StartsWith("{\"utterances\": [\""));
    if (outcome.finish == model::Finish::stop) {
      EXPECT_THAT(outcome.body, ::testing::EndsWith("\"]}"));
    }
  }
}

TEST(LlamaModel, TheSameRequestAloneGivesTheSameWords) {
  LlamaSpec spec = shipped();
  spec.sequences = 1;
  const auto model = make(spec);
  Collector first;
  Collector second;
  ask(*model, first, 10);
  ask(*model, second, 10);
  std::set<std::string> different;
  for (model::Ticket n = 0; n < 10; ++n) {
    EXPECT_EQ(first.at(n).body, second.at(n).body);
    different.insert(first.at(n).body);
  }
  EXPECT_GT(different.size(), 8U);
}

TEST(LlamaModel, AbortEndsWhatIsInFlightAndDrainWhatWaits) {
  for (const bool abort : {true, false}) {
    LlamaSpec spec = shipped();
    spec.sequences = 2;
    const auto model = make(spec);
    Collector collector;
    std::vector<model::Request> requests;
    for (int n = 0; n < 200; ++n) requests.push_back(compact_request(n));
    for (std::size_t n = 0; n < requests.size(); ++n) model->submit(n, requests[n], collector);
    if (abort)
      model->abort();
    else
      model->drain();
    collector.wait_for(requests.size());
    int owed = 0;
    for (std::size_t n = 0; n < requests.size(); ++n)
      owed += collector.at(n).kind == model::Outcome::Kind::owed;
    EXPECT_GT(owed, 150);
    // What comes later is owed at once.
    model->submit(1000, requests[0], collector);
    collector.wait_for(requests.size() + 1);
    EXPECT_EQ(collector.at(1000).kind, model::Outcome::Kind::owed);
  }
}

TEST(LlamaModel, APromptLongerThanTheContextFailsAlone) {
  const auto model = make(shipped());
  Collector collector;
  model::Request huge = compact_request(1);
  for (int i = 0; i < 2000; ++i) huge.tail += "长";
  const model::Request fine = compact_request(2);
  model->submit(1, huge, collector);
  model->submit(2, fine, collector);
  collector.wait_for(2);
  EXPECT_EQ(collector.at(1).kind, model::Outcome::Kind::failed);
  EXPECT_THAT(collector.at(1).body, AllOf(HasSubstr("the prompt has"), HasSubstr("raise context:")));
  EXPECT_EQ(collector.at(2).kind, model::Outcome::Kind::reply);
}

TEST(LlamaModel, ASampleThatNoContextHoldsIsRefusedBeforeAnythingIsSent) {
  LlamaSpec spec = shipped();
  std::string tail;
  for (int i = 0; i < 2000; ++i) tail += "长";
  spec.samples.emplace_back("", tail);
  EXPECT_THAT(error_of(spec), HasSubstr("was made for 512 in all"));
  spec.context_tokens = 512;
  EXPECT_THAT(error_of(spec), HasSubstr("raise context:"));
}

TEST(LlamaModel, AnAdapterChangesWhatIsSaidAndItsScaleHowMuch) {
  const base::Path directory = test_directory("adapter");
  const int width = 224;
  write_adapter(directory / "strong.gguf", width, 2);
  LlamaSpec spec = shipped();
  spec.sampling.temperature = 0;
  spec.sequences = 1;
  const auto answers = [&](const base::Path& adapter, double scale) {
    LlamaSpec with = spec;
    with.adapter = adapter;
    with.adapter_scale = scale;
    const auto model = make(with);
    Collector collector;
    ask(*model, collector, 10);
    std::vector<std::string> bodies;
    for (model::Ticket n = 0; n < 10; ++n) bodies.push_back(collector.at(n).body);
    return bodies;
  };
  const auto plain = answers("", 1);
  EXPECT_EQ(answers(directory / "strong.gguf", 0), plain);
  EXPECT_NE(answers(directory / "strong.gguf", 1), plain);
  LlamaSpec one = spec;
  one.adapter = directory / "strong.gguf";
  LlamaSpec half = one;
  half.adapter_scale = 0.5;
  EXPECT_NE(make(one)->identity().adapter, make(half)->identity().adapter);
}

TEST(LlamaModel, FilesThatAreNoModelAreNamedWithTheReason) {
  const base::Path directory = test_directory("bad_files");
  LlamaSpec spec = shipped();
  spec.file = directory / "missing.gguf";
  EXPECT_THAT(error_of(spec), AllOf(HasSubstr("missing.gguf"), HasSubstr("No such file")));
  write(directory / "text.gguf", "not a model");
  spec.file = directory / "text.gguf";
  EXPECT_THAT(error_of(spec), HasSubstr("text.gguf is no GGUF file"));
  write(directory / "cut.gguf", shipped_model().substr(0, shipped_model().size() / 2));
  spec.file = directory / "cut.gguf";
  EXPECT_THAT(error_of(spec),
              AllOf(HasSubstr("cut.gguf can't be loaded: "), HasSubstr("not within the file bounds")));
  spec = shipped();
  write_adapter(directory / "other.gguf", 96, 1);
  spec.adapter = directory / "other.gguf";
  EXPECT_THAT(error_of(spec), HasSubstr("other.gguf doesn't fit"));
  spec = shipped();
  spec.compact = false;
  EXPECT_THAT(error_of(spec), HasSubstr("add profile: compact"));
  spec = shipped();
  spec.gpu_layers = -1;
  if (gpu_count() == 0) {
    EXPECT_THAT(error_of(spec), HasSubstr("sees no GPU"));
  }
}

TEST(LlamaModel, AFileCutAnywhereIsAnErrorAndNoCrash) {
  const base::Path directory = test_directory("cut");
  const std::string_view whole = shipped_model();
  LlamaSpec spec = shipped();
  spec.file = directory / "cut.gguf";
  for (std::size_t i = 0; i < 1000; ++i) {
    // Half of them in the header, where the structure is.
    const std::size_t size = i < 500 ? i * 200'000 / 500 : i * (whole.size() - 1) / 1000;
    write(spec.file, whole.substr(0, size));
    EXPECT_THAT(error_of(spec), HasSubstr("cut.gguf")) << size;
  }
}

TEST(LlamaModel, EmbedsTexts) {
  LlamaSpec spec = shipped();
  spec.embeddings = true;
  const auto model = make(spec);
  EXPECT_TRUE(model->capabilities().embeds);
  Collector collector;
  std::vector<model::Request> requests;
  for (const char* text :
       {"把主屏音量调到三十", "把副屏音量调到四十", "turn on the kitchen lights", "", "把主屏音量调到三十"}) {
    model::Request request;
    request.purpose = model::Purpose::embed;
    request.tail = text;
    requests.push_back(request);
  }
  for (int i = 0; i < 50; ++i) requests.push_back(requests[0]);
  for (std::size_t n = 0; n < requests.size(); ++n) model->submit(n, requests[n], collector);
  collector.wait_for(requests.size());
  const auto cosine = [&](model::Ticket a, model::Ticket b) {
    double sum = 0;
    for (std::size_t i = 0; i < collector.at(a).embedding.size(); ++i)
      sum += static_cast<double>(collector.at(a).embedding[i]) * collector.at(b).embedding[i];
    return sum;
  };
  ASSERT_EQ(collector.at(0).embedding.size(), 224U);
  EXPECT_NEAR(cosine(0, 0), 1, 1e-5);
  EXPECT_NEAR(cosine(0, 4), 1, 1e-3);
  EXPECT_GT(cosine(0, 1), cosine(0, 2));
}

}  // namespace
}  // namespace local_model
