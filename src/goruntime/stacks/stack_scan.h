// The pointers of one stack, gathered frame by frame.
#pragma once

#include <cstdint>
#include <vector>

#include "base/address.h"
#include "base/byte_view.h"
#include "goruntime/stacks/frame_facts.h"
#include "target/memory.h"

namespace goshawk::goruntime {

// The words of a stack by their address; the part that could be read.
class StackWords {
 public:
  StackWords() = default;
  StackWords(Address start, ByteView bytes) : start_(start), bytes_(bytes) {}

  Address start() const { return start_; }
  Address end() const { return start_ + bytes_.size(); }
  bool has(Address from, std::uint64_t size_bytes) const {
    return fits(bytes_, from - start_, size_bytes);
  }
  // The caller knows that it has them.
  std::uint64_t load(Address from) const {
    return load_unchecked<std::uint64_t>(bytes_.data() + (from - start_));
  }

 private:
  Address start_;
  ByteView bytes_;
};

class StackScan {
 public:
  // A pointer that a stack map or a stack object's mask tells of, and where it lies.
  struct Place {
    Address sp;  // of the frame whose map it is
    Address at;
    std::uint64_t value = 0;
    bool in_object = false;
  };

  // Keeps its buffers from stack to stack. `places`: for all that maps tell of; null: nobody asks.
  void begin(AddressRange stack, const StackWords& words, std::vector<std::uint64_t>& pointers,
             std::vector<Place>* places = nullptr);

  // A value that is a live pointer, if it is one at all: into the heap, or to an object in the
  // stack.
  void take(std::uint64_t value);
  // By the frame's own map. `shift`: how much further from sp the frame's locals are than in
  // `facts`, which is of another pc of the same function when a signal struck the frame.
  // False: the map does not fit the stack, or the maps so far have told more than a stack of this
  // size can hold (frames of a broken program overlap); nothing was taken.
  bool scan_frame(const FrameFacts& facts, Address sp, std::int64_t shift);
  bool scan_map(Address from, const StackBits& bits);
  // Every word of it that is there.
  void scan_conservatively(Address from, Address to);
  // The same for one frame's part of the stack. False: as above.
  bool scan_part(Address from, Address to);
  // Follows pointers into the stack to stack objects. False: one had no usable mask, or there were
  // too many of them, so that every word was taken.
  bool finish();

 private:
  struct PlacedObject {
    Address start;
    const StackObject* object = nullptr;
    Address sp;            // of its frame
    bool is_told = false;  // the object is where debug information has it too
    bool scanned = false;
  };
  struct FrameWithObjects {
    const FrameFacts* facts = nullptr;
    Address sp;
    std::int64_t shift = 0;
  };

  bool spend(std::uint64_t steps);
  void note(Address sp, Address at, bool in_object);
  static bool is_in_object(const FrameFacts& facts, std::uint32_t slot);
  void place_objects();
  PlacedObject* find_object(Address address);

  AddressRange stack_;
  StackWords words_;
  std::vector<std::uint64_t>* pointers_ = nullptr;
  std::vector<Place>* places_ = nullptr;
  std::uint64_t steps_left_ = 0;
  std::vector<Address> into_stack_;  // not followed yet
  std::vector<FrameWithObjects> frames_;
  std::vector<PlacedObject> objects_;
};

}  // namespace goshawk::goruntime
