// The items of a graph: made when they are needed (a model that is asked in batches has room for more than
// most jobs ask), reused, found by their tickets. One thread takes and gives back; any thread may ask for an
// item that is out.
#pragma once

#include <memory>
#include <vector>

#include "pipeline/item.h"

namespace pipeline {

class ItemPool {
 public:
  /// At most so many at once: they are found while others are being made.
  explicit ItemPool(std::size_t most) { items_.reserve(most); }

  /// Fresh but for the memory that it keeps.
  Item* take();
  void give_back(Item* item) { free_.push_back(item); }
  Item* at(model::Ticket ticket) const { return items_[ticket].get(); }

 private:
  std::vector<std::unique_ptr<Item>> items_;
  std::vector<Item*> free_;
};

}  // namespace pipeline
