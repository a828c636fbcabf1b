// A chain of sources: the file or the bytes, and, once the first bytes were seen, an unpacker over
// it. gzip files may be several members in a row, zstd files several frames: both count as one.
// Follows RFC 1952 through zlib, RFC 8878 through libzstd.
#include "base/byte_stream.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

namespace goshawk {
namespace {

constexpr std::size_t kBlockBytes = 1 << 16;
constexpr int kGzipWindow = 15 + 16;    // inflateInit2: a gzip header
constexpr int kMostZstdWindowLog = 27;  // 128 MB: a frame may ask for more memory than there is
constexpr unsigned char kGzipMagic[] = {0x1f, 0x8b};
constexpr unsigned char kZstdMagic[] = {0x28, 0xb5, 0x2f, 0xfd};

using Source = ByteStream::Source;

class FileSource : public Source {
 public:
  FileSource(int descriptor, bool owned, std::string name)
      : descriptor_(descriptor), owned_(owned), name_(std::move(name)) {}
  FileSource(const FileSource&) = delete;
  ~FileSource() override {
    if (owned_) ::close(descriptor_);
  }

  Result<std::size_t> read(std::span<std::byte> into) override {
    for (;;) {
      ssize_t got = ::read(descriptor_, into.data(), into.size());
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EINTR)
        return fail(Missing{fmt::format("{} cannot be read: {}", name_, std::strerror(errno)), ""});
    }
  }

 private:
  int descriptor_;
  bool owned_;
  std::string name_;
};

class MemorySource : public Source {
 public:
  explicit MemorySource(ByteView bytes) : rest_(bytes) {}

  Result<std::size_t> read(std::span<std::byte> into) override {
    std::size_t size = std::min(into.size(), rest_.size());
    std::copy_n(rest_.begin(), size, into.begin());
    rest_ = rest_.subspan(size);
    return size;
  }

 private:
  ByteView rest_;
};

// What both unpackers need: packed bytes, the first of them seen already.
class PackedBytes {
 public:
  PackedBytes(std::unique_ptr<Source> below, ByteView seen, std::string name)
      : below_(std::move(below)), name_(std::move(name)), block_(kBlockBytes) {
    std::ranges::copy(seen, block_.begin());
    end_ = seen.size();
  }

  // Empty: the end.
  Result<ByteView> next() {
    if (first_ == end_ && !ended_) {
      consumed_ += end_;
      first_ = 0;
      end_ = TRY(below_->read(block_));
      ended_ = end_ == 0;
    }
    return ByteView(block_).subspan(first_, end_ - first_);
  }
  void consume(std::size_t bytes) { first_ += bytes; }
  Error malformed(std::string what) const {
    return Malformed{name_, consumed_ + first_, std::move(what)};
  }

 private:
  std::unique_ptr<Source> below_;
  std::string name_;
  std::vector<std::byte> block_;
  std::size_t first_ = 0, end_ = 0;
  std::uint64_t consumed_ = 0;
  bool ended_ = false;
};

class GzipSource : public Source {
 public:
  explicit GzipSource(PackedBytes packed) : packed_(std::move(packed)) {
    if (inflateInit2(&stream_, kGzipWindow) != Z_OK) throw std::bad_alloc();
  }
  GzipSource(const GzipSource&) = delete;
  ~GzipSource() override { inflateEnd(&stream_); }

  Result<std::size_t> read(std::span<std::byte> into) override {
    stream_.next_out = reinterpret_cast<Bytef*>(into.data());
    stream_.avail_out = static_cast<uInt>(into.size());
    while (stream_.avail_out == into.size()) {
      ByteView from = TRY(packed_.next());
      if (from.empty() && between_members_) return std::size_t{0};
      if (from.empty()) return fail(packed_.malformed("gzip data ends in the middle"));
      TRY_VOID(inflate_from(from));
    }
    return into.size() - stream_.avail_out;
  }

 private:
  Result<void> inflate_from(ByteView from) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(from.data()));
    stream_.avail_in = static_cast<uInt>(from.size());
    between_members_ = false;
    int status = ::inflate(&stream_, Z_NO_FLUSH);
    packed_.consume(from.size() - stream_.avail_in);
    if (status == Z_STREAM_END) {
      between_members_ = true;
      status = inflateReset(&stream_);
    }
    if (status != Z_OK && status != Z_BUF_ERROR)
      return fail(
          packed_.malformed(fmt::format("damaged gzip data{}{}", stream_.msg != nullptr ? ": " : "",
                                        stream_.msg != nullptr ? stream_.msg : "")));
    return {};
  }

  PackedBytes packed_;
  z_stream stream_{};
  bool between_members_ = false;
};

class ZstdSource : public Source {
 public:
  explicit ZstdSource(PackedBytes packed)
      : packed_(std::move(packed)), context_(ZSTD_createDCtx()) {
    if (context_ == nullptr) throw std::bad_alloc();
    ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, kMostZstdWindowLog);
  }
  ZstdSource(const ZstdSource&) = delete;
  ~ZstdSource() override { ZSTD_freeDCtx(context_); }

  Result<std::size_t> read(std::span<std::byte> into) override {
    ZSTD_outBuffer out{into.data(), into.size(), 0};
    while (out.pos == 0) {
      ByteView from = TRY(packed_.next());
      if (from.empty() && between_frames_) return std::size_t{0};
      ZSTD_inBuffer in{from.data(), from.size(), 0};
      std::size_t status = ZSTD_decompressStream(context_, &out, &in);
      packed_.consume(in.pos);
      if (ZSTD_isError(status) != 0)
        return fail(
            packed_.malformed(fmt::format("damaged zstd data: {}", ZSTD_getErrorName(status))));
      between_frames_ = status == 0;
      if (from.empty() && out.pos == 0 && !between_frames_)
        return fail(packed_.malformed("zstd data ends in the middle"));
    }
    return out.pos;
  }

 private:
  PackedBytes packed_;
  ZSTD_DCtx* context_;
  bool between_frames_ = false;
};

template <std::size_t Size>
bool starts_with(ByteView bytes, const unsigned char (&magic)[Size]) {
  return bytes.size() >= Size && std::memcmp(bytes.data(), magic, Size) == 0;
}

}  // namespace

ByteStream::ByteStream(std::unique_ptr<Source> source, std::string name, std::uint64_t most_bytes)
    : source_(std::move(source)), name_(std::move(name)), most_bytes_(most_bytes) {}
ByteStream::ByteStream(ByteStream&&) noexcept = default;
ByteStream& ByteStream::operator=(ByteStream&&) noexcept = default;
ByteStream::~ByteStream() = default;

// Whoever looked at it first has left it here, with what was read.
std::optional<ByteStream>& ByteStream::seen_standard_input() {
  static std::optional<ByteStream> seen;
  return seen;
}

ByteStream ByteStream::take_standard_input(std::uint64_t most_bytes) {
  std::optional<ByteStream> seen = std::exchange(seen_standard_input(), std::nullopt);
  if (!seen)
    seen = ByteStream(std::make_unique<FileSource>(STDIN_FILENO, false, "standard input"),
                      "standard input", most_bytes);
  seen->most_bytes_ = most_bytes;
  return std::move(*seen);
}

std::string ByteStream::peek_standard_input(std::size_t wanted) {
  ByteStream stream = take_standard_input(UINT64_MAX);
  auto bytes = stream.peek(wanted);
  std::string beginning(bytes ? as_text(*bytes) : std::string_view());
  seen_standard_input() = std::move(stream);
  return beginning;
}

Result<ByteStream> ByteStream::open(const std::string& path, std::uint64_t most_bytes) {
  if (path == "-") return take_standard_input(most_bytes);
  int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (descriptor < 0 && (errno == EACCES || errno == EPERM))
    return fail(Denied{"may not read " + path, "ask its owner, or use sudo"});
  if (descriptor < 0)
    return fail(Missing{fmt::format("{} cannot be opened: {}", path, std::strerror(errno)), ""});
  return ByteStream(std::make_unique<FileSource>(descriptor, true, path), path, most_bytes);
}

ByteStream ByteStream::of(ByteView bytes, std::string name, std::uint64_t most_bytes) {
  return {std::make_unique<MemorySource>(bytes), std::move(name), most_bytes};
}

bool ByteStream::is_packed(std::string_view beginning) {
  ByteView bytes = std::as_bytes(std::span(beginning));
  return starts_with(bytes, kGzipMagic) || starts_with(bytes, kZstdMagic);
}

// Sees what it is, and puts an unpacker over it.
Result<void> ByteStream::begin() {
  begun_ = true;
  TRY_VOID(fill(sizeof kZstdMagic));
  ByteView seen = ByteView(buffer_).subspan(first_, end_ - first_);
  bool is_gzip = starts_with(seen, kGzipMagic), is_zstd = starts_with(seen, kZstdMagic);
  if (!is_gzip && !is_zstd) return {};
  PackedBytes packed(std::move(source_), seen, name_);
  if (is_gzip)
    source_ = std::make_unique<GzipSource>(std::move(packed));
  else
    source_ = std::make_unique<ZstdSource>(std::move(packed));
  first_ = end_ = 0;
  ended_ = false;
  return {};
}

Result<void> ByteStream::fill(std::size_t wanted) {
  while (end_ - first_ < wanted && !ended_) {
    if (first_ > 0 && buffer_.size() - end_ < kBlockBytes) {
      std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(first_),
                buffer_.begin() + static_cast<std::ptrdiff_t>(end_), buffer_.begin());
      end_ -= first_;
      first_ = 0;
    }
    if (buffer_.size() - end_ < kBlockBytes)
      buffer_.resize(std::max(buffer_.size() * 2, 2 * kBlockBytes));
    std::size_t got = TRY(source_->read(std::span(buffer_).subspan(end_, kBlockBytes)));
    ended_ = got == 0;
    end_ += got;
    if (position_ + (end_ - first_) > most_bytes_)
      return fail(
          malformed(fmt::format("more than {} MB, unpacked: longer than anything that is "
                                "expected here",
                                most_bytes_ >> 20)));
  }
  return {};
}

Result<ByteView> ByteStream::peek(std::size_t wanted) {
  if (!begun_) TRY_VOID(begin());
  TRY_VOID(fill(wanted));
  return ByteView(buffer_).subspan(first_, end_ - first_);
}

void ByteStream::skip(std::size_t seen_bytes) {
  assert(seen_bytes <= end_ - first_);
  first_ += seen_bytes;
  position_ += seen_bytes;
}

Error ByteStream::malformed(std::string what, std::uint64_t offset) const {
  return Malformed{name_, position_ + offset, std::move(what)};
}

}  // namespace goshawk
