// What a snapshot file is made of: a preamble, then blocks, each with a header of its own; blocks
// of one kind follow each other, kinds in the order below, kEnd last. All numbers are
// little-endian.
//
//   preamble   magic[8] version:u32 writer[16] crc:u32
//   block      kind:u16 codec:u16 items:u32 edges:u64 raw_bytes:u32 stored_bytes:u32 crc:u32
//              stored_bytes of payload
//
// A crc (zlib's crc32) covers everything before it in its preamble or header, and the payload. The
// preamble keeps its form in every version.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/byte_view.h"

namespace goshawk::snapshot {

// Not text (the first byte), and spoiled by whatever changes ends of lines.
inline constexpr std::string_view kMagic = "\x89GOSHK\r\n";
inline constexpr std::uint32_t kFormatVersion = 12;
// Blocks are made of about one megabyte; a single record may be larger.
inline constexpr std::uint64_t kMostBlockBytes = 64 << 20;

enum class BlockKind : std::uint16_t {
  kFacts = 1,  // target, picture, doubts
  kStrings,    // in the order of their ids
  kFrames,
  kStacks,
  kAllocated,  // a bit for each object number
  kSpans,
  kLocks,
  kWaits,
  kLabels,
  kAncestors,
  kGoroutines,
  kGoroutineRoots,  // a row for each goroutine
  kRoots,
  kExtraEdges,
  kContexts,
  kToldPaths,
  kLockFrames,
  kHeldLocks,
  kEndlessStacks,
  kToldLocks,
  kIdleTimers,
  kIoWaits,
  kAllocations,  // the rate, or why there are none
  kAllocationRecords,
  kMemory,
  kAbsentPages,
  kRuntimeRoots,
  kDegrees,  // how many edges each object has; see edge_codec.h
  kEdges,
  kTypeNames,    // of the heap's objects, from 1
  kObjectTypes,  // a type's number for each object; see type_codec.h
  kFillPlaces,
  kArrayFills,
  kMapFills,
  kChannelFills,
  kPoolFills,
  kPendingTimers,
  kSampledObjects,
  kContextCalls,
  kEnd,  // items: how many blocks came before
};

enum class Codec : std::uint16_t { kStored = 0, kZstd = 1 };

struct Preamble {
  static constexpr std::size_t kBytes = 32;

  std::uint32_t version = kFormatVersion;
  std::string writer;  // the version of Goshawk that wrote it; 16 bytes of it are kept
};

struct BlockHeader {
  static constexpr std::size_t kBytes = 28;

  BlockKind kind = BlockKind::kEnd;
  Codec codec = Codec::kStored;
  std::uint32_t items = 0;         // records, objects (kDegrees, kObjectTypes) or edges (kEdges)
  std::uint64_t edges = 0;         // kDegrees: the sum of them
  std::uint32_t raw_bytes = 0;     // of the payload once decompressed
  std::uint32_t stored_bytes = 0;  // of the payload in the file
  std::uint32_t crc = 0;
};

std::string encode(const Preamble& preamble);
// The crc is computed of header and payload; the field is not looked at.
std::string encode(const BlockHeader& header, ByteView payload);

// `bytes` has kBytes of them. Nothing is judged here but the preamble's own crc.
Preamble parse_preamble(ByteView bytes);
bool is_preamble_sound(ByteView bytes);
BlockHeader parse_block_header(ByteView bytes);
bool is_block_sound(ByteView header, ByteView payload);

}  // namespace goshawk::snapshot
