// Text that stands for other text: {name}, ${x}, <slot>, [slot], XX, 某某, ____, and the people who stand
// for anybody, 张三 and John Doe. Any thread; linear.
#pragma once

#include <string_view>

namespace validators {

/// The first placeholder in a text; empty if there is none.
std::string_view find_placeholder(std::string_view text);

}  // namespace validators
