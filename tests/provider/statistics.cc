#include "tests/provider/statistics.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>

#include "base/json_writer.h"

namespace provider {
namespace {

double cpu_ms() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto ms = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_usec) / 1e3;
  };
  return ms(usage.ru_utime) + ms(usage.ru_stime);
}

template <class Key>
void write_counts(const char* name, const std::map<Key, std::uint64_t>& counts, base::JsonWriter& w) {
  w.key(name).begin_object();
  for (const auto& [key, count] : counts) w.member(fmt::format("{}", key), count);
  w.end_object();
}

}  // namespace

void Statistics::asked(const base::Hash128& body) {
  ++requests_;
  Counts& counts = bodies_[body];
  ++counts.asked;
  if (counts.answered > 0) ++asked_after_answer_;
  max_in_flight_ = std::max(max_in_flight_, ++in_flight_);
}

void Statistics::line_submitted(const base::Hash128& body) {
  ++lines_;
  distinct_lines_.insert(body);
}

std::string Statistics::json() const {
  std::map<std::uint32_t, std::uint64_t> asked;
  std::map<std::uint32_t, std::uint64_t> answered;
  for (const auto& [body, counts] : bodies_) {
    ++asked[counts.asked];
    ++answered[counts.answered];
  }
  std::string out;
  base::JsonWriter w(out);
  w.begin_object().member("requests", requests_).member("in_flight", in_flight_);
  w.member("max_in_flight", max_in_flight_);
  write_counts("statuses", statuses_, w);
  w.member("distinct", static_cast<std::uint64_t>(bodies_.size()));
  write_counts("asked", asked, w);
  write_counts("answered", answered, w);
  w.member("asked_after_answer", asked_after_answer_).member("constrained", constrained_);
  w.member("connections", connections_);
  w.key("batches").begin_object().member("files", files_).member("submitted", batches_);
  w.member("lines", lines_).member("lines_again", lines_ - distinct_lines_.size()).end_object();
  w.member("cpu_ms", cpu_ms() - cpu_ms_before_).end_object();
  return out;
}

void Statistics::reset() {
  const std::uint64_t in_flight = in_flight_;
  *this = {};
  in_flight_ = in_flight;
  max_in_flight_ = in_flight;
  cpu_ms_before_ = cpu_ms();
}

}  // namespace provider
