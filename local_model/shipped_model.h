// The tiny model that ships (docs/tiny_model.md), compiled into the program so that the program is one
// file.
#pragma once

#include <string_view>

#include "base/file.h"
#include "base/result.h"

namespace local_model {

/// Its GGUF file's bytes.
std::string_view shipped_model();

/// The bytes as a file that can be opened by its path, for as long as the descriptor lives.
struct ShippedFile {
  base::Descriptor descriptor;
  base::Path path;
};
base::Result<ShippedFile> open_shipped_model();

}  // namespace local_model
