// What is fetched is put into memory files, so that whatever reads files reads it too. A URL that
// ends in /debug/pprof, or has no path, means all that is served below it.
// Follows net/http/pprof (paths and their parameters).
#include "frontends/profile/endpoint.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "frontends/profile/profile_file.h"
#include "http/ip_address.h"
#include "report/measures.h"

namespace goshawk::frontends::profile {
namespace {

constexpr std::string_view kRoot = "/debug/pprof/";

constexpr std::string_view kCounts = "goroutine", kDump = "goroutine?debug=2";
constexpr std::int64_t kPrintedNs = 160'000;
constexpr std::uint64_t kMostPrinted = 3'000;  // half a second

constexpr std::uint64_t kMostFetchedBytes = 256 << 20;  // it is held in memory: no file need be

Result<std::uint64_t> count_goroutines(const FetchedFile& fetched) {
  pprof::Profile profile = TRY(read_profile_file(fetched.path, fetched.name));
  std::uint64_t count = 0;
  for (pprof::SampleId i = 0; i < profile.sample_count(); ++i)
    if (!profile.values_of(i).empty() && profile.values_of(i)[0] > 0)
      count += static_cast<std::uint64_t>(profile.values_of(i)[0]);
  return count;
}

bool is_url(std::string_view target) { return target.find("://") != std::string_view::npos; }

bool is_of_token(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

Result<http::Header> parse_header(const std::string& text) {
  std::size_t colon = text.find(':');
  http::Header header{text.substr(0, colon), ""};
  bool has_name = colon != std::string::npos && !header.name.empty() &&
                  std::ranges::all_of(header.name, is_of_token);
  bool one_line = std::ranges::all_of(
      text, [](char c) { return c == '\t' || static_cast<unsigned char>(c) >= ' '; });
  if (!has_name || !one_line)
    return fail(Usage{"--header \"" + text + "\" is none",
                      "write it as --header 'Authorization: Bearer ...'"});
  std::size_t begin = text.find_first_not_of(" \t", colon + 1);
  if (begin != std::string::npos) header.value = text.substr(begin);
  return header;
}

Result<target::FileDescriptor> keep_in_memory(std::string_view content) {
  target::FileDescriptor file(::memfd_create("goshawk-fetched", MFD_CLOEXEC));
  while (file.is_open() && !content.empty()) {
    ssize_t written = ::write(file.get(), content.data(), content.size());
    if (written < 0 && errno != EINTR) file = {};
    if (written > 0) content.remove_prefix(static_cast<std::size_t>(written));
  }
  if (file.is_open()) return file;
  return fail(
      Missing{fmt::format("what was fetched cannot be kept: {}", std::strerror(errno)), ""});
}

}  // namespace

bool is_endpoint(const std::string& target) {
  if (is_url(target)) return true;
  struct stat status{};
  std::string_view authority = std::string_view(target).substr(0, target.find_first_of("/?"));
  std::size_t colon = authority.rfind(':');
  if (colon == std::string_view::npos || !http::parse_port(authority.substr(colon + 1)))
    return false;
  return ::stat(target.c_str(), &status) != 0 && http::parse_url("http://" + target).has_value();
}

Result<Endpoint> Endpoint::of(const EndpointArgument& argument) {
  Endpoint endpoint;
  http::Url& url = endpoint.request_.url;
  url =
      TRY(http::parse_url(is_url(argument.target) ? argument.target : "http://" + argument.target));
  if (url.target == "/" || url.target == kRoot.substr(0, kRoot.size() - 1)) url.target = kRoot;
  endpoint.is_one_profile_ = !url.target.ends_with(kRoot);
  for (const std::string& header : argument.headers)
    endpoint.request_.headers.push_back(TRY(parse_header(header)));
  http::ClientOptions& options = endpoint.options_;
  if (argument.timeout_ns > 0)
    options.total =
        std::chrono::ceil<std::chrono::milliseconds>(std::chrono::nanoseconds(argument.timeout_ns));
  options.most_bytes = kMostFetchedBytes;
  options.is_given_up = argument.is_given_up;
  options.trust = {.insecure = argument.insecure, .ca_file = argument.ca_file};
  return endpoint;
}

// The program stands still while the runtime prints its goroutines one by one: 0.16 ms for each, 16
// seconds for a hundred thousand. Counting them takes a hundredth of that.
Result<FetchedFile> Endpoint::fetch_goroutines(std::string& told) const {
  if (is_one_profile_) return fetch("");
  FetchedFile counted = TRY(fetch(kCounts));
  std::uint64_t count = TRY(count_goroutines(counted));
  if (count <= kMostPrinted) return fetch(kDump);
  told = fmt::format(
      "{} goroutines: printing them one by one would hold the program still for {}, so they are "
      "only counted; goshawk '{}{}' asks for it",
      report::human_count(count),
      report::human_duration(static_cast<std::int64_t>(count) * kPrintedNs),
      http::to_text(request_.url), kDump);
  return counted;
}

Result<FetchedFile> Endpoint::fetch(std::string_view profile) const {
  http::OutgoingRequest request = request_;
  if (!is_one_profile_) request.url.target += profile;
  http::Response response = TRY(http::fetch(request, options_));
  FetchedFile fetched{TRY(keep_in_memory(response.body)), {}, http::to_text(request.url)};
  fetched.path = fmt::format("/proc/self/fd/{}", fetched.file.get());
  return fetched;
}

}  // namespace goshawk::frontends::profile
