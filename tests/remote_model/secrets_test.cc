#include "remote_model/secrets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "remote_model/transport.h"

namespace remote_model {
namespace {

constexpr const char* kKey = "sk-a/b+c=d%e&f\"1";

TEST(Secrets, AreFoundInEverySpelling) {
  const struct {
    const char* text;
    const char* masked;
  } cases[] = {
      {"", ""},
      {"nothing here", "nothing here"},
      {R"(sk-a/b+c=d%e&f"1)", "***"},
      {R"(the key sk-a/b+c=d%e&f"1sk-a/b+c=d%e&f"1 is wrong)", "the key ****** is wrong"},
      {"x%73k-a%2Fb%2Bc%3Dd%25e%26f%221y", "x***y"},
      {"x%73k-a%2fb%2bc%3dd%25e%26f%221y", "x***y"},
      {"sk-a%252Fb%252Bc%253Dd%2525e%2526f%25221", "***"},
      {R"("sk-a\/b+c=d%e&f\"1")", R"("***")"},
      {R"("sk-a\\/b+c=d%e&f\\\"1")", R"("***")"},
      {R"("\u0073\u006b-a\u002Fb\u002bc=d%e\u0026f\u00221")", R"("***")"},
      {R"('sk-a\x2fb\x2bc=d%e&f\x221')", "'***'"},
      {"sk-a&#47;b&#x2B;c&#x3d;d%e&amp;f&quot;1", "***"},
      {"sk-a/b+c=d%e&f", "sk-a/b+c=d%e&f"},
      {"sk-a/b+c=d%", "sk-a/b+c=d%"},
      {"sk-a/b+c=d%2", "sk-a/b+c=d%2"},
      {R"(sk-a\)", R"(sk-a\)"},
      {"sk-a&#", "sk-a&#"},
      {R"(ssk-a/b+c=d%e&f"1)", "s***"},
      {R"(\\ % & \u00 %zz &amp; &#x; stays)", R"(\\ % & \u00 %zz &amp; &#x; stays)"},
  };
  for (const auto& c : cases) EXPECT_EQ(mask_spellings(c.text, kKey), c.masked) << c.text;
  EXPECT_EQ(mask_spellings("text", ""), "text");
}

TEST(Secrets, OfAnEndpointAreItsHeadersAndPasswords) {
  for (const char* name : {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"})
    unsetenv(name);
  Endpoint endpoint;
  endpoint.headers = {"Content-Type: application/json", "Authorization: Bearer sk-1", "X-Token: abc"};
  endpoint.proxy = "http://me:pass%2Fword@proxy:3128";
  setenv("https_proxy", "other:secret@proxy", 1);
  EXPECT_THAT(secrets_of(endpoint),
              testing::ElementsAre("sk-1", "Bearer sk-1", "abc", "pass%2Fword", "pass/word",
                                   "bWU6cGFzcy93b3Jk", "secret", "secret", "b3RoZXI6c2VjcmV0"));
  unsetenv("https_proxy");
}

}  // namespace
}  // namespace remote_model
