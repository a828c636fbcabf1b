// What stands behind Functions: each module's pclntab and the bytes that funcdata points into.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "goruntime/facts/traceback_rules.h"
#include "goruntime/symbols/functions.h"
#include "goruntime/symbols/image_bytes.h"
#include "goruntime/symbols/pclntab.h"

namespace goshawk::goruntime {

struct Functions::Tables {
  struct Module {
    Pclntab pclntab;
    FunctionId first = 0;  // the id of its function 0
  };

  ImageBytes image;
  std::vector<Module> modules;
  FuncIds func_ids;
  TracebackRules traceback_rules;
  bool arm64 = false;
  bool obfuscated = false;  // names are not those of the source

  struct Place {
    const Pclntab* pclntab = nullptr;
    std::uint32_t index = 0;
  };
  std::optional<Place> place(FunctionId function) const {
    for (const Module& module : modules)
      if (function - module.first < module.pclntab.function_count())
        return Place{&module.pclntab, function - module.first};
    return std::nullopt;
  }
};

}  // namespace goshawk::goruntime
