// Whoever pays is asked before a request is tried again after a try that may be billed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "remote_model/remote_model.h"
#include "remote_model/transport.h"
#include "tests/support/http_server.h"

namespace remote_model {
namespace {

using model::Outcome;
using testing_support::HttpAnswer;
using testing_support::HttpExchange;
using testing_support::HttpServer;

class Payer final : public model::OutcomeSink {
 public:
  explicit Payer(int tries) : tries_(tries) {}
  void deliver(model::Ticket, Outcome outcome) override { promise_.set_value(std::move(outcome)); }
  bool may_try_again(model::Ticket) override { return asked++ < tries_; }
  Outcome get() { return promise_.get_future().get(); }
  std::atomic<int> asked = 0;

 private:
  const int tries_;
  std::promise<Outcome> promise_;
};

const HttpAnswer kReply{
    200, R"({"choices":[{"message":{"content":"x"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1}})"};
const HttpAnswer kBroken{200, kReply.body, "", true};
const HttpAnswer kNonsense{200, "{\"choices\":[", "", false};
const HttpAnswer kError{500, "{}", "", false};
const HttpAnswer kUnauthorized{401, "{}", "", false};

TEST(Billing, TriesThatMayBeBilledAreAskedFor) {
  ASSERT_TRUE(init_transport_library());
  const struct {
    const char* what;
    std::vector<HttpAnswer> answers;
    int allowed;  // more tries
    int asked;
    Outcome::Kind kind;
    bool may_be_billed;
  } cases[] = {
      {"a reply", {kReply}, 0, 0, Outcome::Kind::reply, false},
      {"an error costs nothing", {kError, kReply}, 0, 0, Outcome::Kind::reply, false},
      {"broken off", {kBroken, kReply}, 1, 1, Outcome::Kind::reply, false},
      {"unreadable", {kNonsense, kReply}, 1, 1, Outcome::Kind::reply, false},
      {"twice", {kBroken, kNonsense, kReply}, 2, 2, Outcome::Kind::reply, false},
      {"no money for another", {kBroken}, 0, 1, Outcome::Kind::owed, true},
      {"no money for a third", {kBroken, kNonsense}, 1, 2, Outcome::Kind::owed, true},
      {"down is not billed", {kUnauthorized}, 0, 0, Outcome::Kind::owed, false},
      {"the last of three", {kNonsense, kNonsense, kNonsense}, 9, 2, Outcome::Kind::owed, true},
  };
  for (const auto& c : cases) {
    Payer payer(c.allowed);
    std::size_t requests = 0;
    const HttpServer server([&](const HttpExchange&) { return c.answers.at(requests++); });
    const auto transport = std::move(Transport::start(1).value());
    RemoteSpec spec;
    spec.id = "m";
    spec.base_url = server.base_url();
    const auto model = RemoteModel::make(spec, *transport).value();
    model::Request request;
    request.tail = "x";
    model->submit(1, request, payer);
    const Outcome outcome = payer.get();
    EXPECT_EQ(outcome.kind, c.kind) << c.what << ": " << outcome.body;
    EXPECT_EQ(outcome.may_be_billed, c.may_be_billed) << c.what;
    EXPECT_EQ(payer.asked, c.asked) << c.what;
    EXPECT_EQ(requests, c.answers.size()) << c.what;
  }
}

}  // namespace
}  // namespace remote_model
