#include "remote_model/transport.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "tests/support/process.h"

namespace remote_model {
namespace {

using testing_support::Provider;
using testing_support::unused_port;

using namespace std::chrono_literals;
using Failure = HttpResponse::Failure;

constexpr const char* kBody = R"({"model":"%","messages":[{"role":"user","content":"1. [a:b]"}]})";

std::string body_for(const std::string& model) {
  std::string body = kBody;
  return body.replace(body.find('%'), 1, model);
}

std::shared_ptr<Endpoint> endpoint(const std::string& url) {
  auto result = std::make_shared<Endpoint>();
  result->url = url;
  return result;
}

HttpResponse ask(Transport& transport, HttpRequest request) {
  std::promise<HttpResponse> promise;
  transport.send(std::move(request), [&](HttpResponse response) { promise.set_value(std::move(response)); });
  return promise.get_future().get();
}

class TransportTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { ASSERT_TRUE(init_transport_library()); }
  void SetUp() override { transport_ = std::move(Transport::start(16).value()); }
  HttpResponse ask_provider(const Provider& provider, const std::string& model,
                            base::Milliseconds timeout = 20s) {
    return ask(*transport_, {endpoint(provider.base_url() + "/chat/completions"), body_for(model), timeout});
  }
  std::unique_ptr<Transport> transport_;
};

TEST_F(TransportTest, GetsAndPosts) {
  const Provider provider;
  const HttpResponse models = ask(*transport_, {endpoint(provider.base_url() + "/models"), "", 20s});
  EXPECT_EQ(models.status, 200);
  EXPECT_NE(models.body.find("\"provider\""), std::string::npos);
  const HttpResponse reply = ask_provider(provider, "m");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.failure, Failure::none);
  EXPECT_NE(reply.body.find("[a:b]"), std::string::npos);
  // A GET after a POST on the same handle, and the other way round.
  EXPECT_EQ(ask(*transport_, {endpoint(provider.base_url() + "/models"), "", 20s}).body, models.body);
  EXPECT_EQ(ask_provider(provider, "m").body, reply.body);
}

TEST_F(TransportTest, InflatesGzip) {
  const Provider provider;
  const HttpResponse reply = ask_provider(provider, "gzip");
  EXPECT_EQ(reply.status, 200);
  EXPECT_NE(reply.body.find("[a:b]"), std::string::npos);
}

TEST_F(TransportTest, NamesFailures) {
  const Provider provider;
  const struct {
    const char* mode;
    base::Milliseconds timeout;
    Failure failure;
  } cases[] = {
      {"half-body", 20s, Failure::reset}, {"wrong-length", 20s, Failure::reset},
      {"hang", 50ms, Failure::timeout},   {"slow", 50ms, Failure::timeout},
      {"huge", 20s, Failure::too_large},
  };
  for (const auto& c : cases) {
    const HttpResponse response = ask_provider(provider, c.mode, c.timeout);
    EXPECT_EQ(response.status, 0) << c.mode;
    EXPECT_EQ(response.failure, c.failure) << c.mode << ": " << response.error;
    EXPECT_FALSE(response.error.empty());
    EXPECT_TRUE(response.body.empty()) << "half a reply is none";
  }
  const std::string port = std::to_string(unused_port());
  EXPECT_EQ(ask(*transport_, {endpoint("http://127.0.0.1:" + port), "", 20s}).failure, Failure::connect);
  EXPECT_EQ(ask(*transport_, {endpoint("http://no-such-host.invalid"), "", 20s}).failure, Failure::resolve);
  EXPECT_EQ(
      ask(*transport_, {endpoint("https://127.0.0.1:" + std::to_string(provider.port())), "", 20s}).failure,
      Failure::tls);
  EXPECT_EQ(ask(*transport_, {endpoint("file:///etc/hostname"), "", 20s}).status, 0);
  auto through_proxy = endpoint(provider.base_url() + "/models");
  through_proxy->proxy = "http://no-such-proxy.invalid:3128";
  EXPECT_EQ(ask(*transport_, {through_proxy, "", 20s}).failure, Failure::proxy);
}

TEST_F(TransportTest, DoesNotFollowRedirects) {
  const Provider provider;
  const HttpResponse response = ask_provider(provider, "redirect");
  EXPECT_EQ(response.status, 307);
  EXPECT_EQ(response.location,
            "http://127.0.0.1:" + std::to_string(provider.port()) + "/moved/v1/chat/completions");
  const HttpResponse stats =
      ask(*transport_, {endpoint("http://127.0.0.1:" + std::to_string(provider.port()) + "/stats"), "", 20s});
  EXPECT_NE(stats.body.find("\"requests\":1,"), std::string::npos) << stats.body;
}

TEST_F(TransportTest, ReadsRetryAfter) {
  const Provider seconds({"--status-rate", "429:1", "--retry-after", "7"});
  EXPECT_EQ(ask_provider(seconds, "m").retry_after, 7s);
  const Provider milliseconds({"--status-rate", "503:1", "--retry-after", "0.25"});
  EXPECT_EQ(ask_provider(milliseconds, "m").retry_after, 250ms);
  const Provider none({"--status-rate", "429:1"});
  EXPECT_EQ(ask_provider(none, "m").retry_after, 0ms);
}

TEST_F(TransportTest, ReusesConnections) {
  const Provider provider;
  const auto target = endpoint(provider.base_url() + "/chat/completions");
  std::atomic<int> left = 500;
  std::promise<void> done;
  std::atomic<int> good = 0;
  for (int i = 0; i < 500; ++i)
    transport_->send({target, body_for(std::to_string(i)), 20s}, [&](HttpResponse response) {
      if (response.status == 200) ++good;
      if (--left == 0) done.set_value();
    });
  done.get_future().wait();
  EXPECT_EQ(good, 500);
}

TEST_F(TransportTest, RunsTasksInTimeOrderOnOneThread) {
  std::vector<int> order;
  std::promise<void> done;
  transport_->after(30ms, [&] {
    order.push_back(3);
    done.set_value();
  });
  transport_->after(10ms, [&] { order.push_back(2); });
  transport_->post([&] {
    order.push_back(0);
    transport_->post([&] { order.push_back(1); });
  });
  done.get_future().wait();
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3}));
}

TEST_F(TransportTest, StoppingAnswersEverythingOnce) {
  Transport* raw = transport_.get();  // the pointer itself is null while it is destroyed
  const Provider provider({"--mode", "hang"});
  const auto target = endpoint(provider.base_url() + "/chat/completions");
  std::atomic<int> aborted = 0;
  std::atomic<int> other = 0;
  std::atomic<int> tasks = 0;
  const auto count = [&](const HttpResponse& response) {
    ++(response.failure == Failure::aborted ? aborted : other);
  };
  for (int i = 0; i < 50; ++i)
    transport_->send({target, body_for(std::to_string(i)), 20s}, [&](HttpResponse response) {
      count(response);
      // What a callback sends then is answered too.
      raw->send({target, body_for("again"), 20s}, count);
    });
  transport_->after(1h, [&] {
    ++tasks;
    raw->send({target, body_for("late"), 20s}, count);
    raw->after(1h, [&] { ++tasks; });
  });
  std::promise<void> started;
  raw->post([&] { started.set_value(); });
  started.get_future().wait();
  transport_.reset(nullptr);
  EXPECT_EQ(aborted, 101);
  EXPECT_EQ(other, 0);
  EXPECT_EQ(tasks, 1);
}

}  // namespace
}  // namespace remote_model
