// The read-only bytes of the target's executable image (tables, stack maps, pointer masks), by
// their address in the target: taken from the executable file where the process still has it
// mapped unchanged, copied out of the process elsewhere.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/address.h"
#include "base/byte_view.h"
#include "base/result.h"
#include "binary/elf_file.h"
#include "target/target.h"

namespace goshawk::goruntime {

class ImageBytes {
 public:
  ImageBytes() = default;

  // A synthetic image.
  static ImageBytes of(Address start, ByteView bytes);

  // What is wanted, and all else of the mappings that it begins in. `proof` are ranges that must be
  // the same in the file and in the process for the file to be believed.
  static Result<ImageBytes> open(const target::Target& target,
                                 const std::vector<target::Mapping>& mappings,
                                 std::span<const AddressRange> wanted,
                                 std::span<const AddressRange> proof);

  // From an address to the end of what is known there; empty when nothing is.
  ByteView from(Address address) const;
  // All of a range, or empty.
  ByteView range(AddressRange range) const;

  bool is_file_backed() const { return file_ != nullptr; }

 private:
  struct Part {
    AddressRange range;
    ByteView bytes;
    std::vector<std::byte> copy;
  };

  void open_file(const target::Target& target, const std::vector<target::Mapping>& mappings,
                 std::span<const AddressRange> proof);
  ByteView file_bytes(const std::vector<target::Mapping>& mappings, AddressRange range) const;
  Result<void> add(const target::Target& target, const std::vector<target::Mapping>& mappings,
                   AddressRange wanted);

  std::shared_ptr<binary::ElfFile> file_;
  std::string file_path_;
  std::vector<Part> parts_;  // by address, without overlaps
};

}  // namespace goshawk::goruntime
