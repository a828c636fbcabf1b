// What a program is that has no moduledata this program can read: for a message that helps.
#pragma once

#include <vector>

#include "base/result.h"
#include "target/target.h"

namespace goshawk::goruntime {

// Missing that names gccgo, TinyGo, an old Go release, or says that it is no Go program.
Error explain_unreadable_program(const target::Target& target,
                                 const std::vector<target::Mapping>& mappings);

}  // namespace goshawk::goruntime
