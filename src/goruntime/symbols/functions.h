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
#include "goruntime/facts/func_id.h"
#include "goruntime/symbols/modules.h"
#include "target/target.h"

namespace goshawk::goruntime {

using FunctionId = std::uint32_t;  // dense over all modules, in text order within each
inline constexpr FunctionId kNoFunction = 0xffffffff;

// A source position of one logical frame; index 0 is the innermost (inlined) call.
struct SourceFrame {
  std::string_view function;  // points into the tables, which live as long as Functions; the raw
                              // name, see traceback_filter.h for the form that Go prints
  std::string_view file;
  std::uint32_t line = 0;
  bool inlined = false;
  bool wrapper = false;  // kind == kWrapper: the runtime leaves it out of a traceback
  FunctionKind kind = FunctionKind::kNormal;
};

class Functions {
 public:
  static Result<Functions> read(const target::Target& target,
                                const std::vector<target::Mapping>& mappings,
                                const Modules& modules);

  // Everything the unwinder and the stack scanner need is behind this; see function_tables.h.
  struct Tables;
  explicit Functions(std::unique_ptr<Tables> tables);
  Functions(Functions&&) noexcept;
  Functions& operator=(Functions&&) noexcept;
  ~Functions();

  std::uint32_t count() const;
  FunctionId find(Address pc) const;  // kNoFunction when outside of all text
  Address entry(FunctionId function) const;
  std::string_view name(FunctionId function) const;  // raw
  FunctionKind kind(FunctionId function) const;
  bool is_assembly(FunctionId function) const;
  // Moves sp to another stack, or by what no table tells.
  bool writes_sp(FunctionId function) const;
  // Whether code of a function of this name may be anywhere, inlined or not.
  bool has_name(std::string_view name) const;
  std::optional<FunctionId> find_by_name(
      std::string_view name) const;  // a linear walk: few times only
  // Every one of this name but ABI wrappers: a plugin runs its own copy of the runtime's code.
  std::vector<FunctionId> find_all_by_name(std::string_view name) const;
  // One walk for all of them; order as asked.
  std::vector<std::optional<FunctionId>> find_by_names(
      std::span<const std::string_view> names) const;

  // pc as an address inside the function (callers pass pc - 1 for return addresses; see
  // WalkedStack::source_pc). At least one frame; the last one is the function itself.
  std::vector<SourceFrame> source_frames(FunctionId function, Address pc) const;

  // What a traceback prints behind "created by" for a g.gopc: the function that has the go
  // statement (the physical one, even when the statement was inlined into it) with the statement's
  // own file and line. Absent when gopc is in no function.
  std::optional<SourceFrame> creation_frame(Address gopc) const;

  // Names are those that an obfuscator (garble) left.
  bool are_obfuscated() const;

  const Tables& tables() const { return *tables_; }

 private:
  std::unique_ptr<Tables> tables_;
};

}  // namespace goshawk::goruntime
