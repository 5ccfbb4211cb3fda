// An append-only log of JSON objects, one per line, each with a checksum: readable with jq, whole
// after any kill. The format (docs/formats.md, "Journal"):
//
//   {"reply":{…},"crc":"1a2b3c4d"}\n
//
// The object's last member is the CRC-32C of all bytes before `,"crc":`. What may follow the last
// record whose bytes were synced is lost or torn after a power cut, nothing else can be: so bad bytes
// behind the last `sync` record are cut off when the log is opened, bad bytes before it are damage
// and are refused with their offset. Modelled on ninja's build log and LevelDB's log format: survive
// a torn tail, never guess in the middle.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/result.h"

namespace base {

/// One line for `json`, an object with at least one member, without a newline.
std::string seal_record(std::string_view json);
/// The object without its checksum, as `{…` without the closing brace; empty if the line is damaged.
std::string_view open_record(std::string_view line);

struct RecordLogScan {
  std::uint64_t end = 0;  // where the good bytes end; 0 if there is no file
  std::uint64_t cut = 0;  // bad bytes behind `end` that a writer will cut off
  std::uint64_t records = 0;
};

/// Reads `path` from the start and calls `visit(offset, line)` for each good line (the whole line,
/// checksum included, without newline). A record that begins with `{"sync":` marks all before it as
/// safe on disk. A missing file is an empty log. Bad bytes before the last sync: an error with the
/// offset. `visit` may refuse the log with an error of its own.
Result<RecordLogScan> scan_record_log(
    const Path& path, const std::function<Status(std::uint64_t offset, std::string_view line)>& visit);

}  // namespace base
