// Ranking over HTTP: how near each of some documents is to a query. vLLM, Xinference and llama-server take
// POST base_url/rerank and answer {"results":[{"index","relevance_score"}]}, SGLang a bare array with
// `score`, DashScope the former at /compatible-api/v1/reranks. Pure functions, any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "model/request.h"
#include "remote_model/chat.h"

namespace remote_model {

std::string rank_request_body(const model::ModelIdentity& identity, const model::Request& request);

/// Of a reply the score of each of the `documents`, in their order and as the server scales them (some give
/// shares from 0 to 1, some any number), and the usage; else what was said, as read_chat_answer() does.
/// Refuses a ranking that leaves a document out or has one twice.
ChatAnswer read_ranking(std::string_view body, std::size_t documents, std::vector<float>& scores);

}  // namespace remote_model
