#include "datasets/readers/json_records.h"

#include <algorithm>
#include <cstddef>

namespace datasets {
namespace {

class Scanner {
 public:
  Scanner(std::string_view json, const VisitRecord& visit, std::string_view first_key, bool top_level)
      : json_(json), visit_(visit), first_key_(first_key), top_level_(top_level) {}

  void run() {
    while (at_ < json_.size()) step();
    if (record_ != kNone) end_record(json_.size());
  }

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  void step() {
    switch (json_[at_]) {
      case '"':
        return string();
      case '{':
      case '[':
        return open(json_[at_]);
      case '}':
      case ']':
        return close(json_[at_]);
      case '\n':
        ++place_.line;
        place_.column = 0;
        break;
      case ',':
        if (record_ == kNone && !levels_.empty()) levels_.back().key.clear();
        break;
      default:
        break;
    }
    advance();
  }

  // Over one byte; continuation bytes are no column of their own.
  void advance() {
    if ((static_cast<unsigned char>(json_[at_]) & 0xC0) != 0x80 && json_[at_] != '\n') ++place_.column;
    ++at_;
  }

  void string() {
    const std::size_t start = at_ + 1;
    advance();
    while (at_ < json_.size() && json_[at_] != '"' && json_[at_] != '\n') {
      if (json_[at_] == '\\' && at_ + 1 < json_.size() && json_[at_ + 1] != '\n') advance();
      advance();
    }
    // Of an object the last string before a value is its name; keys with escapes stay as they are written.
    if (record_ == kNone && !levels_.empty() && levels_.back().bracket == '{')
      levels_.back().key = json_.substr(start, at_ - start);
    if (at_ < json_.size() && json_[at_] == '"') advance();
  }

  // Whether the object that opens here begins with the name that records begin with.
  bool begins_record() const {
    if (first_key_.empty() || record_ == kNone) return false;
    std::size_t at = json_.find_first_not_of(" \t\r\n", at_ + 1);
    if (at == std::string_view::npos || json_[at] != '"') return false;
    const std::string_view rest = json_.substr(at + 1);
    return rest.starts_with(first_key_) && rest.substr(first_key_.size()).starts_with('"');
  }

  void open(char bracket) {
    if (bracket == '{' && begins_record()) {
      const std::size_t end = json_.find_last_not_of(" \t\r\n,", at_ - 1) + 1;
      end_record(end);
      levels_.resize(std::min(levels_.size(), record_depth_));
    }
    const bool in_array = levels_.empty() ? top_level_ : levels_.back().bracket == '[';
    if (bracket == '{' && record_ == kNone && in_array) {
      record_ = at_;
      record_depth_ = levels_.size();
      record_place_ = {place_.line, place_.column + 1};
    }
    levels_.push_back({bracket, {}});
    advance();
  }

  void close(char bracket) {
    advance();
    if (levels_.empty()) return;
    if (record_ != kNone) {
      const char opened = levels_.back().bracket;
      const bool matches = (opened == '{') == (bracket == '}');
      // A bracket too few inside a record: the object ends what is open in it.
      if (!matches && bracket == '}' && levels_.size() > record_depth_ + 1) levels_.pop_back();
      levels_.pop_back();
      if (levels_.size() <= record_depth_) end_record(at_);
      return;
    }
    levels_.pop_back();
    if (!levels_.empty()) levels_.back().key.clear();
  }

  void end_record(std::size_t end) {
    std::vector<std::string> path;
    for (std::size_t i = 0; i < record_depth_ && i < levels_.size(); ++i)
      if (levels_[i].bracket == '{') path.push_back(levels_[i].key);
    visit_(json_.substr(record_, end - record_), record_place_, path);
    record_ = kNone;
  }

  struct Level {
    char bracket;
    std::string key;  // of an object: the member that is being read
  };

  std::string_view json_;
  const VisitRecord& visit_;
  std::string_view first_key_;
  bool top_level_;
  std::size_t at_ = 0;
  Place place_{1, 0};
  std::vector<Level> levels_;
  std::size_t record_ = kNone;
  std::size_t record_depth_ = 0;
  Place record_place_;
};

}  // namespace

void for_each_record(std::string_view json, const VisitRecord& visit, std::string_view first_key,
                     bool top_level) {
  Scanner(json, visit, first_key, top_level).run();
}

}  // namespace datasets
