// What requests will probably cost, and what they can cost at most, before any is sent.
//
// Prompts are rendered and measured: the first kSamples of each model in a cell stand for the rest. Their
// tokens are counted by a rule of thumb (estimated_tokens); a reply is taken to be its planned values and
// tags, and as much text around them as the style `length` asks for (`7-12`: characters of Chinese, words
// otherwise; without it 12, or 8), in the JSON around the utterances. What a provider has in its cache,
// what a model thinks, and tries that fail are not foreseen. A judge is taken to be asked about everything.
// The bound is that of the budget (budget.h).
//
// Pure; any thread; about 50 us per sample.
#pragma once

#include <cstdint>
#include <string_view>

#include "prompts/job.h"
#include "prompts/plan.h"
#include "prompts/renderer.h"

namespace pipeline {

struct CostEstimate {
  double likely = 0;
  double most = 0;
};

/// Of `count` attempts of a cell from the attempt `first` on, in the job's currency.
CostEstimate estimate_cost(const prompts::Job& job, const prompts::Renderer& renderer,
                           const prompts::Lane& lane, const prompts::Cell& cell, std::uint64_t first,
                           std::int64_t count);

/// 0.7 for a character of Chinese, Japanese or Korean, 0.3 for any other byte: what tokenizers of 100,000
/// pieces and more make of prompts with tags and JSON in them.
double estimated_tokens(std::string_view text);

/// The currency of the job's prices; empty without.
std::string currency_of(const prompts::Job& job);

}  // namespace pipeline
