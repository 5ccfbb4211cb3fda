// Writes JSON into a string: compact, keys in the order of the calls, UTF-8 as it is. Canonical by
// construction, so equal calls give equal bytes (request keys and data sets rely on it). simdjson only
// reads, hence this. Not checked: that the calls nest properly; that is the caller's business.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace base {

/// Appends `text` with the quotes. Bytes that are not UTF-8 become U+FFFD; control characters
/// (U+0085 among them), U+2028 and U+2029 become escapes: line-based readers split at these three.
void append_json_string(std::string_view text, std::string& out);

class JsonWriter {
 public:
  /// Appends to `out`, which must outlive the writer.
  explicit JsonWriter(std::string& out) : out_(out) {}

  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }
  JsonWriter& key(std::string_view name);
  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(bool flag) { return raw(flag ? "true" : "false"); }
  JsonWriter& value(std::int64_t number);
  JsonWriter& value(std::uint64_t number);
  JsonWriter& value(int number) { return value(static_cast<std::int64_t>(number)); }
  /// The shortest decimal form that reads back as the same double; null when it isn't finite.
  JsonWriter& value(double number);
  JsonWriter& null() { return raw("null"); }
  /// Text that is JSON already.
  JsonWriter& raw(std::string_view json);

  template <class T>
  JsonWriter& member(std::string_view name, const T& v) {
    key(name);
    return value(v);
  }

 private:
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  void separate();

  std::string& out_;
  bool need_comma_ = false;
};

}  // namespace base
