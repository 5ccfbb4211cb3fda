// The end of a log, fit for a message: what a program said before it died.
#pragma once

#include <cstdint>
#include <string>

#include "base/file.h"

namespace local_model {

/// The last `lines` lines behind byte `from`, each indented by four spaces, without control sequences of
/// terminals, ill-formed bytes and what a progress bar wrote over; empty for none.
std::string log_tail(const base::Path& log, std::uint64_t from, std::size_t lines);

}  // namespace local_model
