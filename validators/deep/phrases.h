// Sequences of words as numbers, and which of them begin at a place of a text: a tree of words in one hash
// table. Reading the phrases that begin at a word costs a look-up for each of their words.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>

#include "base/hash.h"
#include "validators/deep/corpus.h"

namespace validators::deep {

class Phrases {
 public:
  /// The number of the phrase, of one word at least; adds it if it is new. Numbers count from 0 in the order
  /// of adding.
  std::uint32_t add(std::span<const std::uint32_t> words) {
    std::uint64_t node = 0;
    Node* last = nullptr;
    for (const std::uint32_t word : words) {
      const auto [it, added] = children_.try_emplace(key(node, word), Node{nodes_, kNone});
      if (added) ++nodes_;
      node = it->second.number;
      last = &it->second;
    }
    if (last->phrase == kNone) last->phrase = size_++;
    return last->phrase;
  }
  /// kNone if it isn't known.
  std::uint32_t find(std::span<const std::uint32_t> words) const {
    std::uint32_t found = kNone;
    for_each_prefix(words, [&](std::size_t length, std::uint32_t phrase) {
      if (length == words.size()) found = phrase;
    });
    return found;
  }
  /// Calls visit(length, phrase) for each phrase that `words` begins with, shorter ones first.
  template <class Visit>
  void for_each_prefix(std::span<const std::uint32_t> words, const Visit& visit) const {
    std::uint64_t node = 0;
    for (std::size_t i = 0; i < words.size(); ++i) {
      const auto it = children_.find(key(node, words[i]));
      if (it == children_.end()) return;
      node = it->second.number;
      if (it->second.phrase != kNone) visit(i + 1, it->second.phrase);
    }
  }
  std::uint32_t size() const { return size_; }

 private:
  struct Node {
    std::uint32_t number = 0;
    std::uint32_t phrase = kNone;
  };
  struct Hasher {
    std::size_t operator()(std::uint64_t value) const { return base::mix(value); }
  };
  static std::uint64_t key(std::uint64_t node, std::uint32_t word) { return node << 32 | word; }

  std::unordered_map<std::uint64_t, Node, Hasher> children_;
  std::uint32_t nodes_ = 1;
  std::uint32_t size_ = 0;
};

}  // namespace validators::deep
