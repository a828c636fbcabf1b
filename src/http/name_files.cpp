// Follows resolv.conf(5) and hosts(5), with the limits that glibc has.
#include "http/name_files.h"

#include <algorithm>
#include <charconv>

#include "http/message.h"

namespace goshawk::http {
namespace {

constexpr std::uint16_t kPort = 53;
constexpr std::size_t kMostServers = 3, kMostDomains = 32;
constexpr int kMostDots = 15, kMostAttempts = 5, kMostTimeout = 30;
constexpr std::string_view kBlanks = " \t\r";

// Up to the next line, which is taken off; without a comment.
std::string_view take_line(std::string_view& text) {
  std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line.substr(0, line.find_first_of("#;"));
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (true) {
    line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
    if (line.empty()) return words;
    words.push_back(line.substr(0, line.find_first_of(kBlanks)));
    line.remove_prefix(words.back().size());
  }
}

// "ndots:5"
void read_option(std::string_view option, NameServers& into) {
  std::size_t colon = option.find(':');
  if (colon == std::string_view::npos) return;
  std::string_view name = option.substr(0, colon), digits = option.substr(colon + 1);
  int value = 0;
  const char* begin = digits.data();
  auto [stop, error] = std::from_chars(begin, begin + digits.size(), value);
  if (error != std::errc() || value < 0) return;
  if (name == "ndots") into.dots = static_cast<std::size_t>(std::min(value, kMostDots));
  if (name == "attempts") into.attempts = std::clamp(value, 1, kMostAttempts);
  if (name == "timeout") into.timeout = std::chrono::seconds(std::clamp(value, 1, kMostTimeout));
}

}  // namespace

std::vector<IpAddress> find_in_hosts(std::string_view text, std::string_view name) {
  std::vector<IpAddress> found;
  while (!text.empty()) {
    std::vector<std::string_view> words = words_of(take_line(text));
    if (words.size() < 2) continue;
    auto address = parse_ip_address(words[0]);
    bool named = std::any_of(words.begin() + 1, words.end(), [&](std::string_view word) {
      return is_same_ignoring_case(word, name);
    });
    if (address && named) found.push_back(*address);
  }
  return found;
}

NameServers parse_resolv_conf(std::string_view text) {
  NameServers result;
  while (!text.empty()) {
    std::vector<std::string_view> words = words_of(take_line(text));
    if (words.size() < 2) continue;
    if (words[0] == "nameserver") {
      auto ip = parse_ip_address(words[1]);
      if (ip && result.servers.size() < kMostServers) result.servers.push_back({*ip, kPort});
    } else if (words[0] == "search" || words[0] == "domain") {
      words.resize(std::min(words.size(), kMostDomains + 1));
      result.search.assign(words.begin() + 1, words.end());
    } else if (words[0] == "options") {
      for (std::string_view option : words) read_option(option, result);
    }
  }
  if (result.servers.empty()) result.servers.push_back({*parse_ip_address("127.0.0.1"), kPort});
  return result;
}

std::vector<std::string> list_candidates(const NameServers& servers, std::string_view name) {
  if (name.ends_with('.')) return {std::string(name)};
  std::vector<std::string> candidates;
  for (const std::string& domain : servers.search)
    if (domain != ".") candidates.push_back(std::string(name) + "." + domain);
  bool is_whole = static_cast<std::size_t>(std::ranges::count(name, '.')) >= servers.dots;
  candidates.insert(is_whole ? candidates.begin() : candidates.end(), std::string(name));
  return candidates;
}

}  // namespace goshawk::http
