// Why a goroutine waits: runtime.waitReason, a number whose meaning moves between releases.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "goruntime/layout/layout.h"
#include "goruntime/symbols/globals.h"
#include "snapshot/snapshot.h"
#include "target/memory.h"

namespace goshawk::goruntime::facts {

class WaitReasons {
 public:
  // The target's own texts where they were found, else those of its release; Missing when neither
  // is known.
  static Result<WaitReasons> bind(const target::Memory& memory, const Globals& globals,
                                  const GoVersion& version);
  // The texts of a release from the table; Missing when it is not in there.
  static Result<WaitReasons> of_release(const GoVersion& version);
  // In the order of their numbers.
  explicit WaitReasons(std::vector<std::string> texts);

  std::size_t count() const { return reasons_.size(); }
  std::string_view text(std::uint8_t number) const;    // "" for 0, "unknown wait reason" outside
  snapshot::WaitKind kind(std::uint8_t number) const;  // kUnknown outside
  // Status waiting, yet its thread works for it on g0: it holds its stack still for the collector.
  bool is_running_on_g0(std::uint8_t number) const;
  bool of_target() const { return of_target_; }  // read from the target itself

 private:
  struct Reason {
    std::string text;
    snapshot::WaitKind kind;
    bool running_on_g0;
  };
  std::vector<Reason> reasons_;
  bool of_target_ = false;
};

// How many wait reasons there can be: the number is one byte, and releases have below 64 of them.
inline constexpr std::size_t kMostWaitReasons = 96;

// The string headers that stand at `strings` in the target, as far as they look like wait reasons;
// empty unless they begin as runtime.waitReasonStrings does.
std::vector<std::string> read_wait_reason_texts(const target::Memory& memory, Address strings);

}  // namespace goshawk::goruntime::facts
