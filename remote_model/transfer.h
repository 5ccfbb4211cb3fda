// One curl handle: set up once, pointed at an endpoint, given one body after the other. It owns every
// curl option that slotmill sets and the translation of what curl says afterwards. Only the io thread
// touches it; the multi handle it is added to is Transport's business.
#pragma once

#include <curl/curl.h>

#include <array>
#include <memory>
#include <string>

#include "remote_model/transport.h"

namespace remote_model {

/// `1s`, `350ms`, `6m30s`, `1h2m`, or plain seconds; 0 for anything else, a day at most.
base::Milliseconds read_reset(const char* text);

struct Transfer {
  /// Null without memory.
  static std::unique_ptr<Transfer> make();
  Transfer() = default;
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;
  ~Transfer();

  /// Sets the handle up for `request`; the endpoint's options only if it served another one before.
  void prepare(HttpRequest request, Transport::Callback callback);
  /// What came of it, when curl is done with `code`.
  HttpResponse take_response(CURLcode code);

  CURL* easy = nullptr;  // its CURLINFO_PRIVATE is the Transfer
  curl_slist* headers = nullptr;
  std::shared_ptr<const Endpoint> endpoint;  // which the handle is set up for
  std::string body;
  std::size_t most_bytes = kMaxReplyBytes;
  HttpResponse response;
  Transport::Callback done;
  bool active = false;
  std::uint64_t trace_number = 0;
  bool too_large = false;
  std::array<char, CURL_ERROR_SIZE> error{};
};

}  // namespace remote_model
