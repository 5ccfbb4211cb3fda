#include "datasets/readers/reader.h"

#include <fmt/format.h>
#include <oneapi/tbb/parallel_for.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "base/text.h"
#include "base/unicode.h"
#include "datasets/readers/formats.h"
#include "datasets/readers/json_records.h"
#include "datasets/readers/lines.h"
#include "datasets/readers/table_cells.h"

namespace datasets {
namespace {

constexpr std::array<const char*, 6> kNames = {"rows", "chat", "snips", "bio", "rasa", "table"};
constexpr std::size_t kHead = 1 << 16;   // bytes that a format is recognised from
constexpr std::size_t kChunk = 1 << 19;  // bytes of lines that one worker takes

using ReadRecord = void (*)(std::string_view json, Place place, Reading& reading);

// Whether the text has a member of this name, not inside a string.
bool has_key(std::string_view json, std::string_view name) {
  const std::string quoted = fmt::format("\"{}\"", name);
  for (std::size_t at = json.find(quoted); at != std::string_view::npos; at = json.find(quoted, at + 1)) {
    if (at > 0 && json[at - 1] == '\\') continue;
    const std::size_t next = json.find_first_not_of(" \t\r\n", at + quoted.size());
    if (next != std::string_view::npos && json[next] == ':') return true;
  }
  return false;
}

std::optional<Format> recognise_json(std::string_view head) {
  for (const char* key : {"messages", "conversations", "conversation"})
    if (has_key(head, key)) return Format::chat;
  if (has_key(head, "utterances")) return Format::snips;
  if (has_key(head, "data") && !has_key(head, "frames")) return Format::snips;
  if (has_key(head, "text")) return Format::rows;
  if (has_key(head, "query") && has_key(head, "response")) return Format::chat;
  if (has_key(head, "instruction") && has_key(head, "output")) return Format::chat;
  return std::nullopt;
}

bool is_rasa(std::string_view head) {
  LineCutter lines(head);
  std::string_view line;
  while (lines.next(line))
    if (line.starts_with("nlu:")) return true;
  return false;
}

bool is_bio(std::string_view head) {
  LineCutter lines(head);
  std::string_view line;
  int tagged = 0;
  int other = 0;
  while (lines.next(line)) {
    line = base::trim(line);
    const std::size_t column = line.find_last_of(" \t");
    if (line.starts_with('#') || column == std::string_view::npos) continue;
    const std::string_view tag = line.substr(column + 1);
    ++(tag == "O" || tag.starts_with("B-") || tag.starts_with("I-") ? tagged : other);
  }
  return tagged > other;
}

// Appends chunk to whole, and empties it.
void append(Reading&& chunk, Reading& whole) {
  whole.rows.insert(whole.rows.end(), std::make_move_iterator(chunk.rows.begin()),
                    std::make_move_iterator(chunk.rows.end()));
  whole.faults.insert(whole.faults.end(), std::make_move_iterator(chunk.faults.begin()),
                      std::make_move_iterator(chunk.faults.end()));
  chunk = {};
}

void read_record(std::string_view json, Place place, std::string_view whole, ReadRecord read,
                 Reading& reading) {
  const std::size_t rows = reading.rows.size();
  read(json, place, reading);
  if (reading.rows.size() == rows) return;
  reading.rows.back().offset = static_cast<std::uint64_t>(json.data() - whole.data());
  reading.rows.back().size = static_cast<std::uint32_t>(json.size());
}

void read_chunk(std::string_view text, std::uint32_t first_line, std::string_view whole, ReadRecord read,
                Reading& reading) {
  LineCutter lines(text, first_line);
  std::string_view line;
  while (lines.next(line)) {
    const Place place{lines.number(), 0};
    if (base::trim(line).empty()) continue;
    if (line.size() > kLongestLine) {
      reading.fault(place, ReadFault::broken_json, "a line of more than a megabyte");
      continue;
    }
    read_record(line, place, whole, read, reading);
  }
}

void read_lines(const std::string& whole, ReadRecord read, Reading& reading) {
  struct Chunk {
    std::string_view text;
    std::uint32_t first_line = 1;
    Reading reading;
  };
  std::vector<Chunk> chunks;
  std::string_view text = whole;
  for (std::uint32_t line = 1; !text.empty();) {
    const std::size_t end = text.find('\n', std::min(kChunk, text.size() - 1));
    Chunk& chunk = chunks.emplace_back();
    chunk.text = text.substr(0, end == std::string_view::npos ? text.size() : end + 1);
    chunk.first_line = line;
    line += static_cast<std::uint32_t>(std::count(chunk.text.begin(), chunk.text.end(), '\n'));
    text.remove_prefix(chunk.text.size());
  }
  tbb::parallel_for(std::size_t{0}, chunks.size(), [&](std::size_t i) {
    read_chunk(chunks[i].text, chunks[i].first_line, whole, read, chunks[i].reading);
  });
  std::size_t rows = reading.rows.size();
  for (const Chunk& chunk : chunks) rows += chunk.reading.rows.size();
  reading.rows.reserve(rows);
  for (Chunk& chunk : chunks) append(std::move(chunk.reading), reading);
}

// One record a line, or one document: an array of records, or an object printed over many lines.
void read_json(const std::string& text, ReadRecord read, Reading& reading) {
  const std::string_view tight = base::trim(text);
  const std::string_view first = base::trim(tight.substr(0, tight.find('\n')));
  if (first.starts_with('[') || first == "{") {
    for_each_record(
        text,
        [&](std::string_view json, Place place, const std::vector<std::string>&) {
          read_record(json, place, text, read, reading);
        },
        {}, true);
  } else {
    read_lines(text, read, reading);
  }
}

base::Result<std::string> read_standard_input() {
  std::string bytes;
  std::string chunk(1 << 16, '\0');
  for (;;) {
    const ssize_t n = ::read(STDIN_FILENO, chunk.data(), chunk.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return base::errno_error("read", "standard input");
    if (n == 0) return bytes;
    bytes.append(chunk, 0, static_cast<std::size_t>(n));
  }
}

}  // namespace

const char* format_name(Format format) { return kNames[static_cast<std::size_t>(format)]; }

std::optional<Format> format_named(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (name == kNames[i]) return static_cast<Format>(i);
  return std::nullopt;
}

std::optional<Format> recognise(std::string_view text) {
  const std::string_view tight = base::trim(text);
  const std::string_view head = tight.substr(0, kHead);
  if (head.starts_with('{') || head.starts_with('[')) return recognise_json(head);
  std::vector<std::string> header;
  TableCells(head).next(header);
  if (is_table_header(header)) return Format::table;
  if (is_rasa(head)) return Format::rasa;
  if (is_bio(head)) return Format::bio;
  return std::nullopt;
}

base::Result<DataFile> read_data(std::string bytes, std::optional<Format> format) {
  DataFile file;
  auto text = to_utf8_file(std::move(bytes), file.reading);
  if (!text) return base::pass(text);
  if (base::trim(*text).empty()) return file;
  const std::optional<Format> known = format ? format : recognise(*text);
  if (!known)
    return base::bad_input(
        fmt::format("is in no format that is known; name one of {}", fmt::join(kNames, ", ")));
  file.format = *known;
  std::vector<Fault> encoding = std::move(file.reading.faults);
  file.reading.faults.clear();
  switch (*known) {
    case Format::rows:
      read_json(*text, read_row_record, file.reading);
      break;
    case Format::chat:
      read_json(*text, read_chat_record, file.reading);
      break;
    case Format::snips:
      for_each_record(
          *text,
          [&](std::string_view json, Place place, const std::vector<std::string>& path) {
            read_snips_record(json, place, path, file.reading);
          },
          "data");
      break;
    case Format::bio:
      read_bio(*text, file.reading);
      break;
    case Format::rasa:
      read_rasa(*text, file.reading);
      break;
    case Format::table:
      read_table(*text, file.reading);
      break;
  }
  std::vector<Fault>& faults = file.reading.faults;
  if (file.reading.rows.empty() && faults.empty())
    file.reading.fault({1, 0}, ReadFault::broken_json, "not one row in it");
  faults.insert(faults.end(), std::make_move_iterator(encoding.begin()),
                std::make_move_iterator(encoding.end()));
  std::stable_sort(faults.begin(), faults.end(),
                   [](const Fault& a, const Fault& b) { return a.place < b.place; });
  file.text = *std::move(text);
  return file;
}

base::Result<DataFile> read_data_file(const base::Path& path, std::optional<Format> format) {
  auto bytes = path == "-" ? read_standard_input() : base::read_file(path);
  if (!bytes) return base::bad_input(bytes.error().message);
  auto file = read_data(std::move(*bytes), format);
  if (!file)
    return base::bad_input(
        fmt::format("{} {}", path == "-" ? "standard input" : path.string(), file.error().message));
  return file;
}

}  // namespace datasets
