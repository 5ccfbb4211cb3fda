// The whole program over connections that are encrypted, redirected, or closed under its feet.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/outcomes.h"
#include "tests/cli/workspace.h"
#include "tests/support/certificates.h"

namespace cli_testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing_support::Certificates;
using testing_support::Finished;
using testing_support::Provider;

constexpr const char* kKey = "sk-very-secret-4711";
constexpr int kRows = 900;

std::vector<std::string> with_certificate(const Certificates& files, std::vector<std::string> options = {}) {
  options.insert(options.end(), {"--certificate", files.certificate, "--key", files.key});
  return options;
}

class Connections : public ::testing::Test {
 protected:
  Finished run(const std::string& base_url, const std::string& keys = "") const {
    workspace_.write("job.yaml",
                     remote_job(base_url, kRows / 3,
                                "api_key_env: SLOTMILL_TEST_KEY" + (keys.empty() ? "" : ", " + keys)));
    return workspace_.slotmill({"run", workspace_.path("job.yaml").string()}, {{"SLOTMILL_TEST_KEY", kKey}});
  }
  Certificates certificates(bool expired = false) const {
    return testing_support::make_certificates(workspace_.path(""), expired);
  }
  void expect_all_rows(const Finished& finished) const {
    EXPECT_EQ(finished.code, 0) << finished.errors;
    EXPECT_EQ(workspace_.rows("out/remote").size(), static_cast<std::size_t>(kRows));
  }
  const Workspace workspace_;
};

TEST_F(Connections, APrivateCaIsTrustedWhenTheJobNamesIt) {
  const Certificates files = certificates();
  const Provider provider(with_certificate(files));
  expect_all_rows(run(provider.secure_url(), "ca: " + files.ca));
}

TEST_F(Connections, CertificatesThatProveNothingAreRefusedBeforeTheKeyIsSent) {
  const struct {
    bool expired;
    bool names_ca;
    const char* says;
  } cases[] = {
      {false, false, "unable to get local issuer certificate"},
      {true, true, "certificate has expired"},
  };
  for (const auto& c : cases) {
    const Certificates files = certificates(c.expired);
    const Provider provider(with_certificate(files));
    const Finished finished = run(provider.secure_url(), std::string("timeout: 1s, deadline: 1s") +
                                                             (c.names_ca ? ", ca: " + files.ca : ""));
    EXPECT_EQ(finished.code, 1) << finished.errors;
    EXPECT_THAT(finished.errors, HasSubstr(c.says));
    EXPECT_THAT(finished.errors, HasSubstr("check the server's certificate"));
    EXPECT_THAT(finished.errors, HasSubstr("attempts stay owed"));
    EXPECT_EQ(provider.statistic("/requests"), 0);
  }
}

TEST_F(Connections, ARedirectIsNotFollowedAndTheKeyStays) {
  const Provider elsewhere;
  const Provider provider(
      {"--mode", "redirect", "--redirect-to", elsewhere.base_url() + "/chat/completions"});
  const Finished finished = run(provider.base_url());
  EXPECT_EQ(finished.code, 1) << finished.errors;
  EXPECT_THAT(finished.errors, HasSubstr("moved to " + elsewhere.base_url() + "/chat/completions"));
  EXPECT_THAT(finished.errors, HasSubstr("set base_url to the new address"));
  EXPECT_THAT(finished.errors, Not(HasSubstr(kKey)));
  EXPECT_EQ(elsewhere.statistic("/connections"), 1) << "somebody else than this question was there";
}

class ClosedConnections : public Connections, public ::testing::WithParamInterface<bool> {};

TEST_P(ClosedConnections, CostNothingUnderLoad) {
  const bool secure = GetParam();
  const Certificates files = certificates();
  const Provider provider(with_certificate(
      files, {"--delay-ms", "2", "--mode-rate",
              "close-silently:0.3,unanswered:0.1,close:0.1,half-body:0.05,wrong-length:0.05"}));
  expect_all_rows(run(secure ? provider.secure_url() : provider.base_url(),
                      "limits: {in_flight: 32}" + (secure ? ", ca: " + files.ca : std::string())));
  expect_one_outcome_each(provider, read_outcomes(workspace_));
}

INSTANTIATE_TEST_SUITE_P(All, ClosedConnections, ::testing::Bool(),
                         [](const auto& tested) { return tested.param ? "tls" : "plain"; });

TEST_F(Connections, Http2GoesOnAfterGoAway) {
  const Certificates files = certificates();
  const Provider provider(with_certificate(
      files, {"--go-away-after", "20", "--delay-ms", "20", "--mode-rate", "half-body:0.05,unanswered:0.05"}));
  expect_all_rows(run(provider.secure_url(), "ca: " + files.ca + ", http: 2, limits: {in_flight: 16}"));
  expect_one_outcome_each(provider, read_outcomes(workspace_));
  EXPECT_GE(provider.statistic("/requests"), 20);
}

}  // namespace
}  // namespace cli_testing
