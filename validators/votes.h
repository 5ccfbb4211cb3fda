// What a judge's reply says about the rows that it was asked about: its votes, or, by what it read in the
// bare texts, whether that is what the rows say. A line of the reply names the row by its number, so that one
// that is left out or repeated moves no other. Whatever can't be read is no vote. Pure functions, any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/row.h"
#include "model/request.h"
#include "prompts/job.h"
#include "prompts/judge_prompt.h"

namespace validators {

/// What can be wrong with a row, as the bits of Ballot::faults say it.
constexpr std::array<std::string_view, 3> kFaultNames = {"intent", "slots", "natural"};
constexpr std::size_t kFaultCount = kFaultNames.size();

/// One vote about one row.
struct Ballot {
  bool given = false;       // there is one
  std::uint8_t faults = 0;  // a bit for each of kFaultNames; 0: nothing is wrong
  bool operator==(const Ballot&) const = default;
};

/// How many votes of one kind there were.
struct VoteCounts {
  std::int64_t yes = 0;
  std::int64_t no = 0;
  std::int64_t none = 0;
  std::array<std::int64_t, kFaultCount> faults{};  // of `no`

  void add(const Ballot& ballot);
};

/// One ballot for each of `rows`, which were numbered from 1 in the request. A failed outcome has no votes.
std::vector<Ballot> read_ballots(prompts::Opinion opinion, const model::Outcome& outcome,
                                 const std::vector<datasets::Row>& rows, const prompts::Job& job);

/// `yes`, `no` or `none`.
std::string_view vote_name(const Ballot& ballot);
/// The names of its faults.
std::vector<std::string> fault_names(const Ballot& ballot);

}  // namespace validators
