// The starter jobs of cli/starter/, compiled in; names are `zh/job.yaml`.
#pragma once

#include <cstddef>

#include "base/embedded_file.h"

namespace cli {

extern const base::EmbeddedFile kEmbeddedFiles[];
extern const std::size_t kEmbeddedFileCount;

}  // namespace cli
