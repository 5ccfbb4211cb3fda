#include "pipeline/item_pool.h"

namespace pipeline {

Item* ItemPool::take() {
  if (free_.empty()) {
    items_.push_back(std::make_unique<Item>());
    items_.back()->ticket = items_.size() - 1;
    return items_.back().get();
  }
  Item* item = free_.back();
  free_.pop_back();
  item->asked = 0;
  item->down.clear();
  item->status = {};
  item->charge = {};
  item->cost = 0;
  item->refused_by_budget = false;
  item->about = nullptr;
  item->questions.clear();
  return item;
}

}  // namespace pipeline
