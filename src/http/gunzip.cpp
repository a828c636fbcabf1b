// By zlib's streams: what comes out is not known beforehand, and may be a thousand times as much.
#include "http/gunzip.h"

#include <zlib.h>

#include <algorithm>
#include <limits>

namespace goshawk::http {
namespace {

constexpr int kGzipOnly = 16 + MAX_WBITS;
constexpr std::size_t kBlockBytes = 64 << 10;

class Inflater {
 public:
  Inflater() { ready_ = ::inflateInit2(&stream_, kGzipOnly) == Z_OK; }
  ~Inflater() {
    if (ready_) ::inflateEnd(&stream_);
  }
  Inflater(const Inflater&) = delete;

  bool is_ready() const { return ready_; }
  z_stream& stream() { return stream_; }

 private:
  z_stream stream_{};
  bool ready_ = false;
};

}  // namespace

std::optional<std::string> gunzip(std::string_view bytes, std::uint64_t most_bytes) {
  Inflater inflater;
  if (!inflater.is_ready() || bytes.size() > std::numeric_limits<uInt>::max()) return std::nullopt;
  z_stream& stream = inflater.stream();
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));  // it only reads
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string text;
  for (int state = Z_OK; state != Z_STREAM_END;) {
    std::size_t before = text.size();
    text.resize(before + kBlockBytes);
    stream.next_out = reinterpret_cast<Bytef*>(text.data() + before);
    stream.avail_out = static_cast<uInt>(kBlockBytes);
    state = ::inflate(&stream, Z_NO_FLUSH);
    text.resize(text.size() - stream.avail_out);
    if (state != Z_OK && state != Z_STREAM_END) return std::nullopt;  // Z_BUF_ERROR: cut off
    if (text.size() > most_bytes) return std::nullopt;
  }
  return text;
}

}  // namespace goshawk::http
