// The addresses of a machine, by its name.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/result.h"
#include "http/ip_address.h"

namespace goshawk::http {

struct NameSources {
  std::string hosts = "/etc/hosts";
  std::string resolv_conf = "/etc/resolv.conf";
  std::uint16_t port = 0;  // of name servers; 0: the usual one
};

// At least one; those of IPv4 first. An address is its own. Missing: there is none, or nobody told
// until then.
Result<std::vector<IpAddress>> resolve(const std::string& host,
                                       std::chrono::steady_clock::time_point deadline,
                                       const NameSources& sources = {});

}  // namespace goshawk::http
