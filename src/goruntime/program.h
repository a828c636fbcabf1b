// All that is the same for every picture of one process: its modules and functions, where the
// runtime's fields and variables are, and the facts bound from them. Made once, without stopping
// the target.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "binary/elf_file.h"
#include "goruntime/facts/defer.h"
#include "goruntime/facts/g.h"
#include "goruntime/facts/m.h"
#include "goruntime/facts/timer.h"
#include "goruntime/goroutines/wait_queues.h"
#include "goruntime/layout/layout.h"
#include "goruntime/symbols/functions.h"
#include "goruntime/symbols/globals.h"
#include "goruntime/symbols/modules.h"
#include "target/target.h"

namespace goshawk::goruntime {

struct Program {
  std::vector<target::Mapping> mappings;  // as of binding
  Modules modules;
  std::unique_ptr<binary::ElfFile> elf;  // null when the executable could not be opened
  std::unique_ptr<LayoutSource> layout;  // refers to *elf and the target's memory
  std::string remark;                    // on the layout: see LayoutChoice
  Functions functions;
  Globals globals;
  facts::GFact g;
  facts::MFact m;
  facts::DeferFact defer;
  facts::TimerFact timer;
  WaitFacts waits;

  std::string build_id() const;  // GNU's, else Go's
};

// What was found and how, and what was checked, is added to `bindings`, also when it fails.
Result<Program> bind_program(const target::Target& target,
                             std::vector<snapshot::Binding>& bindings);

}  // namespace goshawk::goruntime
