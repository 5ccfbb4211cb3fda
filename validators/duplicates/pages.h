// Memory for tables that are read here and there: from 2 MB on in pages of 2 MB, where the system has them. A
// table of ordinary pages costs a second miss for nearly every read, that of the page's address, which is the
// dearer one in a virtual machine.
//
// Any thread. Out of memory is std::bad_alloc.
#pragma once

#include <cstddef>

namespace validators {

/// Neither cleared nor touched.
void* take_pages(std::size_t bytes);
void give_back_pages(void* pages);

template <typename T>
struct PageAllocator {
  using value_type = T;
  T* allocate(std::size_t count) { return static_cast<T*>(take_pages(count * sizeof(T))); }
  void deallocate(T* pages, std::size_t) { give_back_pages(pages); }
  bool operator==(const PageAllocator&) const = default;
};

struct GiveBackPages {
  void operator()(void* pages) const { give_back_pages(pages); }
};

}  // namespace validators
