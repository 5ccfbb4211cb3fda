#include "local_model/shipped_model.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

// SHIPPED_MODEL is the path of the file, from CMakeLists.txt.
asm(".section .rodata\n"
    ".balign 64\n"
    ".global slotmill_shipped_model\n"
    "slotmill_shipped_model:\n"
    ".incbin \"" SHIPPED_MODEL
    "\"\n"
    ".global slotmill_shipped_model_end\n"
    "slotmill_shipped_model_end:\n"
    ".byte 0\n"
    ".previous\n");

extern "C" {
extern const char slotmill_shipped_model[];
extern const char slotmill_shipped_model_end[];
}

namespace local_model {

std::string_view shipped_model() {
  return {slotmill_shipped_model,
          static_cast<std::size_t>(slotmill_shipped_model_end - slotmill_shipped_model)};
}

base::Result<ShippedFile> open_shipped_model() {
  ShippedFile file;
  file.descriptor = base::Descriptor(::memfd_create("slotmill-tiny.gguf", MFD_CLOEXEC));
  if (!file.descriptor.valid()) return base::errno_error("create", "a file in memory");
  std::string_view left = shipped_model();
  while (!left.empty()) {
    const ssize_t written = ::write(file.descriptor.get(), left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return base::errno_error("write", "a file in memory");
    left.remove_prefix(static_cast<std::size_t>(written));
  }
  file.path = fmt::format("/proc/self/fd/{}", file.descriptor.get());
  return file;
}

}  // namespace local_model
