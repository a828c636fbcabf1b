// The contents of a section as far as somebody wants them: a compressed one is decompressed from
// its beginning up to the furthest byte asked for, once. Nothing moves: views stay good as long as
// this lives. Not for use by several threads at once.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/byte_view.h"
#include "base/result.h"
#include "binary/elf_file.h"

namespace goshawk::binary {

class SectionContents {
 public:
  // By name; ".debug_x" also finds ".zdebug_x". SHF_COMPRESSED by zlib or zstd, or as it stands.
  // `elf` must outlive it.
  static Result<SectionContents> open(const ElfFile& elf, std::string_view name);
  SectionContents(SectionContents&&) noexcept;
  SectionContents& operator=(SectionContents&&) noexcept;
  ~SectionContents();

  std::uint64_t size_bytes() const { return size_bytes_; }  // decompressed, as the section claims
  // The first `size_bytes`, or all there are: fewer when the compressed stream is broken.
  ByteView first(std::uint64_t size_bytes);
  ByteView all() { return first(size_bytes_); }

 private:
  class Stream;
  SectionContents();

  std::uint64_t size_bytes_ = 0;
  ByteView ready_;
  std::unique_ptr<Stream> stream_;  // none: ready_ is all of it
};

}  // namespace goshawk::binary
