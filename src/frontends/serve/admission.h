// Who may ask: decided by a request's headers alone, before anything is done for it.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "http/message.h"
#include "http/server.h"

namespace goshawk::frontends::serve {

struct Admission {
  std::string token;  // empty: none is asked for
};

// What to answer instead; nullopt: it may come in.
std::optional<http::Response> refuse(const Admission& admission, const http::Request& request);

// The token in a file, without blanks around it. Usage for what could be guessed.
Result<std::string> read_token(const std::string& path);

}  // namespace goshawk::frontends::serve
