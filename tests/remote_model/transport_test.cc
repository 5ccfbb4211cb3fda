#include "remote_model/transport.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <thread>

#include "base/file.h"
#include "remote_model/transfer.h"
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

/// Answers one connection with `response`, whatever is asked.
class OneAnswer {
 public:
  explicit OneAnswer(const std::string& response)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(socket_.get(), 1), 0);
    EXPECT_EQ(::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, response] {
      const base::Descriptor client(::accept(socket_.get(), nullptr, nullptr));
      char buffer[4096];
      EXPECT_GT(::read(client.get(), buffer, sizeof buffer), 0);
      EXPECT_EQ(::write(client.get(), response.data(), response.size()),
                static_cast<ssize_t>(response.size()));
    });
  }
  ~OneAnswer() { thread_.join(); }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  base::Descriptor socket_;
  int port_ = 0;
  std::thread thread_;
};

TEST_F(TransportTest, ReadsThatNothingIsLeft) {
  const struct {
    const char* headers;
    base::Milliseconds spent_for;
  } cases[] = {
      {"", 0ms},
      {"x-ratelimit-remaining-requests: 1\r\nx-ratelimit-reset-requests: 5s\r\n", 0ms},
      {"x-ratelimit-remaining-requests: 0\r\nx-ratelimit-reset-requests: 5s\r\n", 5s},
      {"x-ratelimit-remaining-tokens: 0\r\nx-ratelimit-reset-tokens: 6m30s\r\n"
       "x-ratelimit-remaining-requests: 0\r\nx-ratelimit-reset-requests: 12ms\r\n",
       390s},
      {"X-Ratelimit-Remaining-Requests: 0\r\n", 1s},
  };
  for (const auto& c : cases)
    for (const char* status : {"200 OK", "429 Too Many Requests"}) {
      const OneAnswer server("HTTP/1.1 " + std::string(status) + "\r\n" + c.headers +
                             "Content-Length: 0\r\n\r\n");
      EXPECT_EQ(ask(*transport_, {endpoint(server.url()), "", 20s}).spent_for, c.spent_for) << c.headers;
    }
}

TEST(Transfer, ReadsResets) {
  const struct {
    const char* text;
    base::Milliseconds wait;
  } cases[] = {
      {"1s", 1s},       {"350ms", 350ms},
      {"6m30s", 390s},  {"1h2m", 3720s},
      {"1.5s", 1500ms}, {"20", 20s},
      {"0s", 0ms},      {"", 0ms},
      {"soon", 0ms},    {"5x", 0ms},
      {"-3s", 0ms},     {"nan", 0ms},
      {"1e300h", 24h},  {"2026-11-21T00:00:00Z", 0ms},
      {"1s!", 0ms},
  };
  for (const auto& c : cases) EXPECT_EQ(read_reset(c.text), c.wait) << c.text;
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
