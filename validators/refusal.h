// Whether a model declined instead of answering. Phrases, in Chinese and English; they are data at
// validators/data. Only the beginning of a text is looked at. Any thread.
#pragma once

#include <string_view>

namespace validators {

/// For a reply without any utterance: it says sorry, or that it can't.
bool is_refusal(std::string_view reply);
/// For the one utterance of a reply: stricter, since "抱歉，我不能参加" is something people say. It must
/// speak of its writer as a machine, or name the task that is declined; with a tag it is none.
bool is_refusing_utterance(std::string_view utterance);

}  // namespace validators
