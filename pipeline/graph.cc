#include "pipeline/graph.h"

#include <fmt/format.h>
#include <oneapi/tbb/flow_graph.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <tuple>
#include <utility>

#include "base/text.h"
#include "pipeline/cashier.h"
#include "pipeline/conflicts.h"
#include "pipeline/format_watch.h"
#include "pipeline/item_pool.h"
#include "pipeline/request_maker.h"
#include "pipeline/waiting_room.h"
#include "pipeline/workers.h"
#include "pipeline/writer.h"

namespace pipeline {
namespace {

namespace flow = tbb::flow;
using Clock = std::chrono::steady_clock;

// A lane whose next commit is late may have this many windows of outcomes waiting behind it; then the
// others go on without it. Bounds memory, changes no decision.
constexpr std::size_t kWaitingWindows = 4;
constexpr std::size_t kLeastWaiting = 256;

// Lightweight: what reaches it runs on the thread that brings it, unless another is in it.
using LanesNode = flow::multifunction_node<Item*, std::tuple<Item*>, flow::queueing_lightweight>;
using DispatchNode = flow::async_node<Item*, Item*>;
using CheckNode = flow::function_node<Item*, Item*>;

}  // namespace

struct Graph::Impl final : model::OutcomeSink {
  Impl(GraphParts parts, GraphOptions options);

  // Node bodies, in the order in which an item meets them.
  void on_lanes(Item* item, LanesNode::output_ports_type& ports);
  void on_dispatch(Item* item, DispatchNode::gateway_type& gateway);
  void deliver(model::Ticket ticket, model::Outcome outcome) override;
  bool may_try_again(model::Ticket ticket) override;
  void on_written(Item* item, const base::Status& status);
  Item* on_check(Item* item);

  // Of the lanes node, and so serial.
  void absorb(Item* item);
  void finish(Item* attempt, bool owes);
  void hand_out(LanesNode::output_ports_type& ports);
  bool hand_out_one(std::size_t model, LanesNode::output_ports_type& ports);
  bool hand_out_question(std::size_t model, LanesNode::output_ports_type& ports);
  void put(Item* item, LanesNode::output_ports_type& ports);
  void at_rest(LanesNode::output_ports_type& ports);
  void end(End how, std::string message = {});
  std::size_t uncommitted() const;
  void show(std::size_t lane);

  bool ask_next(Item& item);
  bool look_up(Item& item) const;
  void ask_about(Item& item) const;
  void send_on(Item* item);
  static void owe(Item& item, std::string why);
  void owe_until_back(Item& item);
  ReplyContext describe(const Item& item) const;

  const GraphParts parts_;
  const GraphOptions options_;
  const base::Milliseconds started_;
  const RequestMaker requests_;
  const FollowUps follow_ups_;
  const Cashier cashier_;

  // Of the lanes node.
  FormatWatch formats_;
  std::vector<std::size_t> window_;   // by model
  std::vector<std::size_t> live_of_;  // by model: items handed out
  std::vector<std::size_t> turn_;     // by model: the lane to begin with
  std::size_t live_ = 0;
  std::size_t most_waiting_ = 0;
  bool budget_refused_ = false;  // an attempt came back since the last one was charged
  bool budget_asked_again_ = false;
  std::optional<ItemPool> items_;
  WaitingRoom waiting_;
  bool announced_ = false;
  bool ended_ = false;
  std::string failure_;  // of this machine
  GraphResult result_;

  std::atomic<bool> sending_{false};
  std::atomic<bool> stopping_{false};
  std::mutex down_mutex_;
  std::string down_message_;

  Workers workers_;
  std::unique_ptr<flow::graph> graph_;
  std::unique_ptr<LanesNode> lanes_node_;
  std::unique_ptr<DispatchNode> dispatch_node_;
  std::unique_ptr<CheckNode> check_node_;
  std::unique_ptr<Writer> writer_;
};

Graph::Impl::Impl(GraphParts parts, GraphOptions options)
    : parts_(std::move(parts)),
      options_(std::move(options)),
      started_(base::steady_now()),
      requests_(*parts_.job, *parts_.plan, *parts_.renderer, parts_.models),
      follow_ups_(*parts_.job, parts_.renderer->judge(), parts_.models),
      cashier_(*parts_.job, *parts_.budget),
      formats_(*parts_.job, *parts_.plan),
      live_of_(parts_.models.size(), 0),
      turn_(parts_.models.size(), 0),
      waiting_(parts_.models.size()),
      workers_(options_.threads, Clock::now()) {
  std::size_t width = 0;
  for (const model::Model* model : parts_.models) {
    const std::size_t credits = model->credits();
    window_.push_back(options_.window == 0 ? credits : std::min(credits, options_.window));
    width += window_.back();
  }
  most_waiting_ =
      options_.most_waiting > 0 ? options_.most_waiting : std::max(kLeastWaiting, kWaitingWindows * width);
  items_.emplace(most_waiting_ + 2 * width);
  // Without stored outcomes there is nothing to look for before sending.
  sending_ = parts_.journal->stored() == 0;

  workers_.arena().execute([this] {
    graph_ = std::make_unique<flow::graph>();
    lanes_node_ = std::make_unique<LanesNode>(
        *graph_, flow::serial,
        [this](Item* item, LanesNode::output_ports_type& ports) noexcept { on_lanes(item, ports); });
    dispatch_node_ = std::make_unique<DispatchNode>(
        *graph_, flow::unlimited,
        [this](Item* item, DispatchNode::gateway_type& gateway) noexcept { on_dispatch(item, gateway); });
    check_node_ = std::make_unique<CheckNode>(*graph_, flow::unlimited,
                                              [this](Item* item) noexcept { return on_check(item); });
    flow::make_edge(flow::output_port<0>(*lanes_node_), *dispatch_node_);
    flow::make_edge(*dispatch_node_, *check_node_);
    flow::make_edge(*check_node_, *lanes_node_);
  });
  writer_ = std::make_unique<Writer>(
      *parts_.journal, [this](const Item& item) { return describe(item); },
      [this](Item* item, const base::Status& status) { on_written(item, status); });
}

void Graph::Impl::on_lanes(Item* item, LanesNode::output_ports_type& ports) {
  if (item != nullptr) absorb(item);
  if (ended_) return;
  if (sending_ && !announced_) {
    announced_ = true;
    if (options_.before_sending) options_.before_sending(uncommitted());
  }
  hand_out(ports);
  if (live_ == 0) at_rest(ports);
}

void Graph::Impl::absorb(Item* item) {
  const auto time = Clock::now();
  workers_.end(time);
  workers_.adjust(time);
  --live_;
  --live_of_[item->attempt.model];
  --parts_.progress->in_flight;
  if (!item->status && failure_.empty()) failure_ = item->status.error().message;
  const bool owed = !item->status || item->outcome.kind == model::Outcome::Kind::owed;
  if (owed && item->status) budget_refused_ = budget_refused_ || item->refused_by_budget;
  if (item->about != nullptr) {
    Item* attempt = waiting_.back({item->about, item->question}, !owed);
    items_->give_back(item);
    if (attempt != nullptr) finish(attempt, attempt->owes);
    return;
  }
  const bool is_answered = std::all_of(item->questions.begin(), item->questions.end(),
                                       [](const Question& question) { return question.answered; });
  if (owed || is_answered) return finish(item, owed);
  if (sending_ && (*parts_.lanes)[item->lane].wants(item->attempt.sequence)) return waiting_.enter(item);
  if (item->stored) --parts_.progress->reused;  // it is looked at once more, when questions may be sent
  finish(item, true);
}

// An attempt leaves: to its commit, or without an outcome.
void Graph::Impl::finish(Item* item, bool owes) {
  Lane& lane = (*parts_.lanes)[item->lane];
  if (owes) {
    lane.arrive_owed(item->attempt.sequence);
  } else {
    budget_asked_again_ = false;
    parts_.progress->reused += std::count_if(item->questions.begin(), item->questions.end(),
                                             [](const Question& question) { return question.stored; });
    std::vector<CastVote> votes = follow_ups_.apply(item->questions, item->checked);
    Arrival arrival{std::move(item->checked), std::move(item->plan), item->request.key, item->model,
                    std::move(votes)};
    if (auto status = lane.arrive(item->attempt.sequence, std::move(arrival), *parts_.output);
        !status && failure_.empty())
      failure_ = status.error().message;
    for (const std::string& message : formats_.look(*parts_.lanes))
      if (options_.note) options_.note(message);
    show(item->lane);
  }
  items_->give_back(item);
}

void Graph::Impl::show(std::size_t lane) {
  LaneProgress& progress = parts_.progress->lanes[lane];
  std::int64_t accepted = 0;
  std::int64_t passed = 0;
  std::int64_t candidates = 0;
  std::array<std::int64_t, validators::kVerdictCount> verdicts{};
  for (const CellState& cell : (*parts_.lanes)[lane].cells()) {
    for (std::size_t i = 0; i < verdicts.size(); ++i) verdicts[i] += cell.verdicts[i];
    accepted += cell.accepted;
    passed += cell.accepted + cell.surplus;
    candidates += cell.candidates;
  }
  progress.accepted = accepted;
  progress.passed = passed;
  progress.candidates = candidates;
  verdicts[static_cast<std::size_t>(validators::Verdict::accepted)] = 0;
  verdicts[static_cast<std::size_t>(validators::Verdict::surplus)] = 0;
  const auto most = std::max_element(verdicts.begin(), verdicts.end());
  progress.reason =
      *most == 0 ? validators::Verdict::accepted : static_cast<validators::Verdict>(most - verdicts.begin());
}

void Graph::Impl::hand_out(LanesNode::output_ports_type& ports) {
  if (stopping_ || !failure_.empty()) {
    for (Item* attempt : waiting_.close()) finish(attempt, true);
    return;
  }
  if (budget_refused_ && live_ > 0) return;  // what is in flight may cost less than was set aside for it
  for (std::size_t model = 0; model < parts_.models.size(); ++model)
    while (live_of_[model] < window_[model] &&
           (hand_out_question(model, ports) || hand_out_one(model, ports))) {
    }
}

bool Graph::Impl::hand_out_one(std::size_t model, LanesNode::output_ports_type& ports) {
  if (waiting_.size() >= most_waiting_) return false;
  std::vector<Lane>& lanes = *parts_.lanes;
  for (std::size_t step = 0; step < lanes.size(); ++step) {
    const std::size_t number = (turn_[model] + step) % lanes.size();
    Lane& lane = lanes[number];
    if (!lane.has_unsent(model)) continue;
    // Never hold back what the others wait for.
    if (lane.waiting() >= most_waiting_ && !lane.head_is_unsent()) continue;
    const auto attempt = lane.take(model);
    if (!attempt) continue;
    turn_[model] = parts_.models[model]->capabilities().reuses_prefix ? number : number + 1;
    Item* item = items_->take();
    item->lane = number;
    item->attempt = *attempt;
    put(item, ports);
    return true;
  }
  return false;
}

bool Graph::Impl::hand_out_question(std::size_t model, LanesNode::output_ports_type& ports) {
  while (const auto asked = waiting_.take(model)) {
    Item& attempt = *asked->attempt;
    if (!(*parts_.lanes)[attempt.lane].wants(attempt.attempt.sequence)) {  // dropped while it waited
      if (waiting_.back(*asked, false) != nullptr) finish(&attempt, true);
      continue;
    }
    Item* item = items_->take();
    item->lane = attempt.lane;
    item->attempt = attempt.attempt;
    item->attempt.model = item->model = model;
    item->about = &attempt;
    item->question = asked->question;
    item->request = std::move(attempt.questions[asked->question].request);
    put(item, ports);
    return true;
  }
  return false;
}

void Graph::Impl::put(Item* item, LanesNode::output_ports_type& ports) {
  ++live_;
  ++live_of_[item->attempt.model];
  ++parts_.progress->in_flight;
  workers_.begin(Clock::now());
  if (workers_.rest())
    on_dispatch(item, dispatch_node_->gateway());
  else
    std::get<0>(ports).try_put(item);
}

// Nothing is in flight and nothing can be handed out: go on to the next stage, or end.
void Graph::Impl::at_rest(LanesNode::output_ports_type& ports) {
  if (!failure_.empty()) return end(End::failed, failure_);
  if (stopping_) return end(End::interrupted);
  if (!sending_) {  // everything stored has been taken; what is left must be asked for
    sending_ = true;
    for (Lane& lane : *parts_.lanes) lane.retry_owed();
    if (!announced_ && options_.before_sending) options_.before_sending(uncommitted());
    announced_ = true;
    hand_out(ports);
    if (live_ > 0) return;
    if (stopping_) return end(End::interrupted);
  }
  if (budget_refused_ && !budget_asked_again_) {  // everything is settled: ask once more
    budget_refused_ = false;
    budget_asked_again_ = true;
    for (Lane& lane : *parts_.lanes) lane.retry_owed();
    hand_out(ports);
    if (live_ > 0) return;
    if (stopping_) return end(End::interrupted);
  }
  if (uncommitted() > 0) {
    const std::lock_guard lock(down_mutex_);
    if (!down_message_.empty()) return end(End::model_down, down_message_);
    return end(End::budget);
  }
  if (mark_conflicts(*parts_.lanes, *parts_.conflicts) > 0) {
    for (std::size_t lane = 0; lane < parts_.lanes->size(); ++lane) {
      (*parts_.lanes)[lane].reopen();
      show(lane);
    }
    // What is planned now may be stored: that is committed first, or questions would be asked about replies
    // that a commit drops.
    sending_ = false;
    hand_out(ports);
    if (live_ > 0) return;
    if (stopping_) return end(End::interrupted);
  }
  const bool full =
      std::all_of(parts_.lanes->begin(), parts_.lanes->end(), [](const Lane& lane) { return lane.full(); });
  end(full ? End::complete : End::exhausted);
}

void Graph::Impl::end(End how, std::string message) {
  ended_ = true;
  // Rows are written at every end but this machine's failure, and none of them stands under two intents.
  if (how != End::complete && how != End::exhausted && how != End::failed)
    if (mark_conflicts(*parts_.lanes, *parts_.conflicts) > 0)
      for (std::size_t lane = 0; lane < parts_.lanes->size(); ++lane) show(lane);
  result_ = {how, std::move(message), uncommitted(), formats_.said()};
  if (options_.at_end) options_.at_end();
}

std::size_t Graph::Impl::uncommitted() const {
  std::size_t sum = 0;
  for (const Lane& lane : *parts_.lanes) sum += lane.uncommitted();
  return sum;
}

// The next of the chain is asked, if there is one. The item is on its way again then.
bool Graph::Impl::ask_next(Item& item) {
  if (item.about != nullptr || item.asked + 1 >= requests_.chain(item).size()) return false;
  ++item.asked;
  DispatchNode::gateway_type& gateway = dispatch_node_->gateway();
  workers_.begin(Clock::now());
  dispatch_node_->try_put(&item);
  gateway.release_wait();
  return true;
}

void Graph::Impl::owe(Item& item, std::string why) {
  item.outcome = {};
  item.outcome.body = std::move(why);
}

// A model of its chain doesn't answer any more, and none of the others has a reply.
void Graph::Impl::owe_until_back(Item& item) {
  {
    const std::lock_guard lock(down_mutex_);
    if (down_message_.empty()) down_message_ = item.down;
  }
  owe(item, item.down);
}

bool Graph::Impl::look_up(Item& item) const {
  if (item.about != nullptr) return parts_.journal->find(item.request.key, item.stored_at);
  return requests_.look_up(item, *parts_.journal);
}

void Graph::Impl::on_dispatch(Item* item, DispatchNode::gateway_type& gateway) {
  item->stored = look_up(*item);
  if (item->stored) {
    if (item->about == nullptr) ++parts_.progress->reused;
    gateway.try_put(item);
    return;
  }
  const double seconds = std::chrono::duration<double>(base::steady_now() - started_).count();
  if (item->about == nullptr && item->asked == requests_.chain(*item).size()) {  // nobody is left to ask
    owe_until_back(*item);
    gateway.try_put(item);
    return;
  }
  if (!sending_ || stopping_) {
    owe(*item, "set aside");
    gateway.try_put(item);
    return;
  }
  const bool in_time = options_.wall_seconds <= 0 || seconds <= options_.wall_seconds;
  if (!in_time || !cashier_.begin(*item)) {
    owe(*item, "the budget is used up");
    gateway.try_put(item);
    return;
  }
  gateway.reserve_wait();
  workers_.end(Clock::now());
  parts_.models[item->model]->submit(item->ticket, item->request, *this);
}

void Graph::Impl::deliver(model::Ticket ticket, model::Outcome outcome) {
  Item* item = items_->at(ticket);
  // What is checked now and what a later run reads back must be the same bytes, and JSON has no others.
  if (!base::is_valid_utf8(outcome.body)) outcome.body = base::to_utf8(base::to_utf32(outcome.body));
  item->outcome = std::move(outcome);
  const bool is_reply = item->outcome.kind == model::Outcome::Kind::reply;
  item->cost = cashier_.cost(*item);
  if (item->outcome.kind == model::Outcome::Kind::owed) {
    // Written before it stops being set aside: a run that is killed between the two is charged it once more.
    if (item->cost > 0)
      if (auto status = parts_.journal->add_lost(item->cost); !status && item->status) item->status = status;
    cashier_.settle(*item);
    if (item->outcome.model_down) {
      if (item->down.empty()) item->down = item->outcome.body;
      if (ask_next(*item)) return;
      owe_until_back(*item);
    }
    send_on(item);
    return;
  }
  if (is_reply) {
    ++parts_.progress->replies;
    parts_.progress->prompt_tokens += item->outcome.usage.prompt_tokens;
    parts_.progress->completion_tokens += item->outcome.usage.completion_tokens;
  }
  writer_->push(item);
}

bool Graph::Impl::may_try_again(model::Ticket ticket) { return cashier_.again(*items_->at(ticket)); }

void Graph::Impl::send_on(Item* item) {
  DispatchNode::gateway_type& gateway = dispatch_node_->gateway();
  workers_.begin(Clock::now());
  gateway.try_put(item);
  gateway.release_wait();
}

ReplyContext Graph::Impl::describe(const Item& item) const {
  ReplyContext context;
  context.key = item.request.key;
  context.purpose = item.request.purpose;
  context.cell = parts_.plan->lanes[item.lane].cells[item.attempt.cell].id;
  context.attempt = item.attempt.attempt;
  context.model = parts_.job->models[item.model].id;
  context.prefix = item.request.prefix.get();
  context.tail = item.request.tail;
  context.cost = item.cost;
  return context;
}

void Graph::Impl::on_written(Item* item, const base::Status& status) {
  item->status = status;
  cashier_.settle(*item);  // not earlier: what isn't written is still on its way
  if (status && item->outcome.kind == model::Outcome::Kind::failed) {
    if (ask_next(*item)) return;
    // One that doesn't answer now may do so later, and its reply will go first: until then nothing is known.
    if (!item->down.empty()) owe_until_back(*item);
  }
  if (!workers_.rest()) return send_on(item);
  workers_.begin(Clock::now());
  lanes_node_->try_put(on_check(item));
  dispatch_node_->gateway().release_wait();
}

Item* Graph::Impl::on_check(Item* item) {
  if (!item->status) return item;
  if (item->stored) item->status = parts_.journal->read(item->stored_at, item->outcome);
  if (!item->status || item->outcome.kind == model::Outcome::Kind::owed) return item;
  if (item->about != nullptr) {
    follow_ups_.read(item->outcome, item->about->checked, item->about->questions[item->question]);
    return item;
  }
  validators::Expectation expectation;
  expectation.lane = &parts_.plan->lanes[item->lane];
  expectation.cell = item->attempt.cell;
  expectation.attempt = item->attempt.attempt;
  expectation.plan = &item->plan;
  expectation.model = parts_.job->models[item->model].id;
  expectation.follows_style = parts_.models[item->model]->capabilities().follows_style;
  expectation.wire = item->request.wire;
  expectation.key = item->request.key;
  item->checked = parts_.checker->check(expectation, item->outcome);
  ask_about(*item);
  return item;
}

// What the journal knows already is answered at once.
void Graph::Impl::ask_about(Item& item) const {
  item.questions = follow_ups_.ask(parts_.plan->lanes[item.lane], item.checked);
  for (Question& question : item.questions) {
    StoredAt at;
    if (!parts_.journal->find(question.key, at)) continue;
    model::Outcome outcome;
    item.status = parts_.journal->read(at, outcome);
    if (!item.status) return;
    follow_ups_.read(outcome, item.checked, question);
    question.stored = true;
  }
}

Graph::Graph(GraphParts parts, GraphOptions options)
    : impl_(std::make_unique<Impl>(std::move(parts), std::move(options))) {}

Graph::~Graph() = default;

void Graph::start() { impl_->lanes_node_->try_put(nullptr); }

void Graph::stop() {
  impl_->stopping_ = true;
  for (model::Model* model : impl_->parts_.models) model->drain();
  impl_->lanes_node_->try_put(nullptr);
}

GraphResult Graph::finish() {
  impl_->workers_.arena().execute([this] { impl_->graph_->wait_for_all(); });
  impl_->workers_.call_all();
  impl_->writer_.reset();
  return impl_->result_;
}

}  // namespace pipeline
