// Layouts as the program's own type descriptors say them: what reflection reads of a struct type
// is in every binary, stripped or not. The surest source where there is no debug information.
#pragma once

#include <memory>

#include "base/address.h"
#include "base/result.h"
#include "goruntime/layout/layout.h"
#include "target/memory.h"

namespace goshawk::goruntime {

// `types` is the main module's [types, etypes). Missing when runtime.g is not among them under its
// own name (an obfuscated program). `memory` must outlive the source.
Result<std::unique_ptr<LayoutSource>> descriptor_layout(const target::Memory& memory,
                                                        AddressRange types);

}  // namespace goshawk::goruntime
