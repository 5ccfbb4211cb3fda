// Whether servers hold replies to the JSON that they are asked for (`response_format`). What a server doesn't
// know it often ignores without a word, and then every reply is left to the repairs of validators/reply.h:
// rows come all the same, fewer, and nobody learns why. A person is told, once for a model.
//
// Judged are about 20 replies of a model: the first ones of the first lanes that it serves, in the order of
// their commits, so that neither a clock nor the order of arrival has a say. Failures and refusals don't
// count. Nothing follows from it: requests never change within a run.
//
// Called by whoever owns the lanes, after commits; costs a few comparisons until all models are judged.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "pipeline/lane.h"
#include "prompts/job.h"
#include "prompts/plan.h"

namespace pipeline {

class FormatWatch {
 public:
  /// Both are borrowed.
  FormatWatch(const prompts::Job& job, const prompts::Plan& plan);
  /// What has become certain since the last call, for a person.
  std::vector<std::string> look(const std::vector<Lane>& lanes);
  /// All that look() has said, in the order of the job's models.
  std::vector<std::string> said() const;

 private:
  struct Watched {
    std::size_t model = 0;
    std::vector<std::size_t> lanes;
    std::size_t share = 0;  // replies of each lane
    bool judged = false;
    std::string message;
  };
  void judge(Watched& watched, const std::vector<Lane>& lanes) const;

  const prompts::Job& job_;
  std::vector<Watched> watched_;
  std::size_t unjudged_ = 0;
};

}  // namespace pipeline
