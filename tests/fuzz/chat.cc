// What a server answers under any status: read, judged and put into words for a person. The first byte
// chooses the status and the provider.
#include "remote_model/chat.h"

#include <array>

#include "remote_model/explanation.h"
#include "remote_model/retry_policy.h"
#include "tests/fuzz/claim.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::array<int, 8> kStatus = {200, 400, 401, 403, 404, 429, 500, 503};
  const std::size_t choice = size == 0 ? 0 : data[0];
  const std::string_view body = size == 0 ? std::string_view() : fuzz::view(data + 1, size - 1);
  const remote_model::ChatAnswer answer = remote_model::read_chat_answer(body);
  CLAIM(base::is_valid_utf8(answer.content));
  CLAIM(answer.kind == remote_model::ChatAnswer::Kind::reply || answer.content.empty());
  CLAIM(answer.kind == remote_model::ChatAnswer::Kind::reply || !answer.message.empty());

  remote_model::HttpResponse response;
  response.status = kStatus[choice % kStatus.size()];
  response.body = body;
  const auto providers = remote_model::provider_names();
  const auto& dialect = *remote_model::find_dialect(providers[choice / kStatus.size() % providers.size()]);
  const remote_model::Verdict verdict = remote_model::classify(response, answer, dialect);
  CLAIM(verdict != remote_model::Verdict::reply || response.status == 200 ||
        remote_model::is_content_filter(answer, dialect));
  const std::string words = remote_model::explain(response, answer, {"sk-0123456789abcdef"});
  CLAIM(base::is_valid_utf8(words) && words.find("sk-0123456789abcdef") == std::string::npos);
  remote_model::way_out(response, verdict, "OPENAI_API_KEY", dialect);

  const std::string clean = remote_model::clean_server_text(body);
  CLAIM(base::is_valid_utf8(clean) && base::count_code_points(clean) <= 301);
  CLAIM(remote_model::clean_server_text(clean) == clean || base::count_code_points(clean) > 300);
  return 0;
}
