// goshawk test: `go test` with -exec set to ourselves.
#pragma once

#include "frontends/testrun/run_command.h"

namespace goshawk::frontends::testrun {

// `request.command`: what go test is given. The exit code: go test's.
int run_go_test(const RunRequest& request);

}  // namespace goshawk::frontends::testrun
