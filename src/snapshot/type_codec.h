// Types of objects in a snapshot file: runs of the same one, a part of the objects at a time.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/byte_view.h"

namespace goshawk::snapshot {

// Neighbours in a span are mostly of one type, and of what is free nothing is known.
std::string encode_types(std::span<const std::uint32_t> types);
// Fills `into`. False: the payload does not hold so many, or names a type >= type_count.
bool decode_types(ByteView payload, std::uint32_t type_count, std::span<std::uint32_t> into);

}  // namespace goshawk::snapshot
