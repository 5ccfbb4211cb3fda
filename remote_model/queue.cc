#include "remote_model/queue.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace remote_model {
namespace {

bool due_later(const ItemPtr& a, const ItemPtr& b) { return a->due > b->due; }

}  // namespace

void Queue::wait(ItemPtr item) {
  waiting_.push_back(std::move(item));
  std::push_heap(waiting_.begin(), waiting_.end(), due_later);
}

void Queue::wake(base::Milliseconds now) {
  while (!waiting_.empty() && waiting_.front()->due <= now) {
    std::pop_heap(waiting_.begin(), waiting_.end(), due_later);
    ready_.push_front(std::move(waiting_.back()));
    waiting_.pop_back();
  }
}

void Queue::wake_anew() {
  for (ItemPtr& item : waiting_) {
    item->first_sent = item->excused_since = base::Milliseconds(-1);
    item->excused = base::Milliseconds(0);
    item->failures = 0;
    ready_.push_front(std::move(item));
  }
  waiting_.clear();
}

Item& Queue::launch() {
  flying_.push_back(std::move(ready_.front()));
  ready_.pop_front();
  Item& item = *flying_.back();
  item.place = flying_.size() - 1;
  return item;
}

ItemPtr Queue::land(const Item& item) {
  const std::size_t place = item.place;
  std::swap(flying_[place], flying_.back());
  flying_[place]->place = place;
  ItemPtr landed = std::move(flying_.back());
  flying_.pop_back();
  return landed;
}

std::vector<ItemPtr> Queue::take_all() {
  std::vector<ItemPtr> all = std::exchange(waiting_, {});
  std::move(ready_.begin(), ready_.end(), std::back_inserter(all));
  ready_.clear();
  return all;
}

}  // namespace remote_model
