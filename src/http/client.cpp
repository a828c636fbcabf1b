// What may be tried again: a request that no server has seen, and a GET that met a server which is
// busy (429, 502, 503, 504) or hung up before it answered. What is wrong with the answer itself, or
// with a certificate, would be wrong again.
#include "http/client.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <thread>

#include "http/credentials.h"
#include "http/gunzip.h"

namespace goshawk::http {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t kMostQuotedBytes = 200;
constexpr milliseconds kBetweenLooks{50};  // at whether it is given up

bool is_redirect(unsigned status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool is_busy(unsigned status) {
  return status == 429 || status == 502 || status == 503 || status == 504;
}

// Seconds; a date is not understood.
milliseconds retry_after(const Response& response) {
  std::string_view text = find_header(response.headers, "Retry-After");
  const char* begin = text.data();
  std::uint32_t seconds = 0;
  auto [stop, error] = std::from_chars(begin, begin + text.size(), seconds);
  return error == std::errc() ? milliseconds(std::int64_t{seconds} * 1000) : milliseconds(0);
}

class Client {
 public:
  Client(const OutgoingRequest& request, const ClientOptions& options)
      : request_(request), options_(options), deadline_(Clock::now() + options.total) {}

  Result<Response> run();

 private:
  std::expected<Response, ExchangeError> attempt() const;
  Result<Response> attempt_often() const;
  Result<void> follow(const Response& response);
  Result<Response> decode(Response response) const;
  // False: there is no time for it, or nobody wants it any more.
  bool pause(milliseconds time) const;
  bool is_given_up() const { return options_.is_given_up && options_.is_given_up(); }

  OutgoingRequest request_;
  const ClientOptions& options_;
  Clock::time_point deadline_;
};

std::expected<Response, ExchangeError> Client::attempt() const {
  auto addresses = resolve(request_.url.host, deadline_, options_.names);
  if (!addresses) return std::unexpected(ExchangeError{addresses.error(), true});
  OutgoingRequest request = request_;
  const std::string& user_info = request.url.user_info;
  if (!user_info.empty() && find_header(request.headers, "Authorization").empty())
    request.headers.push_back({"Authorization", basic_authorization(user_info)});
  return exchange(request, *addresses, options_.trust,
                  {.deadline = deadline_,
                   .connect = options_.connect,
                   .most_bytes = options_.most_bytes,
                   .is_given_up = options_.is_given_up});
}

bool Client::pause(milliseconds time) const {
  const Clock::time_point end = Clock::now() + time;
  if (end >= deadline_) return false;
  while (Clock::now() < end) {
    if (is_given_up()) return false;
    std::this_thread::sleep_for(std::min<Clock::duration>(kBetweenLooks, end - Clock::now()));
  }
  return !is_given_up();
}

Result<Response> Client::attempt_often() const {
  bool may_repeat = request_.method == "GET";
  milliseconds wait = options_.first_pause;
  for (int left = options_.attempts - 1;; --left, wait *= 2) {
    auto answer = attempt();
    bool passes = answer ? may_repeat && is_busy(answer->status)
                         : std::holds_alternative<Missing>(answer.error().error) &&
                               (may_repeat || answer.error().before_request);
    milliseconds asked = answer ? retry_after(*answer) : milliseconds(0);
    if (passes && left > 0 && pause(std::max(wait, asked))) continue;
    if (!answer) return fail(std::move(answer.error().error));
    return *std::move(answer);
  }
}

Result<void> Client::follow(const Response& response) {
  std::string_view location = find_header(response.headers, "Location");
  if (location.empty())
    return fail(Malformed{to_text(request_.url), 0, "it leads elsewhere, and does not say where"});
  Url next = TRY(parse_reference(request_.url, location));
  if (request_.url.tls && !next.tls)
    return fail(Denied{to_text(request_.url) + " leads away from TLS, to " + to_text(next),
                       "fetch that one, if it is what you want"});
  if (!is_same_origin(request_.url, next)) {
    request_.headers.clear();
    next.user_info.clear();
  }
  request_.url = std::move(next);
  return {};
}

Result<Response> Client::decode(Response response) const {
  std::string_view encoding = find_header(response.headers, "Content-Encoding");
  if (encoding.empty() || is_same_ignoring_case(encoding, "identity")) return response;
  std::string where = to_text(request_.url);
  if (!is_same_ignoring_case(encoding, "gzip") && !is_same_ignoring_case(encoding, "x-gzip"))
    return fail(Malformed{where, 0, fmt::format("its encoding is \"{}\", not gzip", encoding)});
  auto body = gunzip(response.body, options_.most_bytes);
  if (!body)
    return fail(Malformed{
        where, 0,
        fmt::format("its gzip is damaged, or more than {} MB long", options_.most_bytes >> 20)});
  response.body = *std::move(body);
  return response;
}

Result<Response> Client::run() {
  for (int redirects = 0;; ++redirects) {
    Response response = TRY(attempt_often());
    if (request_.method != "GET" || !is_redirect(response.status))
      return decode(std::move(response));
    if (redirects >= options_.most_redirects)
      return fail(Malformed{
          to_text(request_.url), 0,
          fmt::format("it was the {}th page that only leads to another one", redirects + 1)});
    TRY_VOID(follow(response));
  }
}

std::string quote_of(std::string_view body) {
  std::string_view line = body.substr(0, std::min(body.find('\n'), kMostQuotedBytes));
  return line.empty() || line.starts_with('<') ? "" : fmt::format(" ({})", line);
}

}  // namespace

Result<Response> send(const OutgoingRequest& request, const ClientOptions& options) {
  return Client(request, options).run();
}

Result<Response> fetch(const OutgoingRequest& request, const ClientOptions& options) {
  Response response = TRY(send(request, options));
  if (response.status >= 200 && response.status < 300) return response;
  std::string problem = fmt::format("{} is answered with {}{}", to_text(request.url),
                                    response.status, quote_of(response.body));
  if (response.status == 401 || response.status == 403)
    return fail(Denied{problem, "--header 'Authorization: ...' sends what it wants to see"});
  return fail(Missing{problem, ""});
}

}  // namespace goshawk::http
