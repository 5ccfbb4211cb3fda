#include "validators/deep/corpus.h"

#include <algorithm>
#include <unordered_map>

#include "base/text.h"
#include "base/unicode.h"

namespace validators::deep {
namespace {

/// Numbers for strings, by first use.
class Numbers {
 public:
  explicit Numbers(std::vector<std::string>& strings) : strings_(strings) {}
  std::uint32_t operator()(const std::string& string) {
    const auto [it, added] = numbers_.try_emplace(string, static_cast<std::uint32_t>(strings_.size()));
    if (added) strings_.push_back(string);
    return it->second;
  }

 private:
  std::vector<std::string>& strings_;
  std::unordered_map<std::string, std::uint32_t> numbers_;
};

void add_label(const datasets::Slot& slot, std::uint32_t name, std::vector<Label>& labels,
               const std::vector<Word>& words) {
  Label label{name, 0, 0};
  while (label.first < words.size() && words[label.first].end <= slot.start) ++label.first;
  label.last = label.first;
  while (label.last < words.size() && words[label.last].start < slot.end) ++label.last;
  if (label.first < label.last) labels.push_back(label);
}

}  // namespace

const Label* Sentence::label_at(std::uint32_t word) const {
  const auto it = std::find_if(labels.begin(), labels.end(), [&](const Label& l) { return l.covers(word); });
  return it == labels.end() ? nullptr : &*it;
}

std::string Sentence::surface(std::uint32_t first, std::uint32_t last) const {
  return base::to_utf8(
      std::u32string_view(text).substr(words[first].start, words[last - 1].end - words[first].start));
}

Corpus make_corpus(std::span<const datasets::Row> rows) {
  Corpus corpus;
  Numbers word_number(corpus.vocabulary);
  Numbers name_number(corpus.names);
  Numbers intent_number(corpus.intents);
  corpus.sentences.reserve(rows.size());
  for (const datasets::Row& row : rows) {
    Sentence& sentence = corpus.sentences.emplace_back();
    sentence.text = base::to_utf32(row.text);
    sentence.words = split_words(sentence.text);
    for (const Word& word : sentence.words)
      sentence.ids.push_back(word_number(base::fold(
          base::to_utf8(std::u32string_view(sentence.text).substr(word.start, word.end - word.start)))));
    for (const datasets::Frame& frame : row.frames)
      for (const datasets::Slot& slot : frame.slots)
        add_label(slot, name_number(slot.name), sentence.labels, sentence.words);
    std::stable_sort(sentence.labels.begin(), sentence.labels.end(),
                     [](const Label& a, const Label& b) { return a.first < b.first; });
    std::vector<Label> apart;
    std::uint32_t end = 0;
    for (const Label& label : sentence.labels) {
      if (label.first < end) continue;
      apart.push_back(label);
      end = label.last;
    }
    sentence.labels = std::move(apart);
    if (row.kind == datasets::Kind::out_of_scope) {
      sentence.intent = intent_number("out_of_scope");
    } else if (row.frames.size() == 1) {
      sentence.intent = intent_number(row.frames.front().intent);
    }
  }
  return corpus;
}

}  // namespace validators::deep
