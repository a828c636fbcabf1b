// The variables of functions: what the words of a stack frame lead to, and those of a closure. Told
// by the debug information.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/address.h"
#include "goruntime/types/place_in_type.h"
#include "goruntime/types/type_reader.h"
#include "goruntime/typing/debug_types.h"

namespace goshawk::goruntime {

class LocalVariables {
 public:
  explicit LocalVariables(DebugTypes& debug) : debug_(debug) {}

  // All that variables say of a live word of a frame, by the pc that the frame stands at and the
  // word's distance from the frame's fp. `in_object`: it lies in a variable whose address is taken.
  const std::vector<PlaceInType>& find(Address pc, std::int32_t place, bool in_object);
  // By the code that it begins with, and that code's name, the words of a closure: how far each is
  // from its start.
  std::vector<std::pair<std::uint64_t, PlaceInType>> find_captured(Address entry,
                                                                   std::string_view function);

 private:
  const std::vector<binary::FramePart>& parts_at(Address pc);
  bool is_told_by(const binary::FramePart& part, std::int32_t place, bool in_object);
  std::uint64_t size_of(std::uint64_t type);
  PlaceInType find_place(std::uint64_t type, std::uint64_t offset);
  PlaceInType pointer_to(std::uint64_t type);
  PlaceInType find_receiver(std::string_view function);

  DebugTypes& debug_;
  std::unordered_map<Address, std::vector<binary::FramePart>> parts_;
  std::unordered_map<std::uint64_t, std::uint64_t> sizes_;
  struct Word {
    Address pc;
    std::int32_t place = 0;
    bool in_object = false;
    auto operator<=>(const Word&) const = default;
  };
  std::map<Word, std::vector<PlaceInType>> words_;
};

}  // namespace goshawk::goruntime
