#include "prompts/template_sentences.h"

#include <algorithm>
#include <string_view>

#include "base/file.h"
#include "base/text.h"
#include "prompts/embedded_templates.h"

namespace prompts {
namespace {

constexpr std::size_t kFewestBytes = 24;  // 8 Chinese characters
constexpr std::string_view kEnds[] = {"。", "；", "：", "“", "”", "（", "）", ". ", ": ", "; ", "\n"};

std::string text_of(const base::Path& own, std::string_view built_in) {
  if (!own.empty()) return base::read_file(own).value_or(std::string());
  for (std::size_t i = 0; i < kEmbeddedFileCount; ++i)
    if (kEmbeddedFiles[i].name == built_in) return std::string(kEmbeddedFiles[i].text);
  return {};
}

void add(std::string_view piece, std::vector<std::string>& out) {
  while (!piece.empty() && std::string_view("#-|., \t").find(piece.front()) != std::string_view::npos)
    piece.remove_prefix(1);
  while (!piece.empty() && std::string_view("., \t").find(piece.back()) != std::string_view::npos)
    piece.remove_suffix(1);
  if (piece.size() < kFewestBytes || !base::is_valid_utf8(piece)) return;
  if (std::find(out.begin(), out.end(), piece) == out.end()) out.emplace_back(piece);
}

/// Cuts at tags and at the ends of sentences.
void cut_up(std::string_view text, std::vector<std::string>& out) {
  std::size_t start = 0;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t behind = at;
    if (text.substr(at).starts_with("{{")) {
      behind = text.find("}}", at);
      behind = behind == std::string_view::npos ? text.size() : behind + 2;
    } else {
      for (const std::string_view end : kEnds)
        if (text.substr(at).starts_with(end)) behind = at + end.size();
    }
    if (behind == at) {
      ++at;
      continue;
    }
    add(text.substr(start, at - start), out);
    start = at = behind;
  }
  add(text.substr(start), out);
}

}  // namespace

std::vector<std::string> template_sentences(const Job& job) {
  const std::string built_in = job.chinese() ? "chat.zh." : "chat.en.";
  std::vector<std::string> out;
  cut_up(text_of(job.prefix_template, built_in + "prefix.mustache"), out);
  cut_up(text_of(job.tail_template, built_in + "tail.mustache"), out);
  return out;
}

}  // namespace prompts
