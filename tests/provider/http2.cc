#include "tests/provider/http2.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "base/text.h"

namespace provider {

struct Http2::Exchange {
  std::string method;
  std::string path;
  std::string authorization;
  std::string content_type;
  std::string body;
  bool answered = false;  // a response was chosen
  Response response;
  std::size_t sent = 0;
};

struct Http2::Callbacks {
  static Http2& self(void* user) { return *static_cast<Http2*>(user); }
  static Exchange* exchange(void* user, std::int32_t stream) {
    const auto found = self(user).exchanges_.find(stream);
    return found == self(user).exchanges_.end() ? nullptr : found->second.get();
  }

  static int begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    self(user).exchanges_[frame->hd.stream_id] = std::make_unique<Exchange>();
    return 0;
  }

  static int header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                    std::size_t name_size, const std::uint8_t* value, std::size_t value_size, std::uint8_t,
                    void* user) {
    Exchange* to = exchange(user, frame->hd.stream_id);
    if (to == nullptr) return 0;
    const std::string_view key(reinterpret_cast<const char*>(name), name_size);
    std::string text(reinterpret_cast<const char*>(value), value_size);
    if (key == ":method")
      to->method = std::move(text);
    else if (key == ":path")
      to->path = std::move(text);
    else if (key == "authorization")
      to->authorization = std::move(text);
    else if (key == "content-type")
      to->content_type = std::move(text);
    return 0;
  }

  static int data(nghttp2_session*, std::uint8_t, std::int32_t stream, const std::uint8_t* bytes,
                  std::size_t size, void* user) {
    if (Exchange* to = exchange(user, stream)) to->body.append(reinterpret_cast<const char*>(bytes), size);
    return 0;
  }

  static int frame(nghttp2_session*, const nghttp2_frame* received, void* user) {
    const bool carries_request = received->hd.type == NGHTTP2_DATA || received->hd.type == NGHTTP2_HEADERS;
    if (carries_request && (received->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0)
      self(user).request_is_whole(received->hd.stream_id);
    return 0;
  }

  static int close(nghttp2_session*, std::int32_t stream, std::uint32_t error, void* user) {
    auto node = self(user).exchanges_.extract(stream);
    if (node.empty() || !node.mapped()->answered) return 0;
    const Exchange& over = *node.mapped();
    self(user).ended_(over.response, error == NGHTTP2_NO_ERROR && over.sent == over.response.body.size());
    return 0;
  }

  static ssize_t read_body(nghttp2_session*, std::int32_t, std::uint8_t* to, std::size_t room,
                           std::uint32_t* flags, nghttp2_data_source* source, void*) {
    auto& from = *static_cast<Exchange*>(source->ptr);
    const std::string& body = from.response.body;
    const bool half = from.response.sending == Sending::half;
    const std::size_t end = half ? body.size() / 2 : body.size();
    if (half && from.sent == end) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;  // RST_STREAM
    const std::size_t count = std::min(room, end - from.sent);
    std::memcpy(to, body.data() + from.sent, count);
    from.sent += count;
    if (from.sent == end && !half) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(count);
  }
};

Http2::Http2(std::uint64_t go_away_after, Handle handle, Delay delay, Ended ended)
    : go_away_after_(go_away_after),
      handle_(std::move(handle)),
      delay_(std::move(delay)),
      ended_(std::move(ended)) {
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, Callbacks::begin_headers);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, Callbacks::header);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, Callbacks::data);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, Callbacks::frame);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, Callbacks::close);
  nghttp2_session_server_new(&session_, callbacks, this);
  nghttp2_session_callbacks_del(callbacks);
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, nullptr, 0);
}

Http2::~Http2() {
  nghttp2_session_del(session_);
  for (const auto& [stream, exchange] : exchanges_)
    if (exchange->answered) ended_(exchange->response, false);
}

bool Http2::feed(std::string_view bytes) {
  return nghttp2_session_mem_recv(session_, reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                  bytes.size()) == static_cast<ssize_t>(bytes.size());
}

void Http2::request_is_whole(std::int32_t stream) {
  Exchange& exchange = *exchanges_.at(stream);
  HttpMessage message;
  message.method = exchange.method;
  message.path = exchange.path;
  message.authorization = exchange.authorization;
  message.content_type = exchange.content_type;
  message.body = exchange.body;
  exchange.response = handle_(message);
  exchange.answered = true;
  if (++requests_ == go_away_after_) {
    nghttp2_session_terminate_session2(session_, stream, NGHTTP2_NO_ERROR);
    return;
  }
  if (exchange.response.delay_ms > 0)
    delay_(stream, exchange.response.delay_ms);
  else
    submit(stream, exchange);
}

void Http2::release(std::int32_t stream) {
  const auto found = exchanges_.find(stream);
  if (found != exchanges_.end()) submit(stream, *found->second);
}

void Http2::submit(std::int32_t stream, Exchange& exchange) {
  const Response& response = exchange.response;
  if (response.sending == Sending::nothing) {
    if (response.ending != Ending::keep)
      nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream, NGHTTP2_INTERNAL_ERROR);
    return;
  }
  const std::size_t missing = response.sending == Sending::too_short ? 100 : 0;
  std::vector<std::pair<std::string, std::string>> fields{
      {":status", std::to_string(response.status)},
      {"content-type", response.content_type},
      {"content-length", std::to_string(response.body.size() + missing)}};
  for (const std::string_view line : base::split(response.headers, '\n')) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    std::string name(line.substr(0, colon));
    for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    fields.emplace_back(std::move(name), base::trim(line.substr(colon + 1)));
  }
  std::vector<nghttp2_nv> headers;
  for (auto& [name, value] : fields)
    headers.push_back({reinterpret_cast<std::uint8_t*>(name.data()),
                       reinterpret_cast<std::uint8_t*>(value.data()), name.size(), value.size(),
                       NGHTTP2_NV_FLAG_NONE});
  nghttp2_data_provider provider{};
  provider.source.ptr = &exchange;
  provider.read_callback = Callbacks::read_body;
  nghttp2_submit_response(session_, stream, headers.data(), headers.size(), &provider);
}

void Http2::take_output(std::string& out) {
  const std::uint8_t* bytes = nullptr;
  for (ssize_t size = 0; (size = nghttp2_session_mem_send(session_, &bytes)) > 0;)
    out.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

bool Http2::over() const {
  return nghttp2_session_want_read(session_) == 0 && nghttp2_session_want_write(session_) == 0;
}

}  // namespace provider
