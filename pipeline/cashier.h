// Between the items of the graph and the budget: what an item's request may cost is set aside before it is
// sent, what its outcome did cost is worked out and settled. Any thread; whoever calls owns the item.
#pragma once

#include "pipeline/budget.h"
#include "pipeline/item.h"
#include "prompts/job.h"

namespace pipeline {

class Cashier {
 public:
  /// Both are borrowed.
  Cashier(const prompts::Job& job, Budget& budget) : job_(job), budget_(budget) {}

  /// Before its request is sent, and before it is tried again after a try that may be billed. If not, the
  /// item says why.
  bool begin(Item& item) const;
  bool again(Item& item) const;
  /// What its outcome is charged: what it used, and all that was set aside for tries that brought nothing
  /// and may be billed.
  double cost(const Item& item) const;
  /// Its outcome is on disk, or there is none; `Item::cost` was spent.
  void settle(Item& item) const { budget_.settle(item.charge, item.cost); }

 private:
  const prompts::Job& job_;
  Budget& budget_;
};

}  // namespace pipeline
