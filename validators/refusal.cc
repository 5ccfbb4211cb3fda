#include "validators/refusal.h"

#include <algorithm>
#include <string>

#include "base/text.h"
#include "base/unicode.h"

namespace validators {
namespace {

constexpr std::string_view kDeclining[] = {
    // zh
    "抱歉", "对不起", "对不住", "很遗憾", "我不能", "我无法", "我没办法", "无法提供", "无法生成", "无法满足",
    "无法完成", "不能提供", "不能生成", "不便提供", "作为一个ai", "作为ai", "作为一个人工智能",
    "作为人工智能", "作为一名ai", "作为语言模型", "作为一个语言模型", "违反了", "不符合相关",
    // en
    "i'm sorry", "i am sorry", "sorry, ", "i apologize", "i can't", "i cannot", "i can not", "i'm unable",
    "i am unable", "i'm not able", "i am not able", "i won't", "i will not", "i must decline", "unable to",
    "as an ai", "as a language model", "can't assist", "cannot assist", "against my guidelines"};

// What only a machine says it declines, so that 抱歉，请打开内容 and "sorry, can you help with the lights"
// stay what they are: something a person says.
constexpr std::string_view kDeclined[] = {
    // zh
    "协助", "帮助您", "满足您", "满足你", "满足该", "满足这", "完成这", "完成该", "完成您", "我无法完成",
    "处理这", "处理该", "处理您", "这样的内容", "这些内容", "此类内容", "相关内容", "您的请求", "该请求",
    "这个请求", "作为ai", "作为一个ai", "人工智能", "语言模型",
    // en
    "assist with that", "assist with this", "assist you with", "comply", "that request", "this request",
    "your request", "such content", "this content", "help with that", "help with this", "fulfill", "an ai ",
    "as an ai", "language model"};

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
  if (utterance.find('[') != std::string_view::npos) return false;  // tags are an attempt
  return contains_any(beginning(utterance, 48), kDeclining) &&
         contains_any(beginning(utterance, 400), kDeclined);
}

}  // namespace validators
