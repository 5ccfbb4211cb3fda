// Errors are values: every function that can fail returns Result<T> (or Status, which carries no
// value), and the compiler refuses to let one be dropped. An Error knows whose fault it was, which
// becomes the exit code, and one message for a person: what happened, where (file:line:column, path,
// URL without secrets), what to do.
//
// tl::expected does the work underneath. Third-party exceptions are caught where they enter and
// become an Error; nothing of ours throws.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace base {

enum class ErrorKind {
  bad_input,  // the user's file or argument: exit 2
  failed,     // the machine, the disk, the network: exit 1
};

struct Error {
  ErrorKind kind = ErrorKind::failed;
  std::string message;
};

template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
};

using Status = Result<void>;

inline tl::unexpected<Error> bad_input(std::string message) {
  return tl::unexpected<Error>(Error{ErrorKind::bad_input, std::move(message)});
}
inline tl::unexpected<Error> failed(std::string message) {
  return tl::unexpected<Error>(Error{ErrorKind::failed, std::move(message)});
}

/// Hands an error on: `if (!r) return base::pass(r);`
template <class T>
tl::unexpected<Error> pass(const Result<T>& result) {
  return tl::unexpected<Error>(result.error());
}

}  // namespace base
