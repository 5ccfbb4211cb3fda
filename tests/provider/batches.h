// The batch API of OpenAI, which DashScope shares: files that are uploaded, batches of their lines that
// come to an end after a time or after so many questions, and the files of output and errors, in an order of
// their own. A batch counts as submitted when it was created; what is wrong with its file shows later, as
// with the real ones: it ends `failed`. One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/provider/http.h"
#include "tests/provider/options.h"
#include "tests/provider/response.h"
#include "tests/provider/statistics.h"

namespace provider {

class Batches {
 public:
  /// Answers one line: the endpoint, as the batch names it, and the line's body.
  using Answer = std::function<Response(std::string_view endpoint, std::string_view body)>;
  Batches(const Options& options, Statistics& statistics, Answer answer)
      : options_(options), statistics_(statistics), answer_(std::move(answer)) {}

  /// A path behind /v1: /files…, /batches….
  Response handle(std::string_view path, std::string_view query, const HttpMessage& message);

 private:
  using Clock = std::chrono::steady_clock;
  struct Problem {
    std::string code;
    std::string message;
    std::uint64_t line = 0;  // 0: none
  };
  struct Batch {
    std::string id;
    std::string endpoint;
    std::string input;
    std::string window;
    std::string metadata;  // JSON
    std::string status = "validating";
    std::string output;  // ids of files, empty until the end
    std::string errors;
    std::vector<Problem> problems;
    std::uint64_t total = 0;
    std::uint64_t completed = 0;
    std::uint64_t failed = 0;
    int polls = 0;
    Clock::time_point created = Clock::now();
    std::time_t created_at = 0;
    std::time_t ended_at = 0;
  };

  Response upload(const HttpMessage& message);
  Response content(const std::string& id) const;
  Response create(std::string_view body);
  Response list(std::string_view query);
  Response show(const std::string& id);
  Response cancel(const std::string& id);
  Response fault(int status, std::string message, std::string code = "invalid_request") const;

  void validate(Batch& batch);
  void advance(Batch& batch);
  void finish(Batch& batch, std::string status, double share);
  double progress(const Batch& batch) const;
  std::string add_file(std::string content);
  Response describe(const Batch& batch) const;

  const Options& options_;
  Statistics& statistics_;
  const Answer answer_;
  std::map<std::string, std::string> files_;  // contents by id
  std::vector<Batch> batches_;                // the oldest first
};

}  // namespace provider
