// Second opinions (validators/deep) on real rows with faults put into them: a tenth of the rows, one fault
// each, kinds in equal numbers. How many of them are found, and how many rows that were left alone are
// listed.
//
//   deep_bench [--per-intent N] [--without-last N] [--seeds N] [--least SCORE] [--counts] FILE...
//
// FILE: what `slotmill validate` reads. --per-intent draws N rows of each intent, anew for each seed;
// --without-last leaves the last N rows of each intent out; --counts asks only the sources that count.
//
// Faults: a slot without its label; a label with a word more or less at one end; a label under another name
// that the intent has; two labels under each other's names; one or two words outside of all labels under a
// name that the intent has; another intent. Prints, pooled over the seeds, recall by kind (a row counts as
// found whatever is said of it), false positives among rows that were left alone (real data have faults of
// their own, so this is too high), precision at 10 % of faults, for the sources that count and for all, at
// several lengths of the list; precision by kind; CPU seconds.
#include <fmt/format.h>
#include <tbb/parallel_for.h>
#include <time.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/text.h"
#include "bench/random.h"
#include "datasets/readers/reader.h"
#include "validators/deep/boundary_variants.h"
#include "validators/deep/gazetteer.h"
#include "validators/deep/intent_slots.h"
#include "validators/deep/intent_votes.h"
#include "validators/deep/labelled_words.h"
#include "validators/deep/ranking.h"
#include "validators/deep/second_opinions.h"
#include "validators/deep/tagger_votes.h"
#include "validators/deep/value_majority.h"

namespace {

using datasets::Row;
using namespace validators::deep;

constexpr std::size_t kKinds = 6;
constexpr int kClean = -1;
constexpr std::array<double, 9> kRates = {1, 2, 4, 5.9, 6.5, 7.4, 9.8, 13, 21.3};

using bench::Random;

/// Puts faults into rows; which names an intent has is what the rows have.
class Faults {
 public:
  Faults(const std::vector<Row>& rows, std::uint64_t seed) : random_(seed) {
    std::map<std::string, std::set<std::string>> names;
    for (const Row& row : rows) {
      auto& of_intent = names[row.frames.front().intent];
      for (const auto& slot : row.frames.front().slots) of_intent.insert(slot.name);
    }
    for (const auto& [intent, of_intent] : names) {
      intents_.push_back(intent);
      names_[intent].assign(of_intent.begin(), of_intent.end());
    }
  }

  /// False if the row can't have that fault.
  bool put(Kind kind, Row& row) {
    frame_ = &row.frames.front();
    text_ = base::to_utf32(row.text);
    words_ = split_words(text_);
    switch (kind) {
      case Kind::missed:
        return miss();
      case Kind::boundary:
        return move_boundary();
      case Kind::type:
        return rename();
      case Kind::swapped:
        return swap();
      case Kind::spurious:
        return add();
      case Kind::intent:
        return change_intent();
    }
    return false;
  }

 private:
  std::vector<datasets::Slot>& slots() { return frame_->slots; }
  const std::vector<std::string>& names() { return names_.at(frame_->intent); }
  bool is_free(std::size_t word) {
    return std::none_of(slots().begin(), slots().end(), [&](const auto& slot) {
      return slot.start < words_[word].end && words_[word].start < slot.end;
    });
  }
  void set_place(datasets::Slot& slot, std::size_t first, std::size_t last) {
    slot.start = words_[first].start;
    slot.end = words_[last - 1].end;
    slot.text = base::to_utf8(std::u32string_view(text_).substr(slot.start, slot.end - slot.start));
    slot.value = slot.text;
  }

  bool miss() {
    if (slots().empty()) return false;
    slots().erase(slots().begin() + static_cast<std::ptrdiff_t>(random_.below(slots().size())));
    return true;
  }
  bool move_boundary() {
    if (slots().empty()) return false;
    auto& slot = slots()[random_.below(slots().size())];
    std::size_t first = 0;
    while (first < words_.size() && words_[first].end <= slot.start) ++first;
    std::size_t last = first;
    while (last < words_.size() && words_[last].start < slot.end) ++last;
    if (first == last) return false;
    std::vector<std::pair<std::size_t, std::size_t>> ways;
    if (last - first > 1) ways = {{first + 1, last}, {first, last - 1}};
    if (first > 0 && is_free(first - 1)) ways.emplace_back(first - 1, last);
    if (last < words_.size() && is_free(last)) ways.emplace_back(first, last + 1);
    if (ways.empty()) return false;
    const auto way = ways[random_.below(ways.size())];
    set_place(slot, way.first, way.second);
    return true;
  }
  bool rename() {
    if (slots().empty() || names().size() < 2) return false;
    auto& slot = slots()[random_.below(slots().size())];
    const std::string before = slot.name;
    while (slot.name == before) slot.name = names()[random_.below(names().size())];
    return true;
  }
  bool swap() {
    constexpr int kTries = 20;
    for (int i = 0; i < kTries && slots().size() > 1; ++i) {
      auto& a = slots()[random_.below(slots().size())];
      auto& b = slots()[random_.below(slots().size())];
      if (a.name == b.name) continue;
      std::swap(a.name, b.name);
      return true;
    }
    return false;
  }
  bool add() {
    constexpr int kTries = 20;
    for (int i = 0; i < kTries && !words_.empty() && !names().empty(); ++i) {
      const std::size_t first = random_.below(words_.size());
      const std::size_t last = first + 1 + random_.below(2);
      if (last > words_.size() || !is_free(first) || !is_free(last - 1)) continue;
      auto& slot = slots().emplace_back();
      slot.name = names()[random_.below(names().size())];
      set_place(slot, first, last);
      std::sort(slots().begin(), slots().end(),
                [](const auto& a, const auto& b) { return a.start < b.start; });
      return true;
    }
    return false;
  }
  bool change_intent() {
    const std::string before = frame_->intent;
    while (frame_->intent == before) frame_->intent = intents_[random_.below(intents_.size())];
    return true;
  }

  Random random_;
  std::vector<std::string> intents_;
  std::map<std::string, std::vector<std::string>> names_;
  datasets::Frame* frame_ = nullptr;
  std::u32string text_;
  std::vector<Word> words_;
};

/// The kind of each row's fault, kClean for none.
std::vector<int> put_faults(std::vector<Row>& rows, std::uint64_t seed) {
  std::vector<int> faults(rows.size(), kClean);
  Faults maker(rows, seed);
  const base::Permutation order(seed, rows.size());
  std::size_t done = 0;
  for (std::size_t i = 0; i < rows.size() && done < rows.size() / 10; ++i) {
    const std::size_t row = order(i);
    const auto kind = static_cast<Kind>(done % kKinds);
    if (!maker.put(kind, rows[row])) continue;
    faults[row] = static_cast<int>(kind);
    ++done;
  }
  return faults;
}

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

struct Found {
  std::array<std::size_t, kKinds> by_kind{};
  std::size_t clean = 0;
};

/// What a list says, pooled over the seeds.
class Table {
 public:
  explicit Table(std::string name) : name_(std::move(name)) {}

  void add(const std::vector<Candidate>& list, const std::vector<int>& faults, double least) {
    std::size_t clean = 0;
    for (const int fault : faults)
      (fault == kClean ? clean : all_.by_kind[static_cast<std::size_t>(fault)])++;
    all_.clean += clean;
    std::vector<bool> seen(faults.size());
    Found found;
    std::size_t rate = 0;
    bool printed = false;
    const auto close = [&](bool end) {
      for (; rate < kRates.size(); ++rate) {
        if (!end && 100.0 * static_cast<double>(found.clean + 1) <= kRates[rate] * static_cast<double>(clean))
          return;
        pool(at_rate_[rate], found);
      }
    };
    for (const Candidate& candidate : list) {
      if (!printed && candidate.score < least) {
        pool(at_least_, found);
        printed = true;
      }
      const int fault = faults[candidate.row];
      if (candidate.score >= least) {
        auto& [right, listed] = kinds_[static_cast<std::size_t>(candidate.kind)];
        ++listed;
        right += fault != kClean;
      }
      if (seen[candidate.row]) continue;
      seen[candidate.row] = true;
      if (fault != kClean) {
        ++found.by_kind[static_cast<std::size_t>(fault)];
        continue;
      }
      close(false);
      ++found.clean;
    }
    close(true);
    if (!printed) pool(at_least_, found);
  }

  void print(double least) const {
    for (std::size_t rate = 0; rate < kRates.size(); ++rate)
      print_line(fmt::format("at {:.1f} %", kRates[rate]), at_rate_[rate]);
    print_line(fmt::format("score {} and more", least), at_least_);
  }
  void print_kinds() const {
    for (std::size_t kind = 0; kind < kKinds; ++kind)
      fmt::print("  {:14} listed {:5}, in a row with a fault {:3.0f} %\n", kind_name(static_cast<Kind>(kind)),
                 kinds_[kind].second, percent(kinds_[kind].first, kinds_[kind].second));
  }

 private:
  static double percent(std::size_t part, std::size_t whole) {
    return whole == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
  }
  static void pool(Found& pooled, const Found& found) {
    for (std::size_t kind = 0; kind < kKinds; ++kind) pooled.by_kind[kind] += found.by_kind[kind];
    pooled.clean += found.clean;
  }
  void print_line(const std::string& setting, const Found& found) const {
    std::string line = fmt::format("{:6} | {:18} |", name_, setting);
    std::size_t right = 0;
    for (std::size_t kind = 0; kind < kKinds; ++kind) {
      line += fmt::format(" {:5.0f}", percent(found.by_kind[kind], all_.by_kind[kind]));
      right += found.by_kind[kind];
    }
    fmt::print("{} | {:4.1f} | {:3.0f}\n", line, percent(found.clean, all_.clean),
               percent(right, right + found.clean));
  }

  std::string name_;
  Found all_;
  std::array<Found, kRates.size()> at_rate_{};
  Found at_least_;
  std::array<std::pair<std::size_t, std::size_t>, kKinds> kinds_{};
};

/// The rows of one intent and no other kind, those of each intent together.
std::map<std::string, std::vector<Row>> read(const std::vector<std::string>& files) {
  std::map<std::string, std::vector<Row>> rows;
  for (const std::string& file : files) {
    auto data = datasets::read_data_file(file, std::nullopt);
    if (!data) {
      fmt::print(stderr, "{}\n", data.error().message);
      std::exit(2);
    }
    for (auto& read : data->reading.rows) {
      Row& row = read.row;
      if (row.frames.size() != 1) continue;
      auto& of_intent = rows[row.frames.front().intent];
      of_intent.push_back(std::move(row));
    }
  }
  return rows;
}

std::vector<Row> choose(const std::map<std::string, std::vector<Row>>& all, std::size_t per_intent,
                        std::size_t without_last, std::uint64_t seed) {
  std::vector<Row> rows;
  for (const auto& [intent, of_intent] : all) {
    const std::size_t size = of_intent.size() - std::min(without_last, of_intent.size());
    const base::Permutation order(base::mix(seed, 1), size);
    for (std::size_t i = 0; i < size && (per_intent == 0 || i < per_intent); ++i)
      rows.push_back(of_intent[per_intent == 0 ? i : order(i)]);
  }
  return rows;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("second opinions on rows with faults");
  std::size_t per_intent = 0;
  std::size_t without_last = 0;
  std::uint64_t seeds = 1;
  double least = kLeastScore;
  std::vector<std::string> files;
  app.add_option("--per-intent", per_intent);
  app.add_option("--without-last", without_last);
  app.add_option("--seeds", seeds);
  app.add_option("--least", least);
  bool counts_only = false;
  app.add_flag("--counts", counts_only);
  app.add_option("files", files)->required();
  CLI11_PARSE(app, argc, argv);

  const auto all = read(files);
  Table counting("counts");
  Table everything("all");
  std::map<std::string, double> seconds;
  std::size_t rows_in_all = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    std::vector<Row> rows = choose(all, per_intent, without_last, seed);
    rows_in_all += rows.size();
    const std::vector<int> faults = put_faults(rows, seed);
    double before = cpu_seconds();
    const auto lap = [&](const std::string& what) {
      const double now = cpu_seconds();
      seconds[what] += now - before;
      before = now;
    };
    const Corpus corpus = make_corpus(rows);
    const ValueCounts counts(corpus);
    const SharedValues shared(corpus, counts, {});
    std::vector<Opinion> opinions = gazetteer(corpus, counts);
    const auto take = [&](const std::vector<Opinion>& more) {
      opinions.insert(opinions.end(), more.begin(), more.end());
    };
    take(labelled_words(corpus));
    take(value_majority(corpus, counts, shared));
    take(boundary_variants(corpus, counts));
    take(intent_slots(corpus, counts));
    lap("counts");
    counting.add(rank(corpus, opinions, 0), faults, least);
    if (counts_only) continue;
    before = cpu_seconds();
    take(intent_votes(corpus));
    lap("intents");
    take(tagger_votes(corpus));
    lap("taggers");
    const std::vector<Candidate> list = rank(corpus, opinions, 0);
    lap("ranking");
    everything.add(list, faults, least);
  }
  fmt::print("{} rows, {} intents, {} seeds\n", rows_in_all / seeds, all.size(), seeds);
  fmt::print("source | list               | missed bound type  swap  spur  intent | FPR | prec\n");
  counting.print(least);
  if (!counts_only) everything.print(least);
  (counts_only ? counting : everything).print_kinds();
  for (const auto& [what, cpu] : seconds)
    fmt::print("  CPU {:8} {:6.2f} s\n", what, cpu / static_cast<double>(seeds));
  return 0;
}
