// The functions of a Go program, from its pclntab: name, entry, file and line of a pc, inlined
// calls, stack pointer deltas, stack maps. Stripped binaries have all of it: the runtime needs it.
// Follows runtime/symtab.go, runtime/symtabinl.go, runtime/stkframe.go.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/byte_view.h"
#include "base/result.h"
#include "goruntime/modules.h"
#include "target/target.h"

namespace goshawk::goruntime {

using FunctionId = std::uint32_t;  // dense over all modules, in text order
inline constexpr FunctionId kNoFunction = 0xffffffff;

// A source position of one logical frame; index 0 is the innermost (inlined) call.
struct SourceFrame {
  std::string_view function;     // points into the tables, which live as long as Functions
  std::string_view file;
  std::uint32_t line = 0;
  bool inlined = false;
  bool wrapper = false;          // funcID_wrapper: the runtime leaves it out of a traceback
};

class Functions {
 public:
  static Result<Functions> read(const target::Target& target, const std::vector<target::Mapping>& mappings,
                                const Modules& modules);
  Functions(Functions&&) noexcept;
  Functions& operator=(Functions&&) noexcept;
  ~Functions();

  std::uint32_t count() const;
  FunctionId find(Address pc) const;                             // kNoFunction when outside of all text
  Address entry(FunctionId function) const;
  std::string_view name(FunctionId function) const;
  std::optional<FunctionId> find_by_name(std::string_view name) const;  // a linear walk: few times only

  // pc as an address inside the function (callers pass pc - 1 for return addresses).
  std::vector<SourceFrame> source_frames(FunctionId function, Address pc) const;

  // Everything the unwinder and the stack scanner need is behind this; see unwinder.h.
  struct Tables;
  const Tables& tables() const { return *tables_; }

 private:
  explicit Functions(std::unique_ptr<Tables> tables);
  std::unique_ptr<Tables> tables_;
};

}  // namespace goshawk::goruntime
