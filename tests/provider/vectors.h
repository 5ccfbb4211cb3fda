// Embeddings and reranking without a model: the vector of a text is the sum of random signs drawn from its
// pairs of characters, scaled to length 1, so that equal texts have equal vectors and similar ones similar;
// a relevance is the cosine of two of them. Pure.
#pragma once

#include <string_view>

#include "tests/provider/forms.h"
#include "tests/provider/response.h"

namespace provider {

/// POST /v1/embeddings.
Response embed(Form form, std::string_view body);

enum class RankShape {
  results,     // {"id","model","usage","results":[{"index","document":{"text"},"relevance_score"}]}: vLLM
  xinference,  // {"id","results":[{"index","relevance_score","document"}],"meta"}
  array,       // [{"score","document","index","meta_info"}]: SGLang
  dashscope,   // {"object","id","model","results":[{"index","relevance_score"}],"usage"}
};

/// POST of a query and its documents.
Response rank(Form form, RankShape shape, std::string_view body);

}  // namespace provider
