#include "local_model/prompt_format.h"

#include <array>

namespace local_model {
namespace {

struct Known {
  std::string_view mark;  // stands in templates of this format and in no other's
  PromptFormat format;
};

constexpr std::array<Known, 7> kKnown = {{
    {"<|im_start|>",
     {"chatml", "<|im_start|>system\n", "<|im_end|>\n", "<|im_start|>user\n",
      "<|im_end|>\n<|im_start|>assistant\n"}},
    {"<|start_header_id|>",
     {"llama3", "<|start_header_id|>system<|end_header_id|>\n\n", "<|eot_id|>",
      "<|start_header_id|>user<|end_header_id|>\n\n",
      "<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n"}},
    {"<start_of_turn>",
     {"gemma", "<start_of_turn>user\n", "\n\n", "", "<end_of_turn>\n<start_of_turn>model\n"}},
    {"<｜User｜>", {"deepseek", "", "", "<｜User｜>", "<｜Assistant｜>"}},
    {"[INST]", {"mistral", "[INST] ", "\n\n", "", "[/INST]"}},
    {"", {"plain", "", "\n\n", "", "\n\n"}},
    {"", {kCompactFormat, "", "", "", ""}},
}};

}  // namespace

const PromptFormat* find_prompt_format(std::string_view name) {
  for (const Known& known : kKnown)
    if (known.format.name == name) return &known.format;
  return nullptr;
}

const PromptFormat* detect_prompt_format(std::string_view chat_template) {
  for (const Known& known : kKnown)
    if (!known.mark.empty() && chat_template.find(known.mark) != std::string_view::npos) return &known.format;
  return nullptr;
}

}  // namespace local_model
