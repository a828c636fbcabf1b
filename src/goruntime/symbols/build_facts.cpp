// .go.buildinfo: 32 bytes {"\xff Go buildinf:", pointer size, flags, two pointers}. With flag 2
// (all releases since 1.18) two length-prefixed strings follow at once: version and modinfo.
// Before, the two pointers lead to string headers: read only to say which old release it is. Some
// builds have none (a post-processed binary, -ldflags tricks): then the string variable
// runtime.buildVersion is looked for in the data section, by its looks alone; a program has one
// such string there unless it keeps a Go version string in a global itself, so all hits must agree.
// Follows debug/buildinfo and cmd/link/internal/ld/data.go buildinfo.
#include "goruntime/symbols/build_facts.h"

#include <algorithm>

namespace goshawk::goruntime {
namespace {

constexpr std::string_view kMagic = "\xff Go buildinf:";
constexpr std::uint64_t kHeaderBytes = 32;
constexpr std::uint8_t kFlagInlineStrings = 2;
constexpr std::uint64_t kMaxVersionBytes = 512;
constexpr std::uint64_t kMaxModinfoBytes = 4 << 20;
constexpr std::uint64_t kChunkBytes = 1 << 20;
constexpr std::uint64_t kMaxDataBytes = 1ULL << 30;

std::optional<std::string> read_text(const target::Memory& memory, Address at, std::uint64_t size,
                                     std::uint64_t limit) {
  if (size > limit) return std::nullopt;
  auto bytes = memory.read_bytes(at, size);
  if (!bytes) return std::nullopt;
  return std::string(as_text(*bytes));
}

// A length as binary.Uvarint writes it, then so many bytes. Moves `at` behind them.
std::optional<std::string> read_prefixed_text(const target::Memory& memory, Address& at,
                                              std::uint64_t limit) {
  std::byte prefix[10] = {};
  // The prefix may stand at the very end of what is mapped.
  for (std::size_t i = 0; i < sizeof prefix; ++i) {
    auto byte = memory.read_value<std::byte>(at + i);
    if (!byte) return std::nullopt;
    prefix[i] = *byte;
    if ((*byte & std::byte{0x80}) == std::byte{0}) break;
  }
  Cursor cursor{ByteView(prefix)};
  std::uint64_t size = cursor.uvarint();
  if (cursor.failed()) return std::nullopt;
  auto text = read_text(memory, at + cursor.position(), size, limit);
  at = at + cursor.position() + size;
  return text;
}

std::optional<std::string> read_go_string(const target::Memory& memory, Address header,
                                          std::uint64_t limit) {
  auto start = memory.read_value<std::uint64_t>(header);
  auto size = memory.read_value<std::uint64_t>(header + 8);
  if (!start || !size) return std::nullopt;
  return read_text(memory, Address(*start), *size, limit);
}

bool looks_like_version(std::string_view text) {
  if (text.starts_with("devel ")) return text.find("go1.") != std::string_view::npos;
  return text.starts_with("go1.") && text.size() > 4 && text[4] >= '0' && text[4] <= '9';
}

// An executable as the linker laid it out.
class LinkedMemory : public target::Memory {
 public:
  explicit LinkedMemory(const binary::ElfFile& executable) : executable_(executable) {}

  Result<void> read(Address from, std::span<std::byte> into) const override {
    ByteView bytes = executable_.find_loaded_bytes(from, into.size());
    if (bytes.size() != into.size())
      return fail(Fault{from, into.size(), "not in the executable file"});
    std::ranges::copy(bytes, into.begin());
    return {};
  }
  std::uint64_t bytes_read() const override { return 0; }

 private:
  const binary::ElfFile& executable_;
};

}  // namespace

std::optional<std::uint64_t> find_build_information(Address start, ByteView bytes) {
  constexpr std::uint64_t kAlign = 16;
  for (std::uint64_t at = (kAlign - start.value() % kAlign) % kAlign;
       fits(bytes, at, kMagic.size()); at += kAlign)
    if (std::memcmp(bytes.data() + at, kMagic.data(), kMagic.size()) == 0) return at;
  return std::nullopt;
}

std::optional<BuildInformation> read_build_information(const target::Memory& memory,
                                                       Address header) {
  auto flags = memory.read_value<std::uint8_t>(header + 15);
  auto pointer_bytes = memory.read_value<std::uint8_t>(header + 14);
  if (!flags || !pointer_bytes) return std::nullopt;
  std::optional<std::string> version, modinfo;
  if ((*flags & kFlagInlineStrings) != 0) {
    Address at = header + kHeaderBytes;
    version = read_prefixed_text(memory, at, kMaxVersionBytes);
    if (version) modinfo = read_prefixed_text(memory, at, kMaxModinfoBytes);
  } else if (*pointer_bytes == 8) {
    auto version_header = memory.read_value<std::uint64_t>(header + 16);
    if (version_header)
      version = read_go_string(memory, Address(*version_header), kMaxVersionBytes);
  }
  if (!version || version->empty()) return std::nullopt;
  if (!modinfo) modinfo = "";
  return BuildInformation{std::move(*version), parse_main_path(*modinfo),
                          parse_build_settings(*modinfo)};
}

std::optional<BuildInformation> read_build_information(const binary::ElfFile& executable) {
  LinkedMemory memory(executable);
  constexpr std::uint32_t kLoad = 1;      // PT_LOAD
  constexpr std::uint32_t kWritable = 2;  // PF_W
  for (const binary::Segment& segment : executable.segments()) {
    if (segment.type != kLoad || (segment.flags & kWritable) == 0) continue;
    ByteView bytes = executable.find_loaded_bytes(segment.address, segment.file_size_bytes);
    if (auto offset = find_build_information(segment.address, bytes))
      return read_build_information(memory, segment.address + *offset);
  }
  return std::nullopt;
}

std::vector<BuildSetting> parse_build_settings(std::string_view modinfo) {
  constexpr std::string_view kKey = "build\t";
  constexpr std::size_t kMostSettings = 1000;
  std::vector<BuildSetting> settings;
  while (!modinfo.empty() && settings.size() < kMostSettings) {
    std::string_view line = modinfo.substr(0, modinfo.find('\n'));
    modinfo.remove_prefix(std::min(modinfo.size(), line.size() + 1));
    std::size_t equals = line.find('=');
    if (!line.starts_with(kKey) || equals == std::string_view::npos) continue;
    settings.push_back({std::string(line.substr(kKey.size(), equals - kKey.size())),
                        std::string(line.substr(equals + 1))});
  }
  return settings;
}

std::string parse_main_path(std::string_view modinfo) {
  constexpr std::string_view kKey = "path\t";
  // 16 bytes of a mark stand around the text; the path is its first line.
  std::size_t at = modinfo.find(kKey);
  if (at == std::string_view::npos) return "";
  std::string_view rest = modinfo.substr(at + kKey.size());
  return std::string(rest.substr(0, rest.find('\n')));
}

std::string arch_of(binary::Machine machine) {
  return machine == binary::Machine::kArm64 ? "arm64" : "amd64";
}

std::optional<std::string> find_build_version(const target::Memory& memory, AddressRange data) {
  if (data.size_bytes() > kMaxDataBytes) return std::nullopt;
  constexpr std::uint64_t kMinLength = 5;
  constexpr std::uint64_t kMaxLength = 60;
  std::optional<std::string> found;
  for (Address at = data.start; at < data.end; at = at + (kChunkBytes - 8)) {
    std::uint64_t size = std::min<std::uint64_t>(kChunkBytes, data.end - at);
    auto chunk = memory.read_bytes(at, size);
    if (!chunk) continue;
    for (std::uint64_t i = 0; i + 16 <= chunk->size(); i += 8) {
      auto length = load_unchecked<std::uint64_t>(chunk->data() + i + 8);
      auto start = load_unchecked<std::uint64_t>(chunk->data() + i);
      if (length < kMinLength || length > kMaxLength || start < 4096) continue;
      auto text = read_text(memory, Address(start), length, kMaxLength);
      if (!text || !looks_like_version(*text)) continue;
      if (found && *found != *text) return std::nullopt;
      found = std::move(text);
    }
  }
  return found;
}

}  // namespace goshawk::goruntime
