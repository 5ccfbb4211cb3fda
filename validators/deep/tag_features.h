// What the tagger sees of each word: the words around it and pairs of them, its form, its first and last
// letters, the intent of the row; as numbers. Computed once for all rows and models. What occurs in one row
// alone is left out: no model that saw it meets it again.
//
// Some 20 features a word, 4 bytes each. Any thread once it is made.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "validators/deep/corpus.h"

namespace validators::deep {

class TagFeatures {
 public:
  explicit TagFeatures(const Corpus& corpus);
  std::uint32_t size() const { return size_; }
  std::span<const std::uint32_t> of(std::uint32_t row, std::uint32_t word) const {
    const std::size_t at = first_word_[row] + word;
    return {features_.data() + starts_[at], starts_[at + 1] - starts_[at]};
  }

 private:
  std::vector<std::uint32_t> features_;
  std::vector<std::size_t> starts_;      // of each word's features, words of all rows one after the other
  std::vector<std::size_t> first_word_;  // of each row
  std::uint32_t size_ = 0;
};

}  // namespace validators::deep
