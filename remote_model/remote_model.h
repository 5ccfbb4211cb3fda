// A model behind an HTTP API that speaks OpenAI chat completions, completions or embeddings, or ranks. One
// RemoteModel per model of the job; they share one Transport, whose io thread does all the work.
//
// What happens to a request: it waits until the model has a free place (`in_flight`) and its limits allow
// another (gate.h: those of the job, and those that the server shows), is sent, and comes back as a reply, or
// is tried again after a pause (429, 5xx, resets, time-outs; Retry-After is obeyed, otherwise exponential
// backoff with full jitter) until its deadline. While it waits it holds no place. Past its deadline it is
// `failed` if the model answered others meanwhile, else the model is down. 401, 403, 404 and an address
// that can't be reached make the model unusable: everything is `owed`, and the message says which
// model, what was said, and the way out. The very first request goes out alone: it shows whether
// address, key and model name are right before a thousand others repeat the question. The rules are in
// retry_policy.h; how sending slows down when a server says so, in gate.h.
//
// With a server of this run's own (`availability`) nothing is sent while it starts, or starts again: all
// requests wait, also those that its death cut off, and then have their whole deadline before them.
//
// Keys come from the environment, or from a file that it names (key.h), and appear in no message, log or
// journal; a server that echoes one is masked.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "base/file.h"
#include "base/result.h"
#include "model/availability.h"
#include "model/model.h"

namespace remote_model {

class Transport;

struct RemoteSpec {
  std::string id;  // the job's name for the model, for messages
  model::ModelIdentity identity;
  std::string base_url;      // `https://api.openai.com/v1`
  bool completions = false;  // POST base_url/completions, a prompt without messages
  /// What it answers, and nothing else: generate, or POST base_url/embeddings, or base_url/rerank.
  model::Purpose purpose = model::Purpose::generate;
  std::string api_key_env;  // variable that holds the key; empty: none is sent
  std::string proxy;        // empty: what the environment says (https_proxy, no_proxy, …)
  base::Path ca_file;       // empty: the system's, or SSL_CERT_FILE
  int http = 1;             // 2: HTTP/2 over TLS by ALPN; never h2c
  double timeout_seconds = 120;
  double deadline_seconds = 600;
  std::size_t in_flight = 16;
  double requests_per_minute = 0;  // 0: no limit
  double tokens_per_minute = 0;    // prompts and answers
  /// More headers, and the variables that hold their values.
  std::map<std::string, std::string> headers_env;
  std::uint64_t seed = 0;                       // of the jitter
  model::Availability* availability = nullptr;  // of a server of this run's own; outlives the transport
};

class RemoteModel final : public model::Model {
 public:
  /// Refuses a missing or empty key variable, an address that is no http(s) URL, http:// with a key to
  /// a host that isn't this machine, HTTP/2 without TLS, and a proxy that is no URL. Nothing is sent yet.
  static base::Result<std::unique_ptr<RemoteModel>> make(RemoteSpec spec, Transport& transport);
  /// Call when every submitted request has its outcome; what is then still on its way is ignored.
  ~RemoteModel() override;

  const model::ModelIdentity& identity() const override;
  model::Capabilities capabilities() const override;
  std::string describe() const override;
  /// Twice `in_flight`: what waits for a retry shall not leave places empty.
  std::size_t credits() const override;
  void note_earlier_answers() override;
  void submit(model::Ticket ticket, const model::Request& request, model::OutcomeSink& sink) override;
  void drain() override;
  void abort() override;

 private:
  struct Impl;
  explicit RemoteModel(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;  // shared with the callbacks that the transport still holds
};

}  // namespace remote_model
