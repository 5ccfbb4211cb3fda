// Utterances with their slots in them: `wake me at [time : five am]`, as HWU64 and MASSIVE have them.
#pragma once

#include <string_view>

#include "base/result.h"
#include "datasets/readers/utterance.h"

namespace datasets {

/// Adds the pieces of `annotated` to `out`. The error says what is wrong, and where (in code points, from 1).
base::Status read_inline_slots(std::string_view annotated, Utterance& out);

}  // namespace datasets
