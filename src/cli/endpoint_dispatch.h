// Commands that look at files also look at what an endpoint serves.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "cli/command.h"
#include "frontends/profile/endpoint.h"

namespace goshawk::cli {

// The command, with the options about an endpoint before those about a core.
Command with_endpoint_options(Command command);

// The target, with what these options say of it.
Result<frontends::profile::EndpointArgument> endpoint_of(const Arguments& arguments);

// What --insecure means, on standard error.
void print_insecure_note(const std::string& target);

// What is told of a file; nothing: it is none of those that are understood.
using RunOnFile = std::function<std::optional<int>(const Arguments&)>;

// The exit code, if the target is an endpoint: what is asked of it ("heap", "goroutine") is
// fetched, and told one after the other. Else nothing was done.
std::optional<int> run_on_endpoint(const Arguments& arguments,
                                   const std::vector<std::string_view>& profiles,
                                   const RunOnFile& run);

}  // namespace goshawk::cli
