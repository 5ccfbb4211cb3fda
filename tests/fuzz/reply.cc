// A model's reply. The first byte says how it ended.
#include "validators/reply.h"

#include "base/json_writer.h"
#include "tests/fuzz/claim.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr model::Finish kFinish[] = {model::Finish::stop, model::Finish::length,
                                       model::Finish::content_filter};
  const model::Finish finish = kFinish[size == 0 ? 0 : data[0] % 3];
  const std::string_view body = size == 0 ? std::string_view() : fuzz::view(data + 1, size - 1);
  const validators::ParsedReply reply = validators::parse_reply(body, finish);
  const bool accepted = reply.verdict == validators::Verdict::accepted;
  CLAIM(accepted || reply.verdict == validators::Verdict::refused ||
        reply.verdict == validators::Verdict::broken_json);
  CLAIM(accepted || reply.utterances.empty());
  if (!accepted) return 0;
  for (const std::string& utterance : reply.utterances) CLAIM(base::is_valid_utf8(utterance));

  std::string envelope;
  base::JsonWriter json(envelope);
  json.begin_object().key("utterances").begin_array();
  for (const std::string& utterance : reply.utterances) json.value(utterance);
  json.end_array().end_object();
  const validators::ParsedReply again = validators::parse_reply(envelope, finish);
  CLAIM(again.verdict == reply.verdict && again.repair == validators::Repair::strict);
  CLAIM(again.utterances == reply.utterances);
  return 0;
}
