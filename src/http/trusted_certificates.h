// Where a machine keeps the certificates that it trusts.
#pragma once

#include <string>

namespace goshawk::http {

// Either may be empty.
struct TrustedCertificates {
  std::string file;    // PEM, many in one
  std::string folder;  // files named by OpenSSL's hashes
};

TrustedCertificates find_trusted_certificates();

}  // namespace goshawk::http
