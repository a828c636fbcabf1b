// One request and its answer, over a connection of its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "http/ip_address.h"
#include "http/message.h"
#include "http/url.h"

namespace goshawk::http {

struct OutgoingRequest {
  Url url;
  std::string method = "GET";
  std::vector<Header> headers = {};
  std::string body = {};
};

// How a server shows who it is.
struct Trust {
  bool insecure = false;     // it need not
  std::string ca_file = {};  // certificates in PEM; empty: those that the machine trusts
};

struct ExchangeLimits {
  std::chrono::steady_clock::time_point deadline;  // of all of it
  std::chrono::milliseconds connect{5'000};        // to one address
  std::uint64_t most_bytes = 0;                    // of the answer's body
  std::function<bool()> is_given_up = {};          // asked now and then; empty: it never is
};

struct ExchangeError {
  Error error;
  bool before_request = false;  // nothing was sent yet: the server has not seen it
};

// The addresses are tried in their order. The body is as it was sent.
std::expected<Response, ExchangeError> exchange(const OutgoingRequest& request,
                                                const std::vector<IpAddress>& addresses,
                                                const Trust& trust, const ExchangeLimits& limits);

}  // namespace goshawk::http
