// /etc/hosts and /etc/resolv.conf. The input is the text of either.
#include "fuzz/fuzz.h"
#include "http/name_files.h"

namespace goshawk::fuzz {

void run(ByteView input) {
  std::string_view text = as_text(input);
  for (const http::IpAddress& address : http::find_in_hosts(text, "shop"))
    use(http::to_text(address));
  http::NameServers servers = http::parse_resolv_conf(text);
  if (servers.servers.empty() || servers.servers.size() > 3 || servers.attempts < 1)
    __builtin_trap();
  for (const std::string& name : http::list_candidates(servers, "shop.example")) use(name);
}

std::vector<std::string> seeds() {
  return {"127.0.0.1 localhost\n10.0.0.1\tweb Shop # the shop\n::1 shop\n",
          "nameserver 10.96.0.10\nsearch a.local b.local\noptions ndots:5 timeout:1 attempts:3\n",
          "; x\ndomain corp\r\nnameserver fe80::1%eth0\noptions rotate ndots:-1 ndots:99999999999"};
}

}  // namespace goshawk::fuzz
