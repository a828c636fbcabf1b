// Which variables the runtime's functions use, by disassembling them: where a variable has to be if
// the program has no symbols.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "binary/disassembly.h"
#include "goruntime/symbols/functions.h"
#include "goruntime/symbols/globals_shape.h"
#include "goruntime/symbols/modules.h"
#include "target/memory.h"

namespace goshawk::goruntime {

// The runtime's functions of these names. The linker lays a package out in one piece, the runtime
// early, so this is quick in a program with a million functions, names that are not there included.
std::vector<std::optional<FunctionId>> find_runtime_functions(
    const Functions& functions, std::span<const std::string_view> names);

// What a function refers to in data and bss, in the order of its code; empty when it cannot be
// read.
std::vector<binary::Reference> read_data_references(const target::Memory& memory,
                                                    const Modules& modules,
                                                    const Functions& functions,
                                                    FunctionId function);

class GlobalsCode {
 public:
  GlobalsCode(const target::Memory& memory, const Modules& modules, const Functions& functions);

  // Whether the program has a function of this name, one of those that are looked into.
  bool has(std::string_view function) const { return ids_.contains(function); }

  // Addresses that may be the variable, without repetition; each is to be checked by its shape.
  std::vector<Address> find_allgs();
  std::vector<Address> find_allm();
  std::vector<Address> find_allp();
  std::vector<Address> find_mheap();
  std::vector<Address> find_semtable();
  std::vector<Address> find_sched(std::uint32_t lock_offset);
  std::vector<Address> find_wait_reason_strings();
  std::vector<Address> find_cleanup_queue(std::uint32_t all_offset);

  // These have no shape of their own: found only where the code leaves no choice.
  std::optional<Address> find_allglock();
  std::optional<Address> find_gcphase();
  std::optional<Address> find_iscgo();
  std::optional<Address> find_in_progress();
  struct FinalizerQueue {
    Address finq, allfin;
  };
  std::optional<FinalizerQueue> find_finalizer_queue();
  // runtime.mbuckets: what is read is it; what is only taken is it or a lock (not optimised).
  std::vector<Address> find_memory_buckets();
  std::optional<Address> find_memory_buckets_read();
  std::optional<Address> find_memory_profile_rate();  // runtime.MemProfileRate

 private:
  using References = std::vector<binary::Reference>;
  // Empty when there is no such function.
  const References& references_of(std::string_view function);
  std::vector<Address> targets_of(std::string_view function);

  const target::Memory& memory_;
  const Modules& modules_;
  const Functions& functions_;
  std::map<std::string_view, FunctionId> ids_;
  std::map<std::string_view, References> references_;
};

}  // namespace goshawk::goruntime
