#include "pipeline/cashier.h"

namespace pipeline {
namespace {

std::size_t prompt_bytes(const model::Request& request) {
  return request.tail.size() + (request.prefix ? request.prefix->size() : 0);
}

bool note(const base::Result<bool>& granted, Item& item) {
  if (!granted) item.status = base::pass(granted);
  item.refused_by_budget = granted && !*granted;
  return granted && *granted;
}

}  // namespace

bool Cashier::begin(Item& item) const {
  const prompts::ModelSpec& spec = job_.models[item.model];
  const double most = most_cost_of(spec.price, spec.sampling, prompt_bytes(item.request));
  return note(budget_.begin(item.charge, item.model, most), item);
}

bool Cashier::again(Item& item) const { return note(budget_.again(item.charge), item); }

double Cashier::cost(const Item& item) const {
  const model::Outcome& outcome = item.outcome;
  const prompts::ModelSpec& spec = job_.models[item.model];
  double last = 0;
  if (outcome.kind == model::Outcome::Kind::reply)
    last = reply_cost(spec.price, spec.sampling, prompt_bytes(item.request), outcome);
  else if (outcome.may_be_billed)
    last = item.charge.most;
  return item.charge.lost() + last;
}

}  // namespace pipeline
