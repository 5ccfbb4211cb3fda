// The keys of a model that runs in this process (`file:`) and of a server that a run starts (`start:`).
#pragma once

#include "prompts/job_fields.h"

namespace prompts {

/// Everything beside `file:` itself. `key` names the file for messages.
void read_file_model(Fields& fields, const ReadContext& context, ModelSpec& spec);

/// `start:`.
ServerCommand read_server_command(const YamlNode& node, const std::string& where, Problems& problems);

/// `profile:`, with what follows from it: the utterances of a request, and the sampling.
void read_profile(Fields& fields, ModelSpec& spec);

/// `sampling:`, over the defaults that `spec` has.
void read_sampling(Fields& fields, Problems& problems, model::Sampling& sampling);

}  // namespace prompts
