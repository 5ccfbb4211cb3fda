#include "tests/validators/deep/deep_testing.h"

#include <fmt/format.h>

#include <array>

#include "base/text.h"

namespace validators::deep {

datasets::Row row(std::string_view intent, std::string_view annotated) {
  datasets::Row row;
  row.language = "en";
  datasets::Frame frame;
  frame.intent = intent;
  for (std::size_t at = 0; at < annotated.size();) {
    if (annotated[at] != '[') {
      row.text += annotated[at++];
      continue;
    }
    const std::size_t colon = annotated.find(':', at);
    const std::size_t end = annotated.find(']', at);
    datasets::Slot slot;
    slot.name = annotated.substr(at + 1, colon - at - 1);
    slot.text = annotated.substr(colon + 1, end - colon - 1);
    slot.value = slot.text;
    slot.start = static_cast<std::uint32_t>(base::count_code_points(row.text));
    row.text += slot.text;
    slot.end = static_cast<std::uint32_t>(base::count_code_points(row.text));
    frame.slots.push_back(std::move(slot));
    at = end + 1;
  }
  row.frames.push_back(std::move(frame));
  return row;
}

std::vector<datasets::Row> rows(std::string_view intent, const std::vector<std::string>& annotated,
                                std::size_t copies) {
  std::vector<datasets::Row> result;
  for (const std::string& text : annotated)
    for (std::size_t i = 0; i < copies; ++i) result.push_back(row(intent, text));
  return result;
}

std::vector<datasets::Row> operator+(std::vector<datasets::Row> a, const std::vector<datasets::Row>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

std::string in_words(const Corpus& corpus, const Opinion& opinion) {
  const auto label = [&](const std::optional<Label>& l) {
    if (!l) return std::string("-");
    return fmt::format("[{}:{}]", corpus.names[l->name],
                       corpus.sentences[opinion.row].surface(l->first, l->last));
  };
  std::string text = fmt::format("{} {}", opinion.row, kind_name(opinion.kind));
  for (const Edit& edit : opinion.edits) text += fmt::format(" {} -> {}", label(edit.from), label(edit.to));
  if (opinion.intent != kNone) text += fmt::format(" -> {}", corpus.intents[opinion.intent]);
  return text;
}

std::vector<std::string> in_words(const Corpus& corpus, const std::vector<Opinion>& opinions) {
  std::vector<std::string> texts;
  for (const Opinion& opinion : opinions) texts.push_back(in_words(corpus, opinion));
  return texts;
}

std::vector<datasets::Row> many_rows() {
  constexpr std::array kArtists = {"queen", "miles davis", "the who", "adele", "pink floyd", "muse", "abba"};
  constexpr std::array kCities = {"rome", "new york", "berlin", "cape town",
                                  "oslo", "lima",     "tokyo",  "paris"};
  constexpr std::array kDays = {"today", "tomorrow", "on monday", "next week", "tonight"};
  constexpr std::array kPlay = {"play {} on my phone", "i want to hear {}", "put on some {} please"};
  constexpr std::array kWeather = {"what is the weather in {} {}", "will it rain {1} in {0}",
                                   "how cold is {} {}"};
  std::vector<datasets::Row> result;
  for (std::size_t i = 0; i < 100; ++i) {
    const std::string artist = fmt::format("[artist:{}]", kArtists[i % kArtists.size()]);
    result.push_back(row("play", fmt::format(fmt::runtime(kPlay[i % kPlay.size()]), artist)));
    const std::string city = fmt::format("[city:{}]", kCities[i % kCities.size()]);
    const std::string day = fmt::format("[day:{}]", kDays[i % kDays.size()]);
    result.push_back(row("weather", fmt::format(fmt::runtime(kWeather[i % kWeather.size()]), city, day)));
  }
  return result;
}

}  // namespace validators::deep
