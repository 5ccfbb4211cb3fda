#include "tests/support/certificates.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>

namespace testing_support {
namespace {

constexpr long kDay = 24L * 3600;

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using File = std::unique_ptr<std::FILE, decltype(&std::fclose)>;

Key make_key() { return {EVP_EC_gen("P-256"), EVP_PKEY_free}; }

void extend(X509* certificate, X509* issuer, int what, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, what, value);
  ASSERT_NE(extension, nullptr) << value;
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

/// Valid from `begin` to `end`, seconds from now; signed by itself without an issuer.
Certificate make_certificate(const char* name, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key, long begin,
                             long end) {
  Certificate made(X509_new(), X509_free);
  X509* x = made.get();
  X509_set_version(x, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x), issuer == nullptr ? 1 : 2);
  X509_gmtime_adj(X509_getm_notBefore(x), begin);
  X509_gmtime_adj(X509_getm_notAfter(x), end);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  X509* signer = issuer == nullptr ? x : issuer;
  X509_set_issuer_name(x, X509_get_subject_name(signer));
  X509_set_pubkey(x, key);
  extend(x, signer, NID_basic_constraints, issuer == nullptr ? "critical,CA:TRUE" : "CA:FALSE");
  if (issuer != nullptr) extend(x, signer, NID_subject_alt_name, "IP:127.0.0.1,DNS:localhost");
  X509_sign(x, issuer_key, EVP_sha256());
  return made;
}

template <class Write>
std::string write_pem(const base::Path& path, const Write& write) {
  const File file(std::fopen(path.c_str(), "w"), std::fclose);
  EXPECT_NE(file, nullptr) << path;
  if (file != nullptr) {
    EXPECT_EQ(write(file.get()), 1) << path;
  }
  return path.string();
}

}  // namespace

Certificates make_certificates(const base::Path& folder, bool expired) {
  const Key ca_key = make_key();
  const Key key = make_key();
  const Certificate ca =
      make_certificate("slotmill test CA", ca_key.get(), nullptr, ca_key.get(), -3 * kDay, 3 * kDay);
  const Certificate server =
      make_certificate("localhost", key.get(), ca.get(), ca_key.get(), -2 * kDay, expired ? -kDay : kDay);
  Certificates files;
  files.ca = write_pem(folder / "ca.pem", [&](std::FILE* f) { return PEM_write_X509(f, ca.get()); });
  files.certificate =
      write_pem(folder / "server.pem", [&](std::FILE* f) { return PEM_write_X509(f, server.get()); });
  files.key = write_pem(folder / "server.key", [&](std::FILE* f) {
    return PEM_write_PrivateKey(f, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
  return files;
}

}  // namespace testing_support
