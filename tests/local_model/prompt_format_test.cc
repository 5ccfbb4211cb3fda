#include "local_model/prompt_format.h"

#include <gtest/gtest.h>

namespace local_model {
namespace {

TEST(PromptFormat, IsFoundByName) {
  for (const char* name : {"chatml", "llama3", "mistral", "gemma", "deepseek", "plain", "compact"}) {
    ASSERT_NE(find_prompt_format(name), nullptr) << name;
    EXPECT_EQ(find_prompt_format(name)->name, name);
  }
  EXPECT_EQ(find_prompt_format("alpaca"), nullptr);
  EXPECT_EQ(find_prompt_format(""), nullptr);
}

TEST(PromptFormat, IsDetectedByTheMarksOfAChatTemplate) {
  const struct {
    const char* name;  // nullptr: unknown
    const char* chat_template;
  } cases[] = {
      {"chatml",
       "{% for m in messages %}{{'<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>'}}{% endfor %}"},
      {"llama3", "{{ '<|start_header_id|>' + role + '<|end_header_id|>\\n\\n' + content + '<|eot_id|>' }}"},
      {"gemma", "{{ '<start_of_turn>' + role + '\\n' + content + '<end_of_turn>\\n' }}"},
      {"deepseek", "{{ '<｜User｜>' + content + '<｜Assistant｜>' }}"},
      {"mistral", "{{ '[INST] ' + content + ' [/INST]' }}"},
      {nullptr, "{{ '### Instruction: ' + content }}"},
      {nullptr, ""},
  };
  for (const auto& test : cases) {
    const PromptFormat* format = detect_prompt_format(test.chat_template);
    if (test.name == nullptr)
      EXPECT_EQ(format, nullptr) << test.chat_template;
    else
      ASSERT_TRUE(format != nullptr && format->name == test.name) << test.chat_template;
  }
}

}  // namespace
}  // namespace local_model
