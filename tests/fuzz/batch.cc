// What a batch API answers: states, pages, ids, and lines of results.
#include "remote_model/batch.h"

#include "remote_model/explanation.h"
#include "tests/fuzz/claim.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace remote_model;
  const std::string_view body = fuzz::view(data, size);
  const BatchRules& rules = *batch_rules("openai");
  const Dialect& dialect = *find_dialect("dashscope");
  const std::vector<std::string> secrets = {"sk-0123456789abcdef"};
  const auto no_way_out = [](const std::string& id) {
    return id.find_first_of("/?#% \n") == std::string::npos;
  };
  if (const auto state = read_batch(body, rules)) {
    CLAIM(!state->id.empty() && no_way_out(state->id));
    CLAIM(no_way_out(state->output_file) && no_way_out(state->error_file));
    CLAIM(base::is_valid_utf8(state->errors) && base::is_valid_utf8(state->status));
  }
  if (const auto page = read_batch_page(body, rules)) {
    CLAIM(page->next.empty() || page->next == page->batches.back().id);
  }
  if (const auto file = read_file_id(body)) CLAIM(!file->empty() && no_way_out(*file));
  std::vector<BatchLine> lines;
  const bool is_file = read_batch_lines(body, lines);
  CLAIM(is_file || lines.empty());
  for (const BatchLine& line : lines) {
    const Verdict verdict = line_verdict(line, dialect);
    CLAIM(line.status != 0 || verdict != Verdict::reply);
    CLAIM(base::is_valid_utf8(explain(line_response(line), line.answer, secrets)));
    CLAIM(base::is_valid_utf8(line_reply(line.answer, dialect, secrets).body));
  }
  return 0;
}
