#include "validators/text_repair.h"

#include <gtest/gtest.h>

namespace validators {
namespace {

struct Case {
  const char* text;
  const char* repaired;  // of a simplified job; empty: nothing to repair
  const char* codes = "";
};

std::string codes_of(const Repairs& repairs) {
  std::vector<std::string> codes;
  repairs.append_codes(codes);
  std::string out;
  for (const std::string& code : codes) out += (out.empty() ? "" : " ") + code;
  return out;
}

TEST(TextRepair, OfChinese) {
  const Case cases[] = {
      {"把主屏打开。", ""},
      {"打开ＰＰＴ，调到３０％", "打开PPT，调到30%", "half_width"},
      {"８：３０开会：好的", "8:30开会：好的", "half_width"},
      {"２．５倍．", "2.5倍．", "half_width"},
      {"打开\u3000主屏", "打开 主屏", "half_width"},
      {"打開主屏", "打开主屏", "simplified"},
      {"他著名嗎，乾坤", "他著名吗，乾坤", "simplified"},
      {"打開Ａ", "打开A", "half_width simplified"},
      {"％是什么！", ""},
  };
  for (const Case& c : cases) {
    std::string out;
    Repairs repairs;
    EXPECT_EQ(repair_text(c.text, true, true, {}, out, repairs), *c.repaired != 0) << c.text;
    EXPECT_EQ(out, c.repaired) << c.text;
    EXPECT_EQ(codes_of(repairs), c.codes) << c.text;
  }
}

TEST(TextRepair, WhatIsKept) {
  std::string out;
  Repairs repairs;
  EXPECT_TRUE(repair_text("叫張三開會", true, true, {{1, 3}}, out, repairs));
  EXPECT_EQ(out, "叫張三开会");
  EXPECT_FALSE(repair_text("叫張三", true, true, {{1, 3}}, out, repairs));
}

TEST(TextRepair, InOtherLanguages) {
  std::string out;
  Repairs repairs;
  EXPECT_TRUE(repair_text("ｏｐｅｎ it！", false, false, {}, out, repairs));
  EXPECT_EQ(out, "open it!");
  EXPECT_FALSE(repair_text("打開", true, false, {}, out, repairs)) << "a traditional job";
}

}  // namespace
}  // namespace validators
