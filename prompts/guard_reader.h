// `guard:`: the evaluation files that no row may come near, in any format that slotmill reads. Only what
// they say is kept, not how it is compared (validators/duplicates/guard.h).
//
// A line that can't be read is a problem with its place: what isn't known can't be guarded. Slots that don't
// fit their text are no problem, since the text is guarded all the same. One thread; memory as
// datasets/readers.
#pragma once

#include "prompts/job_fields.h"

namespace prompts {

Guard read_guard(Fields& top, const ReadContext& context);

}  // namespace prompts
