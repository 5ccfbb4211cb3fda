#include "validators/deep/intent_votes.h"

#include <fmt/format.h>
#include <linear.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <string_view>
#include <unordered_map>

#include "validators/deep/folds.h"

namespace validators::deep {
namespace {

/// The rows as liblinear takes them: sorted indices from 1, each row of length 1, closed by index -1.
class Vectors {
 public:
  explicit Vectors(const Corpus& corpus) {
    std::vector<std::vector<std::uint64_t>> rows;
    struct Use {
      std::uint32_t rows = 0;
      int index = 0;
    };
    std::unordered_map<std::uint64_t, Use> uses;
    for (const Sentence& sentence : corpus.sentences) {
      auto& row = rows.emplace_back();
      std::uint64_t before = kEdge;
      for (const std::uint32_t id : sentence.ids) {
        row.push_back(base::mix(kWord, id));
        row.push_back(base::mix(base::mix(kPair, before), id));
        before = id;
      }
      row.push_back(base::mix(base::mix(kPair, before), kEdge));
      for (const Label& label : sentence.labels) row.push_back(base::mix(kName, label.name));
      std::sort(row.begin(), row.end());
      row.erase(std::unique(row.begin(), row.end()), row.end());
      for (const std::uint64_t feature : row) ++uses[feature].rows;
    }
    // What stands in one row alone tells nothing of another.
    for (const auto& row : rows) {
      starts_.push_back(nodes_.size());
      for (const std::uint64_t feature : row) {
        Use& use = uses[feature];
        if (use.rows < 2) continue;
        if (use.index == 0) use.index = ++size_;
        nodes_.push_back({use.index, 1});
      }
      const auto first = nodes_.begin() + static_cast<std::ptrdiff_t>(starts_.back());
      std::sort(first, nodes_.end(),
                [](const feature_node& a, const feature_node& b) { return a.index < b.index; });
      const double length = std::sqrt(static_cast<double>(nodes_.end() - first));
      std::for_each(first, nodes_.end(), [&](feature_node& node) { node.value = 1 / length; });
      nodes_.push_back({-1, 0});
    }
  }
  int size() const { return size_; }
  feature_node* row(std::size_t row) { return nodes_.data() + starts_[row]; }

 private:
  static constexpr std::uint64_t kWord = 1;
  static constexpr std::uint64_t kPair = 2;
  static constexpr std::uint64_t kName = 3;
  static constexpr std::uint64_t kEdge = kNone;
  std::vector<feature_node> nodes_;
  std::vector<std::size_t> starts_;
  int size_ = 0;
};

struct Vote {
  std::uint32_t intent = kNone;
  double margin = 0;  // how much more the model is for it than for the row's own
};

// Half of the votes with this margin, squared, were right (SNIPS, HWU64).
constexpr double kEven = 1.2;

void print_nothing(const char*) {}

/// Trains on the rows of all folds but one, votes on those of that one.
void vote(const Corpus& corpus, Vectors& vectors, const std::vector<std::uint8_t>& fold,
          std::uint32_t held_out, std::vector<Vote>& votes) {
  std::vector<double> intents;
  std::vector<feature_node*> rows;
  for (std::size_t row = 0; row < fold.size(); ++row) {
    if (fold[row] == held_out || corpus.sentences[row].intent == kNone) continue;
    intents.push_back(corpus.sentences[row].intent);
    rows.push_back(vectors.row(row));
  }
  if (rows.empty()) return;
  problem data{};
  data.l = static_cast<int>(rows.size());
  data.n = vectors.size();
  data.y = intents.data();
  data.x = rows.data();
  data.bias = -1;
  parameter options{};
  options.solver_type = L2R_L2LOSS_SVC;
  options.C = 1;
  options.eps = 0.01;
  struct model* model = train(&data, &options);
  const auto classes = static_cast<std::size_t>(get_nr_class(model));
  std::vector<int> labels(classes);
  get_labels(model, labels.data());
  std::vector<double> values(std::max<std::size_t>(2, classes));
  for (std::size_t row = 0; row < fold.size(); ++row) {
    const std::uint32_t own = corpus.sentences[row].intent;
    if (fold[row] != held_out || own == kNone) continue;
    votes[row].intent = static_cast<std::uint32_t>(predict_values(model, vectors.row(row), values.data()));
    // Of two classes there is one value, for the first.
    if (classes == 2) values[1] = -values[0];
    double of_own = -1;  // of an intent that it never saw
    double of_vote = 0;
    for (std::size_t i = 0; i < classes; ++i) {
      if (static_cast<std::uint32_t>(labels[i]) == own) of_own = values[i];
      if (static_cast<std::uint32_t>(labels[i]) == votes[row].intent) of_vote = values[i];
    }
    votes[row].margin = of_vote - of_own;
  }
  free_and_destroy_model(&model);
}

}  // namespace

std::vector<Opinion> intent_votes(const Corpus& corpus) {
  std::vector<Opinion> opinions;
  const std::size_t rows = corpus.sentences.size();
  if (corpus.intents.size() < 2) return opinions;
  static std::once_flag once;
  std::call_once(once, [] { set_print_string_function(print_nothing); });
  Vectors vectors(corpus);
  std::vector<std::vector<std::uint8_t>> partitions;
  for (std::uint32_t p = 0; p < kPartitions; ++p) partitions.push_back(folds(p, rows));
  std::vector<std::vector<Vote>> votes(kPartitions, std::vector<Vote>(rows));
  tbb::parallel_for(0U, kPartitions * kFolds, [&](std::uint32_t task) {
    vote(corpus, vectors, partitions[task / kFolds], task % kFolds, votes[task / kFolds]);
  });
  for (std::uint32_t row = 0; row < rows; ++row) {
    const std::uint32_t own = corpus.sentences[row].intent;
    if (own == kNone) continue;
    const Vote& first = votes[0][row];
    double margin = 0;
    bool agreed = first.intent != own;
    for (const auto& partition : votes) {
      agreed &= partition[row].intent != own;
      margin += partition[row].margin / kPartitions;
    }
    if (!agreed) continue;
    Opinion opinion{.row = row, .kind = Kind::intent, .source = "classifier"};
    opinion.intent = first.intent;
    opinion.confidence = margin * margin / (margin * margin + kEven);
    opinion.reason =
        fmt::format("{} classifiers that did not see the row say otherwise (by {:.1f})", kPartitions, margin);
    opinions.push_back(std::move(opinion));
  }
  return opinions;
}

}  // namespace validators::deep
