// What a Go program says of how it was built, as far as its files can be opened: nothing of its
// memory is needed, so that it can be told of a process that may not be read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "goruntime/symbols/build_facts.h"
#include "target/target.h"

namespace goshawk::goruntime {

struct BuildDescription {
  std::string path;     // of the file that has the Go runtime in it: the executable, or a library
  std::string why_not;  // it could not be opened; empty: it could
  std::string build_id;
  std::string go_version;  // empty: it does not say
  std::string arch;
  std::string main_path;
  std::vector<BuildSetting> settings;  // as `go version -m` lists them
  bool has_build_information = false;
  bool position_independent = false, dynamically_linked = false;
  bool has_symbol_table = false, has_debug_information = false;
  std::vector<std::string> modules;  // the names of all, plugins too; empty: not to be told
};

// Takes the descriptor. nullopt: it is no ELF file.
std::optional<BuildDescription> describe_executable(int descriptor, const std::string& path);

BuildDescription describe_build(const target::Target& target);

}  // namespace goshawk::goruntime
