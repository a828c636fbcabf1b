// os.Exit calls os.runtime_beforeExit, and that one the exit hooks (runtime/proc.go os_beforeExit);
// it and the end of main.main, and of a panic, call runtime.exit, which is the system call.
#include "goruntime/exits.h"

#include "goruntime/symbols/functions.h"
#include "goruntime/symbols/modules.h"

namespace goshawk::goruntime {

Result<std::vector<Address>> find_exits(const target::Target& target) {
  auto mappings = TRY(target.read_mappings());
  Modules modules = TRY(read_modules(target, mappings));
  Functions functions = TRY(Functions::read(target, mappings, modules));
  std::vector<Address> exits;
  for (const char* name : {"os.runtime_beforeExit", "runtime.exit"}) {
    std::vector<FunctionId> found = functions.find_all_by_name(name);
    if (!found.empty()) exits.push_back(functions.entry(found.front()));
  }
  return exits;
}

}  // namespace goshawk::goruntime
