// What walking and scanning a frame needs to know of its pc, decoded once for each pc: a program's
// hundred thousand goroutines stand at a few hundred of them.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/address.h"
#include "goruntime/stacks/frame_layout.h"
#include "goruntime/stacks/stack_map.h"
#include "goruntime/symbols/function_tables.h"

namespace goshawk::goruntime {

struct FrameFacts {
  FunctionId function = kNoFunction;
  Address entry;
  FunctionKind kind = FunctionKind::kNormal;
  bool top_frame = false;  // nothing called it: the stack ends here
  // Assembly, of the runtime's packages or reflect's: its caller may be in the middle of a step.
  bool runtime_helper = false;
  bool sp_write = false;      // changes sp in ways that no table tells
  bool at_entry = false;      // pc is the entry: a goroutine that has not run yet
  bool has_layout = false;    // false: no frame information (foreign code)
  bool has_liveness = false;  // the slots below are the live ones; false: no usable map at this pc
  bool reflect_stub = false;  // its arguments' map is in the reflect.methodValue at its sp
  std::uint32_t deferreturn = 0;
  std::int32_t args_bytes = 0;
  FrameLayout layout;
  std::vector<std::uint32_t> slots;      // distances from sp of words that hold live pointers
  std::uint32_t slots_end = 0;           // behind the last one
  std::span<const StackObject> objects;  // of the function, wherever the pc is
};

class FrameFactsCache {
 public:
  explicit FrameFactsCache(const Functions& functions)
      : tables_(functions.tables()), functions_(functions) {}

  // nullptr when no function has this pc. Valid until forget_if_large().
  const FrameFacts* find(Address pc);

  // Between two walks: starts anew when a broken target made it grow without end.
  void forget_if_large();

 private:
  struct Entry {
    Address pc;
    const FrameFacts* facts = nullptr;  // nullptr: free
  };

  const FrameFacts* decode(Address pc);
  void decode_liveness(FrameFacts& facts, const Pclntab& pclntab, const FunctionRecord& record,
                       Address pc);
  bool add_slots(FrameFacts& facts, const Pclntab& pclntab, const FunctionRecord& record,
                 std::uint32_t funcdata, std::int32_t row);
  bool add_objects(FrameFacts& facts, const Pclntab& pclntab, const FunctionRecord& record);
  bool hold(std::size_t offsets);
  Entry& place(Address pc);
  void grow();

  const Functions::Tables& tables_;
  const Functions& functions_;
  std::vector<Entry> entries_;  // open addressing, a power of two
  std::vector<std::unique_ptr<FrameFacts>> facts_;
  std::unordered_map<FunctionId, std::vector<StackObject>> objects_;
  std::size_t held_offsets_ = 0;
};

}  // namespace goshawk::goruntime
