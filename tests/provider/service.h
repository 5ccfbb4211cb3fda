// Which request goes where, and what the provider says about itself. One thread.
#pragma once

#include "tests/provider/batches.h"
#include "tests/provider/chat.h"
#include "tests/provider/http.h"
#include "tests/provider/options.h"
#include "tests/provider/response.h"
#include "tests/provider/statistics.h"

namespace provider {

class Service {
 public:
  /// `options` outlive it.
  explicit Service(const Options& options);
  Response handle(const HttpMessage& message);
  Statistics& statistics() { return statistics_; }

 private:
  const Options& options_;
  Statistics statistics_;
  Chat chat_;
  Batches batches_;
};

}  // namespace provider
