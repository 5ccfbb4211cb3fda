// Threads that take no signals, nor do the threads that they start: main takes them, and a SIGPIPE becomes
// EPIPE.
#pragma once

#include <functional>
#include <thread>

#include "base/result.h"

namespace base {

/// Any thread. An error says what the system says: no more threads, or no memory.
Result<std::thread> start_thread(std::function<void()> body);

}  // namespace base
