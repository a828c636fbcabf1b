// What a machine says of names in /etc/hosts and /etc/resolv.conf.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "http/ip_address.h"

namespace goshawk::http {

// The addresses that the text of a hosts file gives a name, in its order.
std::vector<IpAddress> find_in_hosts(std::string_view text, std::string_view name);

// As in resolv.conf(5); what is not understood there is left out.
struct NameServers {
  std::vector<SocketAddress> servers;  // at least one
  std::vector<std::string> search;     // domains
  std::size_t dots = 1;                // a name with so many is tried as it is first
  int attempts = 2;
  std::chrono::seconds timeout{5};  // of one attempt at one server
};
NameServers parse_resolv_conf(std::string_view text);

// In the order in which they are asked for.
std::vector<std::string> list_candidates(const NameServers& servers, std::string_view name);

}  // namespace goshawk::http
