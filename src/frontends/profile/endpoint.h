// The endpoint of a program (net/http/pprof) as a target: what it serves, fetched into files.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/client.h"
#include "target/file_descriptor.h"

namespace goshawk::frontends::profile {

// What its user says of it.
struct EndpointArgument {
  std::string target;                // a URL, or "host:port"
  std::vector<std::string> headers;  // "Name: value"
  std::int64_t timeout_ns = 0;       // of each profile; 0: the usual time
  bool insecure = false;
  std::string ca_file = {};
  std::function<bool()> is_given_up = {};  // a fetch under way; empty: it never is
};

// By its form alone: a URL, or a host with a port that is no file here.
bool is_endpoint(const std::string& target);

// A file without a name in any folder: gone with its descriptor.
struct FetchedFile {
  target::FileDescriptor file;
  std::string path;  // opens it
  std::string name;  // where it comes from
};

class Endpoint {
 public:
  static Result<Endpoint> of(const EndpointArgument& argument);

  std::string url() const { return http::to_text(request_.url); }  // without a password
  std::string authority() const { return http::authority_of(request_.url); }
  // One profile is named by its URL, and not the whole endpoint.
  bool is_one_profile() const { return is_one_profile_; }
  // Of the whole endpoint "heap", "goroutine?debug=2"; of one profile that one, whatever is said.
  Result<FetchedFile> fetch(std::string_view profile) const;
  // Of the whole endpoint: all goroutines one by one, with what each waits for, where that is
  // harmless; else how many stand in each stack. `told` says which and why, where it is not.
  Result<FetchedFile> fetch_goroutines(std::string& told) const;

 private:
  Endpoint() = default;

  http::OutgoingRequest request_;
  http::ClientOptions options_;
  bool is_one_profile_ = false;
};

}  // namespace goshawk::frontends::profile
