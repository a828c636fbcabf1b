// Servers with certificates that were made for the test.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <csignal>
#include <cstdio>

#include "http/client.h"
#include "http/testing/canned_server.h"

namespace goshawk::http {
namespace {

using testing::CannedServer;
using testing::Connection;
using ::testing::HasSubstr;

// Signed by itself, for one name ("DNS:localhost", "IP:127.0.0.1"), valid from now or in the past.
class Identity {
 public:
  explicit Identity(const std::string& name, long ends_in_seconds = 3600)
      : key_(::EVP_EC_gen("P-256")), certificate_(::X509_new()) {
    ::X509_set_version(certificate_, 2);
    ::ASN1_INTEGER_set(::X509_get_serialNumber(certificate_), 1);
    ::X509_gmtime_adj(::X509_getm_notBefore(certificate_), -7200);
    ::X509_gmtime_adj(::X509_getm_notAfter(certificate_), ends_in_seconds);
    ::X509_set_pubkey(certificate_, key_);
    X509_NAME* subject = ::X509_get_subject_name(certificate_);
    ::X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                                 reinterpret_cast<const unsigned char*>("goshawk test"), -1, -1, 0);
    ::X509_set_issuer_name(certificate_, subject);
    X509_EXTENSION* names =
        ::X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, name.c_str());
    ::X509_add_ext(certificate_, names, -1);
    ::X509_EXTENSION_free(names);
    ::X509_sign(certificate_, key_, ::EVP_sha256());
  }
  ~Identity() {
    ::X509_free(certificate_);
    ::EVP_PKEY_free(key_);
  }
  Identity(const Identity&) = delete;

  std::string write(const std::string& name) const {
    std::string path = ::testing::TempDir() + name;
    std::FILE* file = std::fopen(path.c_str(), "w");
    ::PEM_write_X509(file, certificate_);
    std::fclose(file);
    return path;
  }
  CannedServer serve() const {
    return CannedServer({[this](const Connection& line) { answer(line); }});
  }

 private:
  void answer(const Connection& line) const {
    SSL_CTX* context = ::SSL_CTX_new(::TLS_server_method());
    ::SSL_CTX_use_certificate(context, certificate_);
    ::SSL_CTX_use_PrivateKey(context, key_);
    SSL* tls = ::SSL_new(context);
    ::SSL_set_fd(tls, line.socket());
    if (::SSL_accept(tls) == 1) {
      std::string heard(4096, '\0');
      ::SSL_read(tls, heard.data(), static_cast<int>(heard.size()));
      std::string said = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
      if (heard.starts_with("GET /down "))
        said = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n";
      ::SSL_write(tls, said.data(), static_cast<int>(said.size()));
      ::SSL_shutdown(tls);
    }
    ::SSL_free(tls);
    ::SSL_CTX_free(context);
  }

  EVP_PKEY* key_;
  X509* certificate_;
};

Result<Response> get(const CannedServer& server, const Trust& trust,
                     const std::string& host = "127.0.0.1", const std::string& path = "/") {
  Url url{.tls = true, .host = host, .port = server.port(), .target = path};
  return fetch({.url = url}, {.attempts = 1, .trust = trust});
}

class TlsTest : public ::testing::Test {
 protected:
  void SetUp() override { ::signal(SIGPIPE, SIG_IGN); }  // SSL_write() raises it
};

TEST_F(TlsTest, ATrustedServerIsRead) {
  Identity identity("IP:127.0.0.1");
  CannedServer server = identity.serve();
  auto response = get(server, {.ca_file = identity.write("goshawk_ip.pem")});
  ASSERT_TRUE(response) << describe(response.error());
  EXPECT_EQ(response->body, "hello");
  Identity named("DNS:localhost");
  CannedServer named_server = named.serve();
  EXPECT_TRUE(get(named_server, {.ca_file = named.write("goshawk_name.pem")}, "localhost"));
}

TEST_F(TlsTest, AWrongCertificateIsRefused) {
  Identity identity("IP:127.0.0.1"), other("IP:10.0.0.1"), old("IP:127.0.0.1", -3600);
  CannedServer server = identity.serve(), others = other.serve(), olds = old.serve();
  auto unknown = get(server, {});
  ASSERT_FALSE(unknown);
  EXPECT_TRUE(std::holds_alternative<Denied>(unknown.error()));
  EXPECT_THAT(describe(unknown.error()), HasSubstr("does not prove to be 127.0.0.1: self-signed"));
  EXPECT_THAT(describe(unknown.error()), HasSubstr("--insecure"));
  auto mismatch = get(others, {.ca_file = other.write("goshawk_other.pem")});
  ASSERT_FALSE(mismatch);
  EXPECT_THAT(describe(mismatch.error()), HasSubstr("IP address mismatch"));
  auto expired = get(olds, {.ca_file = old.write("goshawk_old.pem")});
  ASSERT_FALSE(expired);
  EXPECT_THAT(describe(expired.error()), HasSubstr("has expired"));
  EXPECT_EQ(get(server, {.insecure = true})->body, "hello");
  auto name = get(server, {.ca_file = identity.write("goshawk_ip.pem")}, "localhost");
  EXPECT_THAT(describe(name.error()), HasSubstr("hostname mismatch"));
}

TEST_F(TlsTest, TlsIsNotLeft) {
  Identity identity("IP:127.0.0.1");
  CannedServer server = identity.serve();
  auto response = get(server, {.insecure = true}, "127.0.0.1", "/down");
  ASSERT_FALSE(response);
  EXPECT_THAT(describe(response.error()), HasSubstr("leads away from TLS"));
}

TEST_F(TlsTest, WhatSpeaksNoTlsIsSaid) {
  CannedServer plain(
      {[](const Connection& line) { line.say("HTTP/1.1 400 Bad Request\r\n\r\n"); }});
  EXPECT_THAT(describe(get(plain, {.insecure = true}).error()), HasSubstr("write http://"));
  EXPECT_THAT(describe(get(plain, {.ca_file = "/nonexistent"}).error()), HasSubstr("--ca-file"));
}

}  // namespace
}  // namespace goshawk::http
