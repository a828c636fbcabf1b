// The fixed parts of a snapshot file, field by field: no struct of ours is ever copied as a whole,
// so that neither padding nor the compiler has a say in the format.
#include "snapshot/file_blocks.h"

#include <zlib.h>

#include "snapshot/record_writer.h"

namespace goshawk::snapshot {
namespace {

constexpr std::size_t kWriterBytes = 16;
constexpr std::size_t kCrcBytes = 4;

// No bytes leave a crc as it is, which is not what zlib does when there is no pointer either.
uLong add_to_crc(uLong crc, ByteView bytes) {
  if (bytes.empty()) return crc;
  return ::crc32_z(crc, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
}

std::uint32_t crc_of(ByteView first, ByteView second) {
  return static_cast<std::uint32_t>(add_to_crc(add_to_crc(0, first), second));
}

ByteView bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

bool is_sound(ByteView sealed, ByteView payload) {
  ByteView before = sealed.first(sealed.size() - kCrcBytes);
  return load<std::uint32_t>(sealed, before.size()) == crc_of(before, payload);
}

}  // namespace

std::string encode(const Preamble& preamble) {
  RecordWriter out;
  out.bytes(kMagic);
  out.fixed(preamble.version);
  std::string writer = preamble.writer.substr(0, kWriterBytes);
  writer.resize(kWriterBytes);
  out.bytes(writer);
  out.fixed(crc_of(bytes_of(out.written()), {}));
  return out.take();
}

std::string encode(const BlockHeader& header, ByteView payload) {
  RecordWriter out;
  out.fixed(static_cast<std::uint16_t>(header.kind));
  out.fixed(static_cast<std::uint16_t>(header.codec));
  out.fixed(header.items);
  out.fixed(header.edges);
  out.fixed(header.raw_bytes);
  out.fixed(header.stored_bytes);
  out.fixed(crc_of(bytes_of(out.written()), payload));
  return out.take();
}

Preamble parse_preamble(ByteView bytes) {
  Cursor cursor(bytes, kMagic.size());
  Preamble preamble;
  preamble.version = cursor.u32();
  std::string_view writer = as_text(cursor.bytes(kWriterBytes));
  preamble.writer = writer.substr(0, writer.find('\0'));
  return preamble;
}

bool is_preamble_sound(ByteView bytes) { return is_sound(bytes, {}); }

BlockHeader parse_block_header(ByteView bytes) {
  Cursor cursor(bytes);
  BlockHeader header;
  // Its type is fixed, so any number fits; BlockReader refuses those that mean nothing.
  // NOLINTNEXTLINE(clang-analyzer-optin.core.EnumCastOutOfRange)
  header.kind = static_cast<BlockKind>(cursor.u16());
  header.codec = static_cast<Codec>(cursor.u16());
  header.items = cursor.u32();
  header.edges = cursor.u64();
  header.raw_bytes = cursor.u32();
  header.stored_bytes = cursor.u32();
  header.crc = cursor.u32();
  return header;
}

bool is_block_sound(ByteView header, ByteView payload) { return is_sound(header, payload); }

}  // namespace goshawk::snapshot
