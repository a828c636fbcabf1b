// An HTTP client for one request at a time: name, TLS, redirects, second attempts, compression.
// Proxies are not used.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

#include "base/result.h"
#include "http/exchange.h"
#include "http/message.h"
#include "http/resolver.h"

namespace goshawk::http {

struct ClientOptions {
  std::chrono::milliseconds connect{5'000};
  std::chrono::milliseconds total{60'000};  // attempts, redirects and all
  std::uint64_t most_bytes = std::uint64_t{1} << 30;
  int most_redirects = 5;
  int attempts = 3;                            // of a GET that fails for reasons that pass
  std::chrono::milliseconds first_pause{200};  // before the second one; then twice as long each
  Trust trust = {};
  NameSources names = {};
  std::function<bool()> is_given_up = {};  // asked now and then; empty: it never is
};

// An answer of any status: what it means is the caller's. A redirect is followed, of a GET, not
// from https to http; what was said for one server only (Authorization, Cookie, ...) is not told to
// another.
Result<Response> send(const OutgoingRequest& request, const ClientOptions& options = {});

// The same where anything but 2xx is an error, with what the server says of it.
Result<Response> fetch(const OutgoingRequest& request, const ClientOptions& options = {});

}  // namespace goshawk::http
