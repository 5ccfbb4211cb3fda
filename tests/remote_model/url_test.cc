#include "remote_model/url.h"

#include <gtest/gtest.h>

namespace remote_model {
namespace {

TEST(Url, KnowsThisMachine) {
  const struct {
    const char* url;
    bool loopback;
  } cases[] = {
      {"http://localhost:8000/v1", true},
      {"http://LOCALHOST/v1", true},
      {"http://127.0.0.1/v1", true},
      {"http://127.9.9.9/v1", true},
      {"http://[::1]:8000/v1", true},
      {"http://127.0.0.1.example.com/v1", false},
      {"http://localhost.example.com/v1", false},
      {"http://10.0.0.5/v1", false},
      {"http://[::2]/v1", false},
      {"http://128.0.0.1/v1", false},
      {"https://api.openai.com/v1", false},
  };
  for (const auto& c : cases) {
    const auto url = parse_url(c.url);
    ASSERT_TRUE(url) << c.url;
    EXPECT_EQ(url->loopback, c.loopback) << c.url;
  }
}

TEST(Url, DropsWhatMayBeSecret) {
  const auto url = parse_url("https://user:secret@Host.example:8443/v1?key=secret#secret");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->text, "https://host.example:8443/v1");
  EXPECT_TRUE(url->has_extras);
  EXPECT_FALSE(parse_url("https://host/v1")->has_extras);
}

TEST(Url, RefusesWhatIsNone) {
  for (const char* text : {"", "nonsense", "api.openai.com/v1", "http://", "http://a b/"})
    EXPECT_FALSE(parse_url(text)) << text;
}

}  // namespace
}  // namespace remote_model
