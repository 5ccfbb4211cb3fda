// CRC-32C (Castagnoli, RFC 3720 appendix B.4), the checksum at the end of every record. Debian 12 has
// no library for it. On x86-64 with SSE 4.2 the processor's own instruction does 8 bytes at a time;
// elsewhere a table does one. Both give the same value (tested).
#pragma once

#include <cstdint>
#include <string_view>

namespace base {

std::uint32_t crc32c(std::string_view bytes);

/// The table form, always available; for tests.
std::uint32_t crc32c_portable(std::string_view bytes);

}  // namespace base
