// A server that does what a test wants, right or wrong: for each connection in turn a script is
// run.
#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace goshawk::http::testing {

class Connection {
 public:
  explicit Connection(int socket) : socket_(socket) {}
  ~Connection() { ::close(socket_); }
  Connection(const Connection&) = delete;

  int socket() const { return socket_; }
  // Up to the end of its headers.
  std::string hear_request() const {
    std::string heard;
    char byte = 0;
    while (!heard.ends_with("\r\n\r\n") && ::recv(socket_, &byte, 1, 0) == 1) heard += byte;
    return heard;
  }
  // False: nobody takes it any more.
  bool say(std::string_view text) const {
    while (!text.empty()) {
      ssize_t sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  void wait_for_end() const {
    char unused = 0;
    while (::recv(socket_, &unused, 1, 0) > 0) continue;
  }

 private:
  int socket_;
};

class CannedServer {
 public:
  using Script = std::function<void(const Connection&)>;

  // The last script is for all further connections too.
  explicit CannedServer(std::vector<Script> scripts)
      : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), scripts_(std::move(scripts)) {
    sockaddr_in address{
        .sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
    socklen_t size = sizeof address;
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
    ::listen(listener_, 16);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this] { run(); });
  }
  // Says the same to everybody.
  explicit CannedServer(std::string answer)
      : CannedServer(std::vector<Script>{[answer = std::move(answer)](const Connection& line) {
          line.hear_request();
          line.say(answer);
        }}) {}
  ~CannedServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  CannedServer(const CannedServer&) = delete;

  std::string url(std::string_view path = "/") const {
    return "http://127.0.0.1:" + std::to_string(port_) + std::string(path);
  }
  std::uint16_t port() const { return port_; }

 private:
  void run() {
    for (std::size_t i = 0;; ++i) {
      int socket = ::accept(listener_, nullptr, nullptr);
      if (socket < 0) return;
      scripts_[std::min(i, scripts_.size() - 1)](Connection(socket));
    }
  }

  int listener_;
  std::uint16_t port_ = 0;
  std::vector<Script> scripts_;
  std::jthread thread_;
};

}  // namespace goshawk::http::testing
