// goshawk exec PROGRAM ARGS..., goshawk run -- PROGRAM ARGS...
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace goshawk::frontends::testrun {

// Read in the current directory unless another file is named, or none is wanted.
constexpr const char* kSuppressionFile = ".goshawk.toml";

struct RunRequest {
  std::vector<std::string> command;
  bool children = false;           // the Go processes that it starts are examined too
  std::string fail_on = "proven";  // "proven", "likely", "suspected"; anything else: never
  int leak_exit_code = 1;          // where the program's own is 0
  std::uint32_t ancestors = 10;    // how many creators the runtime keeps; 0: as it is
  bool best_effort = false;        // what cannot be examined is run, and said
  bool all = false;                // whole stacks, every goroutine id
  std::string suppressions = {};   // a file; empty: the one of the current directory, if any
  bool no_suppressions = false;
  std::string baseline = {};  // a file; empty: none
  // "KIND=FILE", each a report of its own; %p in FILE is the number of this process.
  std::vector<std::string> reports = {};
  std::string joins_in = {};  // a folder: leave there what was found, for run_go_test()
  std::vector<std::string> misplaced = {};  // options of ours that stand behind the program
  std::int64_t every_ns = 0;  // with children: a picture of what runs so often; 0: none
};

// What is closed of standard input, output and error stays so for the programs, and is no file of
// ours either, into which a report would be written. At our start.
void reserve_standard_descriptors();

// At our start, before any signal is ignored: programs get them as we did.
void remember_inherited_signals();

// The exit code: the program's own where that is not 0. Does not return where the program was
// killed by a signal: we die of the same.
int run_program(const RunRequest& request);

}  // namespace goshawk::frontends::testrun
