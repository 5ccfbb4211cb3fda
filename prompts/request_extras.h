// What a job adds to the requests of a remote model: members of the body (`extra_body:`) and headers whose
// values are secrets (`headers_env:`). Refused is what would turn a request into another one, or its answer
// into one that nobody reads; and no text is repeated of a place where somebody may have put a secret.
#pragma once

#include "prompts/job_fields.h"

namespace prompts {

void read_extra_body(Fields& fields, Problems& problems, ModelSpec& spec);

/// After api_key_env.
void read_headers(Fields& fields, Problems& problems, ModelSpec& spec);

}  // namespace prompts
