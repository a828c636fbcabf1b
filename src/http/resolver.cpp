// A static program has no getaddrinfo() to rely on: it would load the machine's own libraries. This
// asks what nearly all machines go by: the hosts file, then the name servers by UDP, for both kinds
// of address at once. What only other sources know (mDNS, LDAP, systemd without its stub) is not
// found. An answer that was too long for a datagram counts as far as it came.
#include "http/resolver.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>

#include "http/dns_message.h"
#include "http/message.h"
#include "http/name_files.h"

namespace goshawk::http {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostFileBytes = 4 << 20;
constexpr std::size_t kMostMessageBytes = 4096;
constexpr std::array kTypes = {RecordType::kA, RecordType::kAaaa};

std::string read_or_nothing(const std::string& path) {
  std::ifstream file(path);
  std::string text(kMostFileBytes, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

class UdpSocket {
 public:
  explicit UdpSocket(const SocketAddress& server)
      : socket_(::socket(server.ip.is_v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in v4{
        .sin_family = AF_INET, .sin_port = htons(server.port), .sin_addr = {}, .sin_zero = {}};
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(server.port);
    std::memcpy(&v4.sin_addr, server.ip.bytes.data(), sizeof v4.sin_addr);
    std::memcpy(&v6.sin6_addr, server.ip.bytes.data(), sizeof v6.sin6_addr);
    const void* to = server.ip.is_v6 ? static_cast<const void*>(&v6) : &v4;
    // Only its answers are received then. Where there is no way to it, sending fails.
    connected_ = ::connect(socket_, static_cast<const sockaddr*>(to),
                           server.ip.is_v6 ? sizeof v6 : sizeof v4) == 0;
  }
  ~UdpSocket() {
    if (socket_ >= 0) ::close(socket_);
  }
  UdpSocket(const UdpSocket&) = delete;

  bool send(const std::string& message) const {
    return connected_ && ::send(socket_, message.data(), message.size(), MSG_NOSIGNAL) >= 0;
  }

  // nullopt: none came until then, or it is refused.
  std::optional<ByteView> receive_until(Clock::time_point end) {
    while (true) {
      auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
      pollfd ready{socket_, POLLIN, 0};
      int count = left <= 0 ? 0 : ::poll(&ready, 1, static_cast<int>(left));
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return std::nullopt;
      ssize_t got = ::recv(socket_, buffer_.data(), buffer_.size(), 0);
      if (got < 0) return std::nullopt;
      return ByteView(buffer_).first(static_cast<std::size_t>(got));
    }
  }

 private:
  int socket_;
  bool connected_ = false;
  std::array<std::byte, kMostMessageBytes> buffer_{};
};

std::uint16_t random_id() {
  std::uint16_t id = 0;
  if (::getrandom(&id, sizeof id, 0) != sizeof id) id = static_cast<std::uint16_t>(::getpid());
  return id;
}

enum class Told { kAddresses, kNoSuchName, kNothing };

// One try at one server.
Told ask(const SocketAddress& server, const std::string& name, Clock::time_point end,
         std::vector<IpAddress>& addresses) {
  UdpSocket socket(server);
  std::array<std::string, kTypes.size()> queries;
  for (std::size_t i = 0; i < kTypes.size(); ++i) {
    auto query = encode_dns_query(random_id(), name, kTypes[i]);
    if (!query) return Told::kNoSuchName;
    queries[i] = *std::move(query);
    if (!socket.send(queries[i])) return Told::kNothing;
  }
  std::size_t open = queries.size();
  while (open > 0) {
    auto message = socket.receive_until(end);
    if (!message) break;
    for (std::string& query : queries) {
      auto answer = query.empty() ? std::nullopt : parse_dns_answer(*message, query);
      if (!answer) continue;
      if (answer->server_failed) return Told::kNothing;
      addresses.insert(addresses.end(), answer->addresses.begin(), answer->addresses.end());
      query.clear();
      --open;
    }
  }
  if (!addresses.empty()) return Told::kAddresses;
  return open == 0 ? Told::kNoSuchName : Told::kNothing;
}

Told ask_all(const NameServers& servers, const std::string& name, Clock::time_point deadline,
             std::vector<IpAddress>& addresses) {
  for (int attempt = 0; attempt < servers.attempts; ++attempt)
    for (const SocketAddress& server : servers.servers) {
      Clock::time_point end = std::min<Clock::time_point>(deadline, Clock::now() + servers.timeout);
      Told told = ask(server, name, end, addresses);
      if (told != Told::kNothing) return told;
      if (Clock::now() >= deadline) return Told::kNothing;
    }
  return Told::kNothing;
}

std::vector<IpAddress> find_without_asking(const std::string& host, const NameSources& sources) {
  if (auto ip = parse_ip_address(host)) return {*ip};
  auto found = find_in_hosts(read_or_nothing(sources.hosts), host);
  if (found.empty() && (host == "localhost" || host.ends_with(".localhost")))
    return {*parse_ip_address("127.0.0.1"), *parse_ip_address("::1")};
  return found;
}

Result<std::vector<IpAddress>> ask_name_servers(const std::string& host, Clock::time_point deadline,
                                                const NameSources& sources) {
  NameServers servers = parse_resolv_conf(read_or_nothing(sources.resolv_conf));
  if (sources.port != 0)
    for (SocketAddress& server : servers.servers) server.port = sources.port;
  std::vector<IpAddress> addresses;
  bool all_told = true;
  for (const std::string& candidate : list_candidates(servers, host)) {
    Told told = ask_all(servers, candidate, deadline, addresses);
    if (told == Told::kAddresses) return addresses;
    all_told = all_told && told == Told::kNoSuchName;
    if (Clock::now() >= deadline) break;
  }
  if (!all_told)
    return fail(Missing{fmt::format("no name server tells the address of {}: {} does not answer",
                                    host, to_text(servers.servers.front())),
                        "see /etc/resolv.conf, or give an address in its place"});
  return fail(Missing{fmt::format("there is no machine of the name {}", host),
                      "neither /etc/hosts nor the name servers of /etc/resolv.conf know it"});
}

}  // namespace

Result<std::vector<IpAddress>> resolve(const std::string& host, Clock::time_point deadline,
                                       const NameSources& sources) {
  std::vector<IpAddress> addresses = find_without_asking(host, sources);
  if (addresses.empty()) addresses = TRY(ask_name_servers(host, deadline, sources));
  std::ranges::stable_partition(addresses, [](const IpAddress& ip) { return !ip.is_v6; });
  return addresses;
}

}  // namespace goshawk::http
