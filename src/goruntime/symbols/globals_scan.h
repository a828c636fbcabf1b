// Finds the runtime's variables by nothing but their shape, walking over data and bss: what helps
// where neither symbols nor function names are to be had.
#pragma once

#include <initializer_list>
#include <optional>
#include <vector>

#include "base/address.h"
#include "goruntime/symbols/globals_shape.h"
#include "goruntime/symbols/modules.h"
#include "target/memory.h"

namespace goshawk::goruntime {

class GlobalsScan {
 public:
  GlobalsScan(const target::Memory& memory, const Moduledata& module, const GlobalShapes& shapes)
      : memory_(memory), module_(module), shapes_(shapes) {}

  std::optional<Address> find_allgs();
  std::optional<Address> find_mheap();
  // Only where somebody waits for a semaphore; `mheap` is passed over.
  std::optional<Address> find_semtable(Address mheap);
  std::optional<Address> find_wait_reason_strings();

 private:
  struct Section {
    Address start;
    std::vector<std::byte> bytes;
  };
  // Read when first asked for. Variables that begin as zero are in bss, the others in data.
  const std::vector<Section>& zeroed();
  const std::vector<Section>& initialized();
  std::vector<Section> read(std::initializer_list<AddressRange> ranges) const;
  bool is_in_image(std::uint64_t pointer) const;

  const target::Memory& memory_;
  const Moduledata& module_;
  const GlobalShapes& shapes_;
  std::optional<std::vector<Section>> zeroed_, initialized_;
};

}  // namespace goshawk::goruntime
