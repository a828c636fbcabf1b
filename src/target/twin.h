// A copy-on-write twin of a stopped process: made by one clone(2) that a resting thread is made to
// call, never run, read through its mem file, killed. It shares the target's table of open files
// (CLONE_FILES), so that a socket closed meanwhile is closed, and sends its parent no signal when
// it ends; its parent, the target, has to be made to collect it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/address.h"
#include "base/result.h"
#include "target/process_directory.h"
#include "target/process_stop.h"
#include "target/tracer.h"

namespace goshawk::target {

// Denied where a moment later there would be none either. All threads of the process
// are stopped by `tracer`, and are so afterwards. It lives until the tracing thread ends, or kills
// it.
Result<Twin> make_twin(const ProcessDirectory& directory, Tracer& tracer,
                       std::span<const AddressRange> resting);

// Of a twin that was killed: stops one thread for a moment. False: not now, try again. Also true
// when there is nothing left to collect.
bool collect_twin(const ProcessDirectory& directory, const Twin& twin,
                  std::span<const AddressRange> resting);

// Of memory that is the process' own, find_own_bytes(): what must be left before a twin is made, so
// that all of it could be copied and more be allocated; and what must be left while it lives.
struct TwinNeeds {
  std::uint64_t before_bytes = 0, meanwhile_bytes = 0;
};
std::uint64_t find_own_bytes(const ProcessDirectory& directory);
TwinNeeds find_twin_needs(const ProcessDirectory& directory);

// Why no twin should be made of the process, as far as can be seen before it is tried: too little
// memory for what it may write meanwhile. nullopt: nothing is in the way.
std::optional<std::string> find_reason_against_twin(const ProcessDirectory& directory);

}  // namespace goshawk::target
