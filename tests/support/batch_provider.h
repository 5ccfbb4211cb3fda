// A provider's batch API on the loopback, in this process: /v1/files, /v1/batches and the rest, as OpenAI and
// DashScope have them. It counts what is submitted, misbehaves when told, and can hold its breath at any
// step, so that a test kills the client exactly there. Results come in an order of their own.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace httplib {
class Server;
struct Request;
struct Response;
}  // namespace httplib

namespace testing_support {

class BatchProvider {
 public:
  /// A line's answer: status 0 is a line with an error and without a response; -1, no line at all.
  struct Answer {
    int status = 200;
    std::string body;
  };
  using Answerer = std::function<Answer(const std::string& custom_id, const std::string& body)>;

  explicit BatchProvider(Answerer answer);
  ~BatchProvider();
  BatchProvider(const BatchProvider&) = delete;
  BatchProvider& operator=(const BatchProvider&) = delete;

  std::string base_url() const;

  // Steps: `file` and `batch` before anything is done, `filed` and `created` before it is answered, `list`,
  // `look`, `results`, `fetched` (before the results are answered), `cancel`.

  /// The next time a client comes to `step`, it gets no answer until release(); another pause() takes its
  /// place.
  void pause(const std::string& step);
  /// Until somebody is held there; false after 20 seconds.
  bool wait_paused();
  void release();
  /// The next `times` calls of `step` are answered with this status.
  void fail(const std::string& step, int status, int times, const std::string& body = "{}");

  /// How a batch ends after `looks` looks at it; `errors` is the member of that name.
  void ends(const std::string& status, int looks = 0, const std::string& errors = "null");
  /// From now on.
  void answer_with(Answerer answer);
  /// All batches that are under way end at the next look.
  void finish_all();
  /// How often each request was in a batch that was created.
  std::map<std::string, int> submitted() const;
  std::size_t batches() const;
  std::vector<std::string> files() const;      // as uploaded
  std::vector<std::string> creations() const;  // bodies

 private:
  struct Stored {
    std::string id, file, metadata, status, end, errors;
    int looks = 0;
  };
  struct Fault {
    int status = 0;
    int times = 0;
    std::string body;
  };
  bool stumbles(const std::string& step, httplib::Response& response);
  void hold(const std::string& step);
  void upload(const httplib::Request& request, httplib::Response& response);
  void create(const httplib::Request& request, httplib::Response& response);
  std::string describe(const Stored& batch) const;
  std::string results(const std::string& batch, bool errors) const;

  Answerer answer_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::string paused_at_;
  bool held_ = false;
  std::map<std::string, Fault> faults_;
  std::string end_ = "completed";
  std::string errors_ = "null";
  int looks_ = 0;
  std::vector<std::string> files_;
  std::vector<std::string> creations_;
  std::vector<Stored> batches_;
  std::map<std::string, int> submitted_;
  std::map<std::string, Answer> answers_;
  int port_ = 0;
  std::unique_ptr<httplib::Server> server_;
  struct Thread;
  std::unique_ptr<Thread> thread_;
};

}  // namespace testing_support
