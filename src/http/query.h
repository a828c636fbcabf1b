// The target of a request, taken apart: "/debug/pprof/goroutine?debug=2".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace goshawk::http {

struct RequestTarget {
  std::string path;                                        // decoded, begins with '/'
  std::vector<std::pair<std::string, std::string>> query;  // decoded, in its order

  // The first one of this name; nullopt: there is none.
  std::optional<std::string_view> find(std::string_view name) const;
};

// Without its percent-encoding; nullopt: it is encoded wrongly.
std::optional<std::string> decode_percent(std::string_view text, bool plus_is_blank);

// nullopt: it is none, or is encoded wrongly.
std::optional<RequestTarget> parse_request_target(std::string_view text);

}  // namespace goshawk::http
