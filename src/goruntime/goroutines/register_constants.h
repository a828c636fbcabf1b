// What a register has at a call, where the code before it says so: an argument that is a constant.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/address.h"
#include "binary/code_steps.h"

namespace goshawk::goruntime {

// `steps` of a function have a call at `call`. nullopt: the register has what was computed, loaded
// or comes in, or the straight run of code up to the call does not tell.
std::optional<Address> find_constant_argument(std::span<const binary::Step> steps, Address call,
                                              std::uint8_t register_number);

}  // namespace goshawk::goruntime
