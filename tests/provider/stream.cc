#include "tests/provider/stream.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace provider {
namespace {

constexpr char kTlsHandshake = 0x16;  // the first byte of a TLS record with a client's hello

int select_protocol(SSL*, const unsigned char** chosen, unsigned char* length, const unsigned char* offered,
                    unsigned int size, void*) {
  static constexpr unsigned char kKnown[] = "\2h2\10http/1.1";
  unsigned char* out = nullptr;
  if (SSL_select_next_proto(&out, length, kKnown, sizeof kKnown - 1, offered, size) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_NOACK;
  *chosen = out;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

void TlsContext::Free::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }
void Stream::Free::operator()(ssl_st* ssl) const { SSL_free(ssl); }

base::Result<TlsContext> TlsContext::load(const std::string& certificate, const std::string& key) {
  TlsContext tls;
  tls.context_.reset(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* context = tls.context_.get();
  if (context == nullptr || SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1)
    return base::bad_input(fmt::format("cannot use the certificate {} with the key {}", certificate, key));
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_alpn_select_cb(context, select_protocol, nullptr);
  return tls;
}

Stream::Io Stream::later_or_over(int result) const {
  const int error = SSL_get_error(ssl_.get(), result);
  ERR_clear_error();
  return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? Io::later : Io::over;
}

Stream::Io Stream::read(std::string& in) {
  static std::array<char, 64 << 10> buffer;
  if (first_ && tls_ != nullptr) {
    char byte = 0;
    if (recv(fd_.get(), &byte, 1, MSG_PEEK) == 1 && byte == kTlsHandshake) {
      ssl_.reset(SSL_new(tls_->get()));
      SSL_set_fd(ssl_.get(), fd_.get());
      SSL_set_accept_state(ssl_.get());
    }
  }
  if (ssl_ == nullptr) {
    const ssize_t got = recv(fd_.get(), buffer.data(), buffer.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return Io::later;
    if (got <= 0) return Io::over;
    first_ = false;
    in.append(buffer.data(), static_cast<std::size_t>(got));
    return Io::done;
  }
  first_ = false;
  // Until nothing is left: what TLS has decrypted already, epoll doesn't see.
  const std::size_t before = in.size();
  for (;;) {
    const int got = SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()));
    if (got > 0) {
      in.append(buffer.data(), static_cast<std::size_t>(got));
      continue;
    }
    const Io end = later_or_over(got);
    return in.size() > before && end == Io::later ? Io::done : end;
  }
}

Stream::Io Stream::write(std::string_view bytes, std::size_t& written) {
  written = 0;
  while (written < bytes.size()) {
    const std::string_view rest = bytes.substr(written);
    if (ssl_ != nullptr) {
      const int sent = SSL_write(ssl_.get(), rest.data(), static_cast<int>(rest.size()));
      if (sent <= 0) return later_or_over(sent);
      written += static_cast<std::size_t>(sent);
      continue;
    }
    const ssize_t sent = send(fd_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return errno == EAGAIN ? Io::later : Io::over;
    written += static_cast<std::size_t>(sent);
  }
  return Io::done;
}

bool Stream::http2() const {
  if (ssl_ == nullptr) return false;
  const unsigned char* name = nullptr;
  unsigned int length = 0;
  SSL_get0_alpn_selected(ssl_.get(), &name, &length);
  return std::string_view(reinterpret_cast<const char*>(name), length) == "h2";
}

void Stream::close(Ending ending) {
  if (ending == Ending::reset) {
    const linger hard{1, 0};
    setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  } else if (ssl_ != nullptr && ending != Ending::drop) {
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
  }
}

}  // namespace provider
