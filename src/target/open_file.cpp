// A socket's link names an inode, which the tables of its network namespace have with the
// addresses: proc(5), the kernel's net/ipv4/tcp_ipv4.c (get_tcp4_sock), net/ipv6/tcp_ipv6.c,
// net/unix/af_unix.c (unix_seq_show).
//
// An address is written as 32-bit words in the machine's own order, a port as a number. A unix
// socket's path is written as it is: with line feeds in it, a path can look like the line of
// another socket. So an inode that is there with two different lines is not believed; with the same
// one it is, for a table that changes while it is listed repeats some. Who is at the other end of
// a unix socket is in no table.
#include "target/open_file.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>
#include <unordered_set>

namespace goshawk::target {
namespace {

constexpr std::size_t kWordDigits = 8;
constexpr unsigned kTcpListens = 0x0a;           // include/net/tcp_states.h TCP_LISTEN
constexpr std::uint32_t kUnixListens = 0x10000;  // net.h __SO_ACCEPTCON
constexpr std::size_t kMostPathBytes = 108;      // sockaddr_un

template <typename T>
std::optional<T> parse_number(std::string_view text, int base) {
  T value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string_view take_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(word.size());
  return word;
}

// The first line has the columns' names.
template <typename Each>
void for_each_line(std::string_view text, Each each) {
  for (bool first = true; !text.empty(); first = false) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (!first) each(line);
  }
}

// "0100007F" or four of these, as the machine has them in memory: in the network's order.
bool parse_words(std::string_view digits, std::span<unsigned char> bytes) {
  if (digits.size() != bytes.size() * 2) return false;
  for (std::size_t at = 0; at < bytes.size(); at += sizeof(std::uint32_t)) {
    auto word = parse_number<std::uint32_t>(digits.substr(at * 2, kWordDigits), 16);
    if (!word) return false;
    std::memcpy(bytes.data() + at, &*word, sizeof *word);
  }
  return true;
}

// An IPv4 address that an IPv6 socket has is told as such, as Go does.
std::optional<std::string> parse_host(std::string_view digits) {
  std::array<unsigned char, 16> bytes{};
  std::array<char, INET6_ADDRSTRLEN> text{};
  constexpr std::array<unsigned char, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  bool v4 = parse_words(digits, std::span(bytes).first(4));
  if (!v4 && !parse_words(digits, bytes)) return std::nullopt;
  bool mapped = !v4 && std::equal(kMapped.begin(), kMapped.end(), bytes.begin());
  const unsigned char* from = mapped ? bytes.data() + kMapped.size() : bytes.data();
  if (::inet_ntop(v4 || mapped ? AF_INET : AF_INET6, from, text.data(), text.size()) == nullptr)
    return std::nullopt;
  return v4 || mapped ? std::string(text.data()) : fmt::format("[{}]", text.data());
}

// "0100007F:1F90"; without a port there is nobody.
std::optional<std::string> parse_address(std::string_view text) {
  std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  auto host = parse_host(text.substr(0, colon));
  auto port = parse_number<std::uint16_t>(text.substr(colon + 1), 16);
  if (!host || !port) return std::nullopt;
  return *port == 0 ? std::string() : fmt::format("{}:{}", *host, *port);
}

// "  0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  0  0 4711 1 ..."
std::optional<OpenFile> parse_internet_socket(std::string_view line, std::string_view kind) {
  constexpr std::size_t kLocal = 1, kRemote = 2, kState = 3, kInode = 9;
  std::array<std::string_view, kInode + 1> words;
  for (std::string_view& word : words) word = take_word(line);
  auto local = parse_address(words[kLocal]), remote = parse_address(words[kRemote]);
  auto state = parse_number<unsigned>(words[kState], 16);
  auto inode = parse_number<std::uint64_t>(words[kInode], 10);
  if (!local || !remote || !state || !inode) return std::nullopt;
  return OpenFile{std::string(kind), *inode, std::move(*local), std::move(*remote),
                  kind == "tcp" && *state == kTcpListens};
}

// "0000000000000000: 00000002 00000000 00010000 0001 01 4711 /run/shop.sock"
std::optional<OpenFile> parse_unix_socket(std::string_view line) {
  constexpr std::size_t kFlags = 3, kInode = 6;
  std::array<std::string_view, kInode + 1> words;
  for (std::string_view& word : words) word = take_word(line);
  auto flags = parse_number<std::uint32_t>(words[kFlags], 16);
  auto inode = parse_number<std::uint64_t>(words[kInode], 10);
  if (!flags || !inode) return std::nullopt;
  if (!line.empty()) line.remove_prefix(1);
  return OpenFile{"unix", *inode, std::string(line.substr(0, kMostPathBytes)), "",
                  (*flags & kUnixListens) != 0};
}

// `parse(line)` gives the socket of a line. What is there twice, and not alike, is left as it was.
template <typename Parse>
void fill_in(std::string_view text, SocketsByInode& sockets, Parse parse) {
  SocketsByInode found;
  std::unordered_set<std::uint64_t> contradicted;
  for_each_line(text, [&](std::string_view line) {
    auto socket = parse(line);
    if (!socket || !sockets.contains(socket->inode)) return;
    auto [at, is_new] = found.try_emplace(socket->inode, *socket);
    if (!is_new && at->second != *socket) contradicted.insert(socket->inode);
  });
  for (auto& [inode, socket] : found)
    if (!contradicted.contains(inode)) sockets[inode] = std::move(socket);
}

// The text between "socket:[" and "]"; nullopt: it does not begin so.
std::optional<std::string_view> inside(std::string_view link, std::string_view prefix) {
  if (!link.starts_with(prefix)) return std::nullopt;
  link.remove_prefix(prefix.size());
  return link.substr(0, link.find(']'));
}

}  // namespace

OpenFile parse_descriptor_link(std::string_view link) {
  if (link.empty()) return {};
  if (auto inode = inside(link, "socket:["))
    return {"socket", parse_number<std::uint64_t>(*inode, 10).value_or(0)};
  if (inside(link, "pipe:[")) return {"pipe"};
  if (auto what = inside(link, "anon_inode:[")) return {std::string(*what)};
  if (link.starts_with("anon_inode:")) return {std::string(link.substr(link.find(':') + 1))};
  bool terminal = link.starts_with("/dev/pts/") || link.starts_with("/dev/tty");
  return {terminal ? "terminal" : "file", 0, std::string(link)};
}

void parse_internet_sockets(std::string_view text, std::string_view kind, SocketsByInode& sockets) {
  fill_in(text, sockets, [&](std::string_view line) { return parse_internet_socket(line, kind); });
}

void parse_unix_sockets(std::string_view text, SocketsByInode& sockets) {
  fill_in(text, sockets, parse_unix_socket);
}

}  // namespace goshawk::target
