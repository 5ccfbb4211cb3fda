// A journal with any records: opened, read, gone on with and opened again. Bytes without checksums are
// what record_log.cc is for, so each line is sealed here; but of an input that begins with `!` the rest
// is the file as it is.
#include "pipeline/journal.h"

#include <set>

#include "base/record_log.h"
#include "tests/fuzz/claim.h"

namespace {

std::string file_of(std::string_view input) {
  if (input.starts_with('!')) return std::string(input.substr(1));
  std::string file;
  while (!input.empty())
    if (const auto line = fuzz::take_line(input); !line.empty()) file += base::seal_record(line) + '\n';
  return file;
}

/// All that may be a key of a record.
std::set<base::Hash128> keys_in(std::string_view text) {
  std::set<base::Hash128> keys;
  base::Hash128 key;
  for (std::size_t at = 0; (at = text.find('"', at)) != std::string_view::npos; ++at)
    if (base::from_hex(text.substr(at + 1, 32), key)) keys.insert(key);
  return keys;
}

std::size_t read_all(const pipeline::Journal& journal, const std::set<base::Hash128>& keys) {
  std::size_t found = 0;
  pipeline::StoredAt at;
  for (const auto& key : keys) {
    if (!journal.find(key, at)) continue;
    ++found;
    model::Outcome outcome;
    CLAIM(journal.read(at, outcome));
    CLAIM(outcome.kind != model::Outcome::Kind::owed);
    CLAIM(base::is_valid_utf8(outcome.body));
  }
  return found;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::Folder folder;
  const base::Path path = folder.path() / "main.jsonl";
  const std::string file = file_of(fuzz::view(data, size));
  fuzz::write(path, file);
  std::set<base::Hash128> keys = keys_in(file);
  const base::Hash128 fresh{1, 2};

  std::vector<std::string> notes;
  auto opened = pipeline::Journal::open(folder.path(), "lamp", "main", notes);
  if (!opened) {
    CLAIM(base::read_file(path).value() == file);  // refused, not touched
    return 0;
  }
  const std::uint64_t stored = (*opened)->stored();
  const std::size_t found = read_all(**opened, keys);
  model::Outcome outcome;
  outcome.kind = model::Outcome::Kind::reply;
  outcome.body = fuzz::view(data, size);
  const std::string prefix = "system";
  (*opened)->add(
      {.key = fresh, .cell = "cell", .attempt = 1, .model = "model", .prefix = &prefix, .tail = "tail"},
      outcome);
  CLAIM((*opened)->flush());
  CLAIM((*opened)->sync());

  notes.clear();
  opened = pipeline::Journal::open(folder.path(), "lamp", "main", notes);
  CLAIM(opened);
  CLAIM(notes.empty() && (*opened)->stored() == stored + 1);
  const bool known = !keys.insert(fresh).second;
  CLAIM(read_all(**opened, keys) == found + (known ? 0 : 1) || known);
  pipeline::StoredAt at;
  CLAIM((*opened)->find(fresh, at));
  return 0;
}
