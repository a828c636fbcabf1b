// All that is the same for every picture of one process: its modules and functions, where the
// runtime's fields and variables are, and the facts bound from them. Made once, without stopping
// the target.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "goruntime/facts/defer.h"
#include "goruntime/facts/g.h"
#include "goruntime/facts/m.h"
#include "goruntime/facts/poll_desc.h"
#include "goruntime/facts/timer.h"
#include "goruntime/goroutines/wait_queues.h"
#include "goruntime/layout/debug_information.h"
#include "goruntime/layout/layout.h"
#include "goruntime/symbols/functions.h"
#include "goruntime/symbols/globals.h"
#include "goruntime/symbols/modules.h"
#include "target/target.h"

namespace goshawk::goruntime {

struct Program {
  std::vector<target::Mapping> mappings;  // as of binding
  Modules modules;
  DebugInformation debug;
  std::unique_ptr<LayoutSource> layout;  // refers to debug and the target's memory
  // What whoever reads the result must know of the program: on its layout (see LayoutChoice), on
  // its names. Empty: an ordinary program.
  std::vector<std::string> remarks;
  Functions functions;
  Globals globals;
  facts::GFact g;
  facts::MFact m;
  facts::DeferFact defer;
  facts::TimerFact timer;
  WaitFacts waits;
  std::optional<facts::PollDescFact> poll_desc;  // none: what network waits are for is not told

  std::string build_id() const;    // GNU's, else Go's
  std::string debug_file() const;  // the separate one that it was read with; empty: none
};

struct BindRequest {
  std::vector<std::string> debug_directories = {};  // searched for debug files before the system's
  std::string runtime = {};                         // which of several, as read_modules() takes it
};

// What was found and how, and what was checked, is added to `bindings`, also when it fails.
Result<Program> bind_program(const target::Target& target, const BindRequest& request,
                             std::vector<snapshot::Binding>& bindings);
// Of modules that were read already, with these mappings; no separate debug file is looked for.
Result<Program> bind_program(const target::Target& target, std::vector<target::Mapping> mappings,
                             Modules modules);

}  // namespace goshawk::goruntime
