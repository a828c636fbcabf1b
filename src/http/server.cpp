// One thread accepts and talks to all connections, a coroutine for each; a second one does the work
// that answers need. What a client can do to it: hold one of the connections, for as long as the
// limits allow. The first byte of a request is waited for apart from the rest of its headers, so
// that a kept connection may idle longer than a request may dawdle.
//
// The only file of the server that includes Boost: it takes as long to compile as fifty others.
#include "http/server.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <csignal>
#include <thread>

namespace goshawk::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using beast::error_code;

constexpr std::size_t kMostUnreadBytes = 256 << 10;
constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);

tcp::endpoint endpoint_of(const SocketAddress& address) {
  if (address.ip.is_v6) return {asio::ip::address_v6(address.ip.bytes), address.port};
  const auto& b = address.ip.bytes;
  return {asio::ip::address_v4({b[0], b[1], b[2], b[3]}), address.port};
}

Request request_of(const beast::http::request<beast::http::empty_body>& message,
                   RequestTarget target) {
  Request request{.method = std::string(message.method_string()), .target = std::move(target)};
  for (const auto& field : message)
    request.headers.push_back({std::string(field.name_string()), std::string(field.value())});
  return request;
}

Response explain_malformed(const error_code& error) {
  if (error == beast::http::error::header_limit)
    return plain_response(431, "the headers of this request are too long");
  if (error == beast::http::error::body_limit || error == beast::http::error::unexpected_body)
    return plain_response(413, "a request has no body here");
  return plain_response(400, "this is no request of HTTP/1.1: " + error.message());
}

bool is_of_http(const error_code& error) {
  return error.category() ==
         beast::http::make_error_code(beast::http::error::bad_method).category();
}

// Whether nobody waits for the answer any more. Who only has nothing more to say looks the same,
// and is taken for one who has gone, as by Go's own server.
bool has_gone(int socket) {
  char unused = 0;
  return ::recv(socket, &unused, sizeof unused, MSG_PEEK | MSG_DONTWAIT) == 0;
}

// When its turn has come. The socket is open for as long as this runs.
asio::awaitable<Response> run(Work work, int socket) {
  if (has_gone(socket)) co_return Response{};
  co_return work();
}

// While it lives; threads that are made then have it so for good. Signals are for other threads.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all{};
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, &before_);
  }
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

class BeastServer final : public Server {
 public:
  BeastServer(Handler handler, const ServerLimits& limits)
      : handler_(std::move(handler)), limits_(limits), acceptor_(io_) {}
  ~BeastServer() override;

  Result<void> listen(const SocketAddress& address);
  void run_in_background();
  SocketAddress address() const override { return address_; }

 private:
  using Message = beast::http::response<beast::http::string_body>;

  asio::awaitable<void> accept();
  asio::awaitable<void> attend(tcp::socket socket);
  static asio::awaitable<void> hang_up(beast::tcp_stream& stream);
  asio::awaitable<bool> exchange(beast::tcp_stream& stream, beast::flat_buffer& buffer);
  asio::awaitable<Response> answer(Answer answer, int socket);
  asio::awaitable<bool> write(beast::tcp_stream& stream, Message& message, bool body);
  void refuse(tcp::socket socket) const;
  static Message message_of(Response response, unsigned version, bool keep_alive, bool is_head);

  Handler handler_;
  ServerLimits limits_;
  SocketAddress address_;
  std::size_t connections_ = 0;
  asio::io_context io_;
  tcp::acceptor acceptor_;
  asio::thread_pool work_{1};  // goes first: what it drops returns to io_
  std::jthread thread_;
};

BeastServer::~BeastServer() {
  io_.stop();
  if (thread_.joinable()) thread_.join();
  work_.stop();
  work_.join();
}

Result<void> BeastServer::listen(const SocketAddress& address) {
  tcp::endpoint endpoint = endpoint_of(address);
  try {
    acceptor_.open(endpoint.protocol());
    acceptor_.set_option(tcp::acceptor::reuse_address(true));
    if (address.ip.is_v6) acceptor_.set_option(asio::ip::v6_only(endpoint.address().is_loopback()));
    acceptor_.bind(endpoint);
    acceptor_.listen();
    address_ = {address.ip, acceptor_.local_endpoint().port()};
  } catch (const boost::system::system_error& error) {
    return fail(Denied{"cannot listen on " + to_text(address) + ": " + error.code().message(),
                       "listen on another address or port, or on port 0, which is any free one"});
  }
  return {};
}

void BeastServer::run_in_background() {
  asio::co_spawn(io_, accept(), asio::detached);
  thread_ = std::jthread([this] { io_.run(); });
}

asio::awaitable<void> BeastServer::accept() {
  for (;;) {
    auto [error, socket] = co_await acceptor_.async_accept(kAsTuple);
    if (error) {  // out of descriptors: some will be free again
      asio::steady_timer pause(io_, std::chrono::milliseconds(100));
      co_await pause.async_wait(kAsTuple);
    } else if (connections_ >= limits_.most_connections) {
      refuse(std::move(socket));
    } else {
      ++connections_;
      asio::co_spawn(io_, attend(std::move(socket)),
                     [this](const std::exception_ptr&) { --connections_; });
    }
  }
}

// Without waiting for anything: what the kernel does not take at once is lost.
void BeastServer::refuse(tcp::socket socket) const {
  constexpr std::string_view kBusy =
      "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nRetry-After: 1\r\n"
      "Connection: close\r\nContent-Length: 21\r\n\r\ntoo many connections\n";
  ::send(socket.native_handle(), kBusy.data(), kBusy.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

asio::awaitable<void> BeastServer::attend(tcp::socket socket) {
  beast::tcp_stream stream(std::move(socket));
  beast::flat_buffer buffer(std::size_t{2} * limits_.most_header_bytes);
  for (bool goes_on = true; goes_on;) goes_on = co_await exchange(stream, buffer);
  co_await hang_up(stream);
}

// Who is still sending would have the answer torn away by a reset: a little more is read first.
asio::awaitable<void> BeastServer::hang_up(beast::tcp_stream& stream) {
  ::shutdown(stream.socket().native_handle(), SHUT_WR);
  stream.expires_after(std::chrono::seconds(1));
  std::array<char, 4096> unread{};
  for (std::size_t total = 0; total < kMostUnreadBytes;) {
    auto [error, got] = co_await stream.async_read_some(asio::buffer(unread), kAsTuple);
    if (error) co_return;
    total += got;
  }
}

// Whether another request may follow.
asio::awaitable<bool> BeastServer::exchange(beast::tcp_stream& stream, beast::flat_buffer& buffer) {
  if (buffer.size() == 0) {
    stream.expires_after(limits_.idle);
    auto [waited, got] = co_await stream.async_read_some(buffer.prepare(1024), kAsTuple);
    if (waited) co_return false;
    buffer.commit(got);
  }
  beast::http::request_parser<beast::http::empty_body> parser;
  parser.header_limit(limits_.most_header_bytes);
  parser.body_limit(0);
  stream.expires_after(limits_.headers);
  auto [error, ignored] = co_await beast::http::async_read(stream, buffer, parser, kAsTuple);
  if (error && !is_of_http(error)) co_return false;  // it has gone, or took too long
  if (error == beast::http::error::end_of_stream || error == beast::http::error::partial_message)
    co_return false;

  unsigned version = error ? 11 : parser.get().version();
  bool keep_alive = !error && parser.get().keep_alive();
  bool is_head = !error && parser.get().method() == beast::http::verb::head;
  Response response;
  if (error) {
    response = explain_malformed(error);
  } else if (auto target = parse_request_target(
                 {parser.get().target().data(), parser.get().target().size()})) {
    Answer found = handler_(request_of(parser.get(), *std::move(target)));
    stream.expires_never();
    response = co_await answer(std::move(found), stream.socket().native_handle());
  } else {
    response = plain_response(400, "the target of this request is no path");
  }
  Message message = message_of(std::move(response), version, keep_alive, is_head);
  co_return co_await write(stream, message, !is_head) && keep_alive;
}

asio::awaitable<Response> BeastServer::answer(Answer answer, int socket) {
  if (Response* ready = std::get_if<Response>(&answer)) co_return std::move(*ready);
  co_return co_await asio::co_spawn(work_, run(std::get<Work>(std::move(answer)), socket),
                                    asio::use_awaitable);
}

BeastServer::Message BeastServer::message_of(Response response, unsigned version, bool keep_alive,
                                             bool is_head) {
  Message message;
  message.version(version);
  message.result(response.status);
  message.set(beast::http::field::server, "goshawk/" GOSHAWK_VERSION);
  for (const Header& header : response.headers) message.set(header.name, header.value);
  message.keep_alive(keep_alive);
  // What a GET would send is not known without doing the work.
  if (!is_head || !response.body.empty()) message.content_length(response.body.size());
  message.body() = std::move(response.body);
  return message;
}

// As slowly as the client likes, as long as it takes something now and then.
asio::awaitable<bool> BeastServer::write(beast::tcp_stream& stream, Message& message, bool body) {
  beast::http::response_serializer<beast::http::string_body> serializer(message);
  serializer.split(!body);
  while (body ? !serializer.is_done() : !serializer.is_header_done()) {
    stream.expires_after(limits_.stalled_write);
    auto [error, written] = co_await beast::http::async_write_some(stream, serializer, kAsTuple);
    if (error) co_return false;
  }
  co_return true;
}

}  // namespace

Result<std::unique_ptr<Server>> Server::start(const SocketAddress& address, Handler handler,
                                              const ServerLimits& limits) {
  SignalsBlocked blocked;
  auto server = std::make_unique<BeastServer>(std::move(handler), limits);
  TRY_VOID(server->listen(address));
  server->run_in_background();
  return std::unique_ptr<Server>(std::move(server));
}

}  // namespace goshawk::http
