#include "validators/duplicates/pages.h"

#include <cstdlib>
#include <new>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace validators {
namespace {
constexpr std::size_t kLarge = std::size_t{1} << 21;
constexpr std::size_t kLine = 64;
}  // namespace

void* take_pages(std::size_t bytes) {
  const std::size_t unit = bytes >= kLarge ? kLarge : kLine;
  const std::size_t rounded = (bytes + unit - 1) / unit * unit;
  void* pages = std::aligned_alloc(unit, rounded == 0 ? unit : rounded);
  if (pages == nullptr) throw std::bad_alloc();
#ifdef __linux__
  // Advice: a system that can't has ordinary pages.
  if (unit == kLarge) static_cast<void>(madvise(pages, rounded, MADV_HUGEPAGE));
#endif
  return pages;
}

void give_back_pages(void* pages) { std::free(pages); }

}  // namespace validators
