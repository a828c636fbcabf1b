// runtime.sudog, runtime.hchan, runtime.waitq (runtime/runtime2.go, runtime/chan.go).
//
//   release  change
//   1.22     sudog.waiters
//   1.23     hchan.timer
//   1.25     hchan.bubble
//   1.26     sudog.elem and c become maybeTraceable{Ptr,Chan} {vp, vu}: 16 bytes, vu (the second
//   word)
//            keeps the address when the leak detector hides vp from the collector
//
// elem and c are told by the size of the field. Checked against the target: sudog.g is the g that
// waits.
#include "goruntime/facts/sudog.h"

namespace goshawk::goruntime::facts {
namespace {

// The address is the field itself, or its second word in the pair.
std::uint32_t address_word(Field field) {
  return field.size_bytes == 16 ? field.offset + 8 : field.offset;
}

}  // namespace

Result<SudogFact> SudogFact::bind(const LayoutSource& layout) {
  constexpr std::string_view kSudog = "runtime.sudog";
  SudogFact fact;
  fact.size_bytes = static_cast<std::uint32_t>(TRY(layout.need_size(kSudog)));
  fact.g = TRY(layout.need_offset(kSudog, "g"));
  fact.next = TRY(layout.need_offset(kSudog, "next"));
  fact.prev = TRY(layout.need_offset(kSudog, "prev"));
  fact.ticket = TRY(layout.need_offset(kSudog, "ticket"));
  fact.waitlink = TRY(layout.need_offset(kSudog, "waitlink"));
  Field elem = TRY(layout.need(kSudog, "elem"));
  Field c = TRY(layout.need(kSudog, "c"));
  fact.elem = address_word(elem);
  fact.elem_field = elem.offset;
  fact.elem_bytes = elem.size_bytes;
  fact.c = address_word(c);
  fact.c_field = c.offset;
  fact.c_bytes = c.size_bytes;
  return fact;
}

Result<HchanFact> HchanFact::bind(const LayoutSource& layout) {
  constexpr std::string_view kHchan = "runtime.hchan";
  HchanFact fact;
  fact.size_bytes = static_cast<std::uint32_t>(TRY(layout.need_size(kHchan)));
  fact.qcount = TRY(layout.need_offset(kHchan, "qcount"));
  fact.dataqsiz = TRY(layout.need_offset(kHchan, "dataqsiz"));
  fact.buf = TRY(layout.need_offset(kHchan, "buf"));
  fact.sendx = TRY(layout.need_offset(kHchan, "sendx"));
  fact.recvx = TRY(layout.need_offset(kHchan, "recvx"));
  fact.elemsize = TRY(layout.need_offset(kHchan, "elemsize"));
  fact.closed = TRY(layout.need_offset(kHchan, "closed"));
  fact.elemtype = TRY(layout.need_offset(kHchan, "elemtype"));
  std::uint32_t first = TRY(layout.need_offset("runtime.waitq", "first"));
  fact.recvq_first = TRY(layout.need_offset(kHchan, "recvq")) + first;
  fact.sendq_first = TRY(layout.need_offset(kHchan, "sendq")) + first;
  if (auto timer = layout.field(kHchan, "timer")) fact.timer = timer->offset;
  return fact;
}

}  // namespace goshawk::goruntime::facts
