// A small HTTP server that only reads: GET and HEAD, no bodies in requests. It is meant for few
// clients, any of which may be hostile: connections, headers and every wait are bounded.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "http/ip_address.h"
#include "http/message.h"
#include "http/query.h"

namespace goshawk::http {

struct Request {
  std::string method;  // "GET" or "HEAD"
  RequestTarget target;
  std::vector<Header> headers = {};
  bool is_head() const { return method == "HEAD"; }
};

// What takes its time: done one after the other, in a thread of its own; left undone where the
// client has gone meanwhile.
using Work = std::function<Response()>;
using Answer = std::variant<Response, Work>;
// Called in the server's thread: must not wait for anything.
using Handler = std::function<Answer(const Request&)>;

struct ServerLimits {
  std::size_t most_connections = 64;
  std::uint32_t most_header_bytes = 8 << 10;
  std::chrono::milliseconds idle{30'000};           // until the next request begins
  std::chrono::milliseconds headers{10'000};        // from the first byte of a request to their end
  std::chrono::milliseconds stalled_write{30'000};  // a client that takes nothing
};

class Server {
 public:
  // Listens, and answers from now on.
  static Result<std::unique_ptr<Server>> start(const SocketAddress& address, Handler handler,
                                               const ServerLimits& limits = {});
  // Work that runs is waited for, what waits for its turn is given up.
  virtual ~Server() = default;
  virtual SocketAddress address() const = 0;  // with the port that it really has
};

}  // namespace goshawk::http
