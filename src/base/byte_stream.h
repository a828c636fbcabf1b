// A file or pipe as it is read from front to back, and unpacked on the way if its first bytes say
// that it is packed (gzip, zstd). Looking ahead tells what it is before anybody reads it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_view.h"
#include "base/result.h"

namespace goshawk {

class ByteStream {
 public:
  // "-" is standard input. More than `most_bytes`, unpacked, is Malformed: a few bytes can unpack
  // to a great many.
  static Result<ByteStream> open(const std::string& path, std::uint64_t most_bytes);
  // What stands at the beginning of standard input, at least so much unless it ends before: it
  // stays there for who opens it next. Empty where it cannot be read.
  static std::string peek_standard_input(std::size_t wanted);
  // Whether what begins so is unpacked on the way.
  static bool is_packed(std::string_view beginning);
  // Of bytes that outlive it; `name` for messages.
  static ByteStream of(ByteView bytes, std::string name, std::uint64_t most_bytes);

  ByteStream(ByteStream&&) noexcept;
  ByteStream& operator=(ByteStream&&) noexcept;
  ~ByteStream();

  // The next bytes, at least `wanted` of them unless the stream ends before; nothing is consumed.
  // Valid until the next call. What is held grows with what arrives, not with what is wanted.
  Result<ByteView> peek(std::size_t wanted);
  // Consumes bytes that were seen.
  void skip(std::size_t seen_bytes);

  // Of the next byte, in what was unpacked.
  std::uint64_t position() const { return position_; }
  const std::string& name() const { return name_; }
  // Malformed, at `offset` bytes behind the next one.
  Error malformed(std::string what, std::uint64_t offset = 0) const;

  // For the implementation: where bytes come from. 0 bytes: the end.
  class Source {
   public:
    virtual ~Source() = default;
    virtual Result<std::size_t> read(std::span<std::byte> into) = 0;
  };

 private:
  ByteStream(std::unique_ptr<Source> source, std::string name, std::uint64_t most_bytes);
  static std::optional<ByteStream>& seen_standard_input();
  static ByteStream take_standard_input(std::uint64_t most_bytes);
  Result<void> begin();
  Result<void> fill(std::size_t wanted);

  std::unique_ptr<Source> source_;
  std::string name_;
  std::uint64_t most_bytes_;
  std::uint64_t position_ = 0;
  std::vector<std::byte> buffer_;
  std::size_t first_ = 0, end_ = 0;  // of what was read and not consumed, in buffer_
  bool begun_ = false, ended_ = false;
};

}  // namespace goshawk
