// runtime.sudog and runtime.hchan: who waits, and on what.
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "goruntime/layout/layout.h"

namespace goshawk::goruntime::facts {

struct SudogFact {
  std::uint32_t size_bytes = 0;
  std::uint32_t g = 0, next = 0, prev = 0, waitlink = 0, ticket = 0;
  std::uint32_t elem = 0, c = 0;                 // the word that holds the address
  std::uint32_t elem_field = 0, elem_bytes = 0;  // the whole field, for cutting references
  std::uint32_t c_field = 0, c_bytes = 0;
  static Result<SudogFact> bind(const LayoutSource& layout);
};

struct HchanFact {
  std::uint32_t size_bytes = 0;
  std::uint32_t qcount = 0, dataqsiz = 0, buf = 0, elemsize = 0, closed = 0, elemtype = 0;
  std::uint32_t sendx = 0, recvx = 0;
  std::uint32_t recvq_first = 0, sendq_first = 0;
  std::optional<std::uint32_t> timer;  // 1.23+
  static Result<HchanFact> bind(const LayoutSource& layout);
};

}  // namespace goshawk::goruntime::facts
