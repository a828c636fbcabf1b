// Streaming decompression into address space that is reserved for the whole section at once.
//
// Three forms: SHF_COMPRESSED with an Elf64_Chdr (zlib, zstd), the older .zdebug_ name with the
// letters ZLIB and a big-endian size, and plain. The claimed size is only a promise: more than the
// stream could ever yield is refused, and what a broken stream yields before it breaks is kept.
#include "binary/section_contents.h"

#include <elf.h>
#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <optional>

#include "base/reserved_array.h"

#ifndef ELFCOMPRESS_ZSTD
#define ELFCOMPRESS_ZSTD 2
#endif

namespace goshawk::binary {
namespace {

constexpr std::uint64_t kSizeLimit = 16ULL << 30;
constexpr std::uint64_t kStepBytes = 256 << 10;

struct Compressed {
  std::uint32_t method = ELFCOMPRESS_ZLIB;
  std::uint64_t size_bytes = 0;  // claimed
  ByteView stream;
};

std::optional<Compressed> parse_compression_header(ByteView bytes) {
  Cursor cursor(bytes);
  Compressed compressed;
  compressed.method = cursor.u32();
  cursor.skip(4);
  compressed.size_bytes = cursor.u64();
  cursor.skip(8);  // alignment
  if (cursor.failed()) return std::nullopt;
  compressed.stream = bytes.subspan(cursor.position());
  return compressed;
}

std::optional<Compressed> parse_zdebug_header(ByteView bytes) {
  if (bytes.size() < 12 || as_text(bytes.first(4)) != "ZLIB") return std::nullopt;
  Compressed compressed;
  compressed.size_bytes = __builtin_bswap64(load_unchecked<std::uint64_t>(bytes.data() + 4));
  compressed.stream = bytes.subspan(12);
  return compressed;
}

class Zlib {
 public:
  // Without the checksum: it is mostly not reached, and what is read is checked for sense anyway.
  explicit Zlib(ByteView input) : rest_(input) {
    ready_ = ::inflateInit(&state_) == Z_OK && ::inflateValidate(&state_, 0) == Z_OK;
  }
  ~Zlib() { ::inflateEnd(&state_); }
  Zlib(const Zlib&) = delete;

  // Bytes written; 0 when there is no more.
  std::uint64_t decompress(std::byte* into, std::uint64_t size_bytes) {
    if (!ready_) return 0;
    state_.next_out = reinterpret_cast<Bytef*>(into);
    state_.avail_out = static_cast<uInt>(std::min<std::uint64_t>(size_bytes, 1U << 30));
    const auto room = state_.avail_out;
    while (ready_ && state_.avail_out != 0) {
      if (state_.avail_in == 0) take_input();
      ready_ = ::inflate(&state_, Z_NO_FLUSH) == Z_OK;
    }
    return room - state_.avail_out;
  }

 private:
  void take_input() {
    std::size_t n = std::min<std::size_t>(rest_.size(), 1U << 30);
    state_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(rest_.data()));
    state_.avail_in = static_cast<uInt>(n);
    rest_ = rest_.subspan(n);
  }

  z_stream state_{};
  ByteView rest_;
  bool ready_;
};

class Zstd {
 public:
  explicit Zstd(ByteView input) : state_(::ZSTD_createDStream()) {
    input_ = {input.data(), input.size(), 0};
    if (state_ != nullptr) ::ZSTD_DCtx_setParameter(state_, ZSTD_d_windowLogMax, 27);
  }
  ~Zstd() { ::ZSTD_freeDStream(state_); }
  Zstd(const Zstd&) = delete;

  std::uint64_t decompress(std::byte* into, std::uint64_t size_bytes) {
    if (state_ == nullptr) return 0;
    ZSTD_outBuffer out{into, size_bytes, 0};
    while (out.pos < out.size) {
      std::size_t had = out.pos, fed = input_.pos;
      std::size_t result = ::ZSTD_decompressStream(state_, &out, &input_);
      if (::ZSTD_isError(result) != 0) break;
      if (out.pos == had && input_.pos == fed) break;
    }
    return out.pos;
  }

 private:
  ZSTD_DStream* state_;
  ZSTD_inBuffer input_{};
};

}  // namespace

class SectionContents::Stream {
 public:
  explicit Stream(const Compressed& compressed) : bytes_(compressed.size_bytes) {
    if (compressed.method == ELFCOMPRESS_ZSTD)
      zstd_.emplace(compressed.stream);
    else
      zlib_.emplace(compressed.stream);
  }

  ByteView first(std::uint64_t size_bytes) {
    while (filled_ < size_bytes && !ended_) {
      // A step more than asked for, so that small steps forward do not come here each time.
      std::uint64_t room = bytes_.capacity() - filled_;
      std::uint64_t want = std::min(room, size_bytes - filled_ + kStepBytes);
      std::byte* into = bytes_.data() + filled_;
      std::uint64_t got = zstd_ ? zstd_->decompress(into, want) : zlib_->decompress(into, want);
      filled_ += got;
      if (got < want || filled_ == bytes_.capacity()) ended_ = true;
    }
    return {bytes_.data(), filled_};
  }

 private:
  ReservedArray<std::byte> bytes_;
  std::optional<Zlib> zlib_;
  std::optional<Zstd> zstd_;
  std::uint64_t filled_ = 0;
  bool ended_ = false;
};

SectionContents::SectionContents() = default;
SectionContents::SectionContents(SectionContents&&) noexcept = default;
SectionContents& SectionContents::operator=(SectionContents&&) noexcept = default;
SectionContents::~SectionContents() = default;

Result<SectionContents> SectionContents::open(const ElfFile& elf, std::string_view name) {
  const Section* section = elf.find_section(name);
  bool zdebug = false;
  if (section == nullptr && name.starts_with(".debug_")) {
    section = elf.find_section(fmt::format(".z{}", name.substr(1)));
    zdebug = section != nullptr;
  }
  if (section == nullptr)
    return fail(Missing{fmt::format("{} has no section {}", elf.name(), name), ""});

  SectionContents contents;
  contents.ready_ = elf.section_bytes(*section);
  contents.size_bytes_ = contents.ready_.size();
  if (!zdebug && (section->flags & SHF_COMPRESSED) == 0) return contents;

  auto compressed =
      zdebug ? parse_zdebug_header(contents.ready_) : parse_compression_header(contents.ready_);
  if (!compressed ||
      (compressed->method != ELFCOMPRESS_ZLIB && compressed->method != ELFCOMPRESS_ZSTD))
    return fail(Malformed{elf.name(), section->file_offset,
                          fmt::format("unknown compression of section {}", name)});
  // Deflate yields at most 1032 bytes for one; zstd could make forty times that, but nobody's debug
  // information shrinks so far.
  std::uint64_t most = compressed->stream.size() * 1040 + 64;
  if (compressed->size_bytes > std::min(most, kSizeLimit))
    return fail(Malformed{elf.name(), section->file_offset,
                          fmt::format("section {} claims {} bytes from {} compressed ones", name,
                                      compressed->size_bytes, compressed->stream.size())});
  contents.ready_ = {};
  contents.size_bytes_ = compressed->size_bytes;
  contents.stream_ = std::make_unique<Stream>(*compressed);
  return contents;
}

ByteView SectionContents::first(std::uint64_t size_bytes) {
  if (!stream_) return ready_;
  return stream_->first(std::min(size_bytes, size_bytes_));
}

}  // namespace goshawk::binary
