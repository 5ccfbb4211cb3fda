// Hashes and what is drawn from them. XXH3 (xxHash) for content; splitmix64 (Steele, Lea, Flood 2014)
// for deriving numbers. Values are part of stored keys and row ids: changing one of these functions
// invalidates every journal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace base {

struct Hash128 {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  bool operator==(const Hash128&) const = default;
  auto operator<=>(const Hash128&) const = default;
};

/// For hash tables keyed by a Hash128: its bits are already well mixed.
struct Hash128Hasher {
  std::size_t operator()(const Hash128& hash) const { return hash.low; }
};

std::uint64_t hash64(std::string_view bytes, std::uint64_t seed = 0);
Hash128 hash128(std::string_view bytes);

/// hash128 of bytes that come in pieces: of everything that was given to update(), in order.
class Hash128Stream {
 public:
  Hash128Stream();
  Hash128Stream(Hash128Stream&&) noexcept;
  Hash128Stream& operator=(Hash128Stream&&) noexcept;
  ~Hash128Stream();
  void update(std::string_view bytes);
  Hash128 digest() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string to_hex(std::uint64_t value);  // 16 lower-case digits
std::string to_hex(const Hash128& hash);  // 32 lower-case digits
/// The reverse; false if `hex` isn't exactly 32 lower-case hexadecimal digits.
bool from_hex(std::string_view hex, Hash128& hash);

/// A well-mixed function of one number.
std::uint64_t mix(std::uint64_t value);
/// A well-mixed function of two numbers.
std::uint64_t mix(std::uint64_t a, std::uint64_t b);
/// A number in [0, 1) from a hash.
double unit_interval(std::uint64_t hash);

/// A seeded permutation of 0 … size-1, computed in O(1) without a table: a four-round Feistel network
/// over the next power of four, walked until it lands inside (Black and Rogaway, "Ciphers with
/// Arbitrary Finite Domains", 2002). size 0 is allowed and maps everything to 0.
class Permutation {
 public:
  Permutation(std::uint64_t seed, std::uint64_t size);
  /// The image of `index`, which is taken modulo size.
  std::uint64_t operator()(std::uint64_t index) const;

 private:
  std::uint64_t seed_;
  std::uint64_t size_;
  unsigned half_bits_;
};

}  // namespace base
