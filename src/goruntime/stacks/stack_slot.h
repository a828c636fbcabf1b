// What a live word of a goroutine's stack leads to: an object, or another word of the stack.
#pragma once

#include <cstdint>

#include "base/address.h"
#include "snapshot/objects.h"

namespace goshawk::goruntime {

struct StackSlot {
  snapshot::ObjectId object = snapshot::kNone;
  Address at;              // the word's own
  Address points_to;       // in the stack; null: to the object
  std::int32_t place = 0;  // from the frame's fp, in bytes
  Address pc;              // that the frame stands at: of a call, inside of it
  std::uint8_t into = 0;   // how far from the object's slot's start the pointer leads
  bool in_object = false;  // the word is of a variable whose address is taken
};

}  // namespace goshawk::goruntime
