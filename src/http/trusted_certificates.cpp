// A static OpenSSL knows only the folder of the system that it was built on. These are the usual
// places of the others; SSL_CERT_FILE and SSL_CERT_DIR come first, as everywhere.
// Follows crypto/x509/root_linux.go.
#include "http/trusted_certificates.h"

#include <unistd.h>

#include <cstdlib>
#include <span>

namespace goshawk::http {
namespace {

constexpr const char* kFiles[] = {
    "/etc/ssl/certs/ca-certificates.crt",                 // Debian, Ubuntu, Arch
    "/etc/pki/tls/certs/ca-bundle.crt",                   // Fedora, RHEL 6
    "/etc/ssl/ca-bundle.pem",                             // OpenSUSE
    "/etc/pki/tls/cacert.pem",                            // OpenELEC
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // CentOS, RHEL 7
    "/etc/ssl/cert.pem"};                                 // Alpine
constexpr const char* kFolders[] = {"/etc/ssl/certs", "/etc/pki/tls/certs"};

std::string find(const char* variable, std::span<const char* const> places) {
  const char* given = std::getenv(variable);
  if (given != nullptr && *given != '\0') return given;
  for (const char* place : places)
    if (::access(place, R_OK) == 0) return place;
  return "";
}

}  // namespace

TrustedCertificates find_trusted_certificates() {
  return {.file = find("SSL_CERT_FILE", kFiles), .folder = find("SSL_CERT_DIR", kFolders)};
}

}  // namespace goshawk::http
