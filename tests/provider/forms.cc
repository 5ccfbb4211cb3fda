#include "tests/provider/forms.h"

#include "base/json_writer.h"

namespace provider {
namespace {

struct Name {
  std::string_view name;
  Form form;
};

constexpr Name kForms[] = {{"openai", Form::openai}, {"tgi", Form::tgi},
                           {"ollama", Form::ollama}, {"swift", Form::swift},
                           {"sglang", Form::sglang}, {"xinference", Form::xinference}};

const char* tgi_type(int status) {
  switch (status) {
    case 400:
    case 422:
      return "validation";
    case 429:
      return "overloaded";
    case 503:
      return "healthcheck";
    default:
      return "generation";
  }
}

}  // namespace

std::optional<Form> form_named(std::string_view name) {
  for (const Name& entry : kForms)
    if (entry.name == name) return entry.form;
  return std::nullopt;
}

Response fault_response(Form form, const Fault& fault, bool native) {
  Response response;
  response.status = fault.status;
  base::JsonWriter w(response.body);
  w.begin_object();
  switch (form) {
    case Form::tgi:
      if (fault.status == 400) response.status = 422;
      w.member("error", fault.message).member("error_type", tgi_type(fault.status));
      break;
    case Form::swift:
      response.status = 400;
      w.member("message", fault.message).member("object", "error");
      break;
    case Form::sglang:
      w.member("object", "error").member("message", fault.message).member("type", fault.type);
      w.key("param").null().member("code", fault.status);
      break;
    case Form::xinference:
      w.member("detail", fault.message);
      break;
    case Form::openai:
    case Form::ollama:
      if (native) {
        w.member("error", fault.message);
        break;
      }
      w.key("error").begin_object().member("message", fault.message).member("type", fault.type);
      w.key("param").null().key("code");
      if (form == Form::ollama)
        w.null();
      else
        w.value(fault.code);
      w.end_object();
      break;
  }
  w.end_object();
  return response;
}

}  // namespace provider
