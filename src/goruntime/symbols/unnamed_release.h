// Which Go release a program was built with that does not say so: an obfuscator had
// runtime.buildVersion removed, or the linker was told another text (-X).
#pragma once

#include <span>
#include <string_view>

#include "base/address.h"
#include "base/result.h"
#include "goruntime/layout/layout.h"
#include "target/memory.h"

namespace goshawk::goruntime {

// A release whose moduledata the program's has the shape of, and where its types are by that.
struct FittingShape {
  int minor = 0;
  AddressRange types;
};

// By the runtime's structures, which the program describes for reflection: the one release in which
// all of them lie so. Missing when there is none, or when they are the same in several.
Result<GoVersion> identify_release(const target::Memory& memory, std::string_view arch,
                                   std::span<const FittingShape> shapes);

}  // namespace goshawk::goruntime
