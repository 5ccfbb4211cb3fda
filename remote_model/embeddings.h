// Embeddings over HTTP, as OpenAI, vLLM, SGLang, Xinference, Ollama, llama-server and swift deploy have them:
// POST base_url/embeddings with one text, what is sent and how the answer is read. Pure functions, any
// thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/request.h"
#include "remote_model/chat.h"

namespace remote_model {

/// Asks for numbers by saying nothing about their form: not all servers know `encoding_format`.
std::string embedding_request_body(const model::ModelIdentity& identity, const model::Request& request);

/// Of a reply the vector, made of length 1, and the usage; else what was said, as read_chat_answer() does.
/// Takes numbers and base64 (little-endian floats); refuses a vector that is empty, zero or not finite.
ChatAnswer read_embedding(std::string_view body, std::vector<float>& embedding);

}  // namespace remote_model
