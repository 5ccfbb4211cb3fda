// What the tests of the model in this process share: the shipped model, requests in its prompt, a sink that
// waits for outcomes, and GGUF files made on the spot.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>

#include "base/file.h"
#include "local_model/llama_weights.h"
#include "model/model.h"

namespace local_model {

/// Loaded once for all tests.
std::shared_ptr<const LlamaWeights> shipped_weights();

/// A directory of this test alone, empty.
base::Path test_directory(const std::string& name);

/// The n-th of endless different requests in the compact profile, with two planned slots.
model::Request compact_request(int n);
/// The same, planned in the envelope.
model::Request envelope_request(int n, int utterances);

/// Keeps outcomes by ticket.
class Collector final : public model::OutcomeSink {
 public:
  void deliver(model::Ticket ticket, model::Outcome outcome) override;
  /// Waits until there are so many, however slow the machine; ends the test program if none comes for two
  /// minutes.
  void wait_for(std::size_t count);
  std::size_t count();
  const model::Outcome& at(model::Ticket ticket) { return outcomes_.at(ticket); }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<model::Ticket, model::Outcome> outcomes_;
};

/// Writes a LoRA adapter of rank 4 with random values for the first layer's inner matrices of the shipped
/// model, or for one of another `width`, which doesn't fit.
void write_adapter(const base::Path& path, int width, float size);

/// Whether `line` is free text with exactly the planned slots of the request's first utterance, each once.
bool has_planned_tags(const model::Request& request, const std::string& line);

}  // namespace local_model
