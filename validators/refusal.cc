#include "validators/refusal.h"

#include <re2/re2.h>

#include <algorithm>
#include <string>

#include "base/text.h"
#include "base/unicode.h"

namespace validators {
namespace {

using re2::RE2;

constexpr std::string_view kDeclining[] = {
    // zh
    "抱歉", "对不起", "对不住", "很遗憾", "我不能", "我无法", "我没办法", "无法提供", "无法生成", "无法满足",
    "无法完成", "不能提供", "不能生成", "不便提供", "作为一个ai", "作为ai", "作为一个人工智能",
    "作为人工智能", "作为一名ai", "作为语言模型", "作为一个语言模型", "违反了", "不符合相关",
    // en
    "i'm sorry", "i am sorry", "sorry, ", "i apologize", "i can't", "i cannot", "i can not", "i'm unable",
    "i am unable", "i'm not able", "i am not able", "i won't", "i will not", "i must decline", "unable to",
    "as an ai", "as a language model", "can't assist", "cannot assist", "against my guidelines"};

// The writer speaks of itself as a machine; what follows keeps "as an AI engineer" and 作为AI助手的铃声 out.
constexpr const char* kMachine[] = {
    "作为(?:一个|一名|一款|一种|个)?[^,，。的]{0,6}(?:ai|人工智能|语言模型|大模型)(?:语言)?(?:模型|助手|助理|"
    "系统)?"
    "(?:[ ,，。、:：]|我|$)",
    "我(?:只)?是(?:一个|一名|一款)?[^,，。的]{0,6}(?:ai|人工智能|语言模型|大模型)[^,，。的]{0,4}[,，。].{0,8}"
    "(?:无法|不能|没办法)",
    "\\b(?:as|i'm|i am) (?:just |only )?an? (?:large |responsible |helpful )?"
    "(?:(?:ai|artificial intelligence)(?: language)?(?: model| assistant| system)?|language model)"
    "(?: ?[,.;:]| i\\b| and\\b| created| developed| trained|$)"};

// It names the task that it declines.
constexpr const char* kTask[] = {
    "(?:无法|不能|没办法|不便)(?:为[您你]|帮[您你]|给[您你])?"
    "(?:协助|提供|生成|完成|满足|处理|回答|创作|编写)[^,，。；！？]{0,12}(?:内容|请求|任务|要求)",
    "(?:can't|cannot|can not|unable to|not able to|won't|will not|must decline to) "
    "(?:assist|help|comply)(?: you)? with (?:that|this|(?:that |this |the |your |such )(?:\\w+ )?"
    "(?:request|task|content)s?)(?: ?[,.;!]|$)",
    "(?:can't|cannot|can not|unable to|not able to|won't|will not|must decline to) "
    "(?:generate|provide|produce|create|write|fulfill|complete)\\b[^,.;!?]{0,40}\\b"
    "(?:content|requests?|task|utterances?|sentences)\\b",
    "against my guidelines"};

/// The first bytes, whole code points only, folded, with straight apostrophes.
std::string beginning(std::string_view text, std::size_t bytes) {
  if (text.size() > bytes) {
    while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) --bytes;
    text = text.substr(0, bytes);
  }
  if (!base::is_valid_utf8(text)) return {};
  const std::string folded = base::fold(text);
  std::string out;
  for (std::size_t at = 0; at < folded.size();) {
    const std::size_t curly = folded.find("’", at);
    out.append(folded, at, curly - at);
    if (curly == std::string::npos) break;
    out += '\'';
    at = curly + std::string_view("’").size();
  }
  return out;
}

template <std::size_t n>
bool contains_any(std::string_view text, const std::string_view (&phrases)[n]) {
  return std::any_of(std::begin(phrases), std::end(phrases),
                     [&](std::string_view phrase) { return text.find(phrase) != std::string_view::npos; });
}

}  // namespace

bool is_refusal(std::string_view reply) { return contains_any(beginning(reply, 400), kDeclining); }

bool is_refusing_utterance(std::string_view utterance) {
  static const RE2 pattern = [] {
    std::string all;
    for (const auto* part : kMachine) (all += all.empty() ? "" : "|") += part;
    for (const auto* part : kTask) (all += "|") += part;
    return all;
  }();
  if (utterance.find('[') != std::string_view::npos || utterance.find("［") != std::string_view::npos)
    return false;  // tags are an attempt
  return RE2::PartialMatch(beginning(utterance, 400), pattern);
}

}  // namespace validators
