#include "validators/duplicates/token_store.h"

#include <algorithm>

namespace validators {

std::uint32_t TokenStore::add(std::span<const Token> tokens) {
  const std::uint32_t offset = sets_.allocate(tokens.size() + 1);
  std::uint32_t* set = sets_.at(offset);
  *set = static_cast<std::uint32_t>(tokens.size());
  std::copy(tokens.begin(), tokens.end(), set + 1);
  *offsets_.at(offsets_.allocate(1)) = offset;
  return size_++;
}

}  // namespace validators
