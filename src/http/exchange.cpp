// Connects, shakes hands where there is TLS, sends, receives. What the server does is not to be
// relied on: every wait has an end, the body a size, and a body that is shorter than was said is an
// error. A certificate must lead to one that is trusted and name the host that was meant.
//
// The only file of the client that includes Boost: it takes as long to compile as fifty others.
#include "http/exchange.h"

#include <fmt/format.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <exception>

#include "http/trusted_certificates.h"

namespace goshawk::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using beast::error_code;
using Clock = std::chrono::steady_clock;

constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);
constexpr std::uint32_t kMostHeaderBytes = 64 << 10;
constexpr std::chrono::milliseconds kBetweenLooks{50};  // at whether it is given up

using Message = beast::http::request<beast::http::string_body>;
using Parser = beast::http::response_parser<beast::http::string_body>;
using Outcome = std::expected<Response, ExchangeError>;

tcp::endpoint endpoint_of(const IpAddress& ip, std::uint16_t port) {
  const auto& b = ip.bytes;
  if (ip.is_v6) return {asio::ip::address_v6(b), port};
  return {asio::ip::address_v4({b[0], b[1], b[2], b[3]}), port};
}

Message message_of(const OutgoingRequest& request) {
  Message message;
  message.version(11);
  message.method_string(request.method);
  message.target(request.url.target);
  message.set(beast::http::field::host, authority_of(request.url));
  message.set(beast::http::field::user_agent, "goshawk/" GOSHAWK_VERSION);
  message.set(beast::http::field::accept_encoding, "gzip");
  for (const Header& header : request.headers) message.set(header.name, header.value);
  message.keep_alive(false);
  message.body() = request.body;
  if (!request.body.empty() || request.method == "POST") message.prepare_payload();
  return message;
}

Response response_of(Parser& parser) {
  Response response{.status = parser.get().result_int(), .headers = {}, .body = {}};
  for (const auto& field : parser.get())
    response.headers.push_back({std::string(field.name_string()), std::string(field.value())});
  response.body = std::move(parser.get().body());
  return response;
}

class Exchange {
 public:
  Exchange(const OutgoingRequest& request, const std::vector<IpAddress>& addresses,
           const Trust& trust, const ExchangeLimits& limits)
      : request_(request), addresses_(addresses), trust_(trust), limits_(limits) {}

  Outcome run();

 private:
  asio::awaitable<Outcome> run_async();
  asio::awaitable<std::optional<Error>> connect(beast::tcp_stream& stream);
  asio::awaitable<Outcome> converse_over_tls(beast::tcp_stream stream);
  template <typename Stream>
  asio::awaitable<Outcome> converse(Stream& stream, beast::tcp_stream& below);

  template <typename Stream>
  asio::awaitable<error_code> read(Stream& stream, Parser& parser);

  Result<void> prepare(asio::ssl::context& context) const;
  Error explain_handshake(const error_code& error, ::SSL* connection) const;
  Error explain_answer(const error_code& error, const Parser& parser) const;
  std::string name() const { return to_text(request_.url); }

  const OutgoingRequest& request_;
  const std::vector<IpAddress>& addresses_;
  const Trust& trust_;
  const ExchangeLimits& limits_;
  asio::io_context io_{1};
};

Outcome Exchange::run() {
  std::optional<Outcome> outcome;
  std::exception_ptr thrown;
  asio::co_spawn(io_, run_async(), [&](std::exception_ptr exception, Outcome result) {
    thrown = std::move(exception);
    outcome.emplace(std::move(result));
  });
  while (!outcome && !thrown && !io_.stopped()) {
    io_.run_for(kBetweenLooks);
    if (!outcome && !thrown && limits_.is_given_up && limits_.is_given_up())
      return std::unexpected(ExchangeError{Missing{name() + ": given up", ""}});
  }
  if (thrown) std::rethrow_exception(thrown);
  return *std::move(outcome);
}

asio::awaitable<Outcome> Exchange::run_async() {
  beast::tcp_stream stream(io_);
  std::optional<Error> problem = co_await connect(stream);
  if (problem) co_return std::unexpected(ExchangeError{*std::move(problem), true});
  if (request_.url.tls) co_return co_await converse_over_tls(std::move(stream));
  co_return co_await converse(stream, stream);
}

asio::awaitable<std::optional<Error>> Exchange::connect(beast::tcp_stream& stream) {
  error_code last = asio::error::host_not_found;
  for (const IpAddress& ip : addresses_) {
    stream.expires_at(std::min(limits_.deadline, Clock::now() + limits_.connect));
    auto [error] = co_await stream.async_connect(endpoint_of(ip, request_.url.port), kAsTuple);
    if (!error) co_return std::nullopt;
    last = error;
    stream.close();
    if (Clock::now() >= limits_.deadline) break;
  }
  std::string where = to_text(SocketAddress{addresses_.front(), request_.url.port});
  if (last == beast::error::timeout)
    co_return Missing{fmt::format("{}: nothing answers at {}", name(), where),
                      "is it the right port, and does a firewall let it through?"};
  co_return Missing{fmt::format("{}: cannot connect to {}: {}", name(), where, last.message()),
                    "is something listening there?"};
}

Result<void> Exchange::prepare(asio::ssl::context& context) const {
  context.set_verify_mode(trust_.insecure ? asio::ssl::verify_none : asio::ssl::verify_peer);
  ::SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  if (trust_.insecure) return {};
  auto load = [&](const std::string& file, const std::string& folder) {
    return ::SSL_CTX_load_verify_locations(context.native_handle(),
                                           file.empty() ? nullptr : file.c_str(),
                                           folder.empty() ? nullptr : folder.c_str()) == 1;
  };
  if (!trust_.ca_file.empty()) {
    if (load(trust_.ca_file, "")) return {};
    return fail(Usage{"no certificate can be read from " + trust_.ca_file,
                      "--ca-file takes certificates in PEM"});
  }
  TrustedCertificates trusted = find_trusted_certificates();
  bool has_file = !trusted.file.empty() && load(trusted.file, "");
  bool has_folder = !trusted.folder.empty() && load("", trusted.folder);
  if (has_file || has_folder) return {};
  return fail(Missing{"this machine has no list of certificates that it trusts",
                      "install ca-certificates, set SSL_CERT_FILE, or give --ca-file"});
}

asio::awaitable<Outcome> Exchange::converse_over_tls(beast::tcp_stream stream) {
  asio::ssl::context context(asio::ssl::context::tls_client);
  if (auto prepared = prepare(context); !prepared)
    co_return std::unexpected(ExchangeError{prepared.error(), true});
  beast::ssl_stream<beast::tcp_stream> tls(std::move(stream), context);
  ::SSL* connection = tls.native_handle();
  const std::string& host = request_.url.host;
  ::X509_VERIFY_PARAM* wanted = ::SSL_get0_param(connection);
  if (parse_ip_address(host)) {
    ::X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str());
  } else {
    ::SSL_set_tlsext_host_name(connection, host.c_str());
    ::X509_VERIFY_PARAM_set1_host(wanted, host.c_str(), host.size());
  }
  beast::get_lowest_layer(tls).expires_at(limits_.deadline);
  auto [error] = co_await tls.async_handshake(asio::ssl::stream_base::client, kAsTuple);
  if (error) co_return std::unexpected(ExchangeError{explain_handshake(error, connection), true});
  co_return co_await converse(tls, beast::get_lowest_layer(tls));
}

Error Exchange::explain_handshake(const error_code& error, ::SSL* connection) const {
  if (error == beast::error::timeout)
    return Missing{name() + ": no TLS handshake within the time that there was", "is it https?"};
  long verdict = ::SSL_get_verify_result(connection);
  if (verdict != X509_V_OK)
    return Denied{fmt::format("{}: the server does not prove to be {}: {}", name(),
                              request_.url.host, ::X509_verify_cert_error_string(verdict)),
                  "--ca-file FILE names a certificate to be trusted; --insecure asks for none"};
  return Missing{fmt::format("{}: no TLS: {}", name(), error.message()),
                 "if it speaks plain HTTP, write http://"};
}

template <typename Stream>
asio::awaitable<Outcome> Exchange::converse(Stream& stream, beast::tcp_stream& below) {
  Message message = message_of(request_);
  below.expires_at(limits_.deadline);
  auto [unsent, sent] = co_await beast::http::async_write(stream, message, kAsTuple);
  Parser parser;
  parser.header_limit(kMostHeaderBytes);
  parser.body_limit(limits_.most_bytes);
  parser.eager(true);
  // Who refuses a request may answer before all of it is sent.
  error_code error = co_await read(stream, parser);
  below.close();
  if (!error) co_return response_of(parser);
  bool nothing_came = !parser.got_some();
  co_return std::unexpected(
      ExchangeError{explain_answer(unsent && nothing_came ? unsent : error, parser)});
}

// Step by step: Beast's own time is looked at only where there is something to wait for.
template <typename Stream>
asio::awaitable<error_code> Exchange::read(Stream& stream, Parser& parser) {
  beast::flat_buffer buffer;
  while (!parser.is_done()) {
    if (Clock::now() >= limits_.deadline) co_return beast::error::timeout;
    auto [error, got] = co_await beast::http::async_read_some(stream, buffer, parser, kAsTuple);
    if (error) co_return error;
  }
  co_return error_code();
}

Error Exchange::explain_answer(const error_code& error, const Parser& parser) const {
  if (error == beast::error::timeout)
    return Missing{
        name() + (parser.is_header_done() ? ": the answer did not come to its end in time"
                                          : ": connected, but no answer came in time"),
        "--timeout allows more"};
  if (error == beast::http::error::body_limit)
    return Malformed{name(), 0,
                     fmt::format("the answer is longer than {} MB, as much as is held in memory",
                                 limits_.most_bytes >> 20)};
  if (error == beast::http::error::header_limit)
    return Malformed{name(), 0, "the headers of the answer are too long"};
  bool cut_off = error == beast::http::error::partial_message ||
                 error == asio::ssl::error::stream_truncated || error == asio::error::eof ||
                 error == asio::error::connection_reset;
  if (parser.is_header_done() && cut_off) {
    std::uint64_t there = parser.get().body().size();
    auto said = parser.content_length();
    return Malformed{name(), there,
                     said
                         ? fmt::format("the answer ends there, and said to be {} bytes long", *said)
                         : std::string("the answer is cut off")};
  }
  if (cut_off || error == beast::http::error::end_of_stream)
    return Missing{name() + ": the connection was closed without an answer", "is it HTTP?"};
  return Malformed{name(), 0, "no answer of HTTP: " + error.message()};
}

}  // namespace

std::expected<Response, ExchangeError> exchange(const OutgoingRequest& request,
                                                const std::vector<IpAddress>& addresses,
                                                const Trust& trust, const ExchangeLimits& limits) {
  // The machine's own configuration may name libraries to be loaded, which a static program cannot.
  ::OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
  return Exchange(request, addresses, trust, limits).run();
}

}  // namespace goshawk::http
