#include "validators/repairs.h"

#include <algorithm>
#include <array>

namespace validators {
namespace {

constexpr std::array<std::string_view, kRowRepairCount> kCodes = {
    "fenced",       "extracted", "mended",    "salvaged", "reordered", "stripped",   "tag_form",
    "written_form", "tagged",    "tightened", "widened",  "joined",    "half_width", "simplified"};

}  // namespace

std::string_view repair_code(RowRepair repair) { return kCodes[static_cast<std::size_t>(repair)]; }

void Repairs::append_codes(std::vector<std::string>& codes) const {
  for (std::size_t i = 0; i < kRowRepairCount; ++i)
    if (has(static_cast<RowRepair>(i)) && std::find(codes.begin(), codes.end(), kCodes[i]) == codes.end())
      codes.emplace_back(kCodes[i]);
}

}  // namespace validators
