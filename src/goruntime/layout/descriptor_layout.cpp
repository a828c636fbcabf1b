// The compiler describes every type that is allocated by itself, with all types that its fields
// lead to: size, and each field's name, type and offset. The runtime makes its gs, ms, ps, sudogs,
// channels and timers so, and its mspans hang on a p; only what it keeps in variables (mheap,
// sched, the semaphore table) or takes from its own allocator has no descriptor.
//
// The descriptors are searched once for structs of package runtime; a name that two of them have is
// nobody's. They do not change while the program runs, so the target need not stand still. All of
// it is foreign bytes: a struct whose fields do not lie in it, one behind the other, is not there.
//
//   release  internal/abi Type, StructType, StructField, Name (1.19, 1.20: runtime/type.go)
//   1.19     Size_ 0, PtrBytes 8, TFlag 20, Kind_ 23, Str 40; struct: PkgPath 48, Fields 56; a
//   field
//            is {Name, Typ, Offset}; the name's flag 8 says embedded. The same ever since
//   1.26     Kind_ has no flags in its upper bits any more: they are masked off
#include "goruntime/layout/descriptor_layout.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/byte_view.h"
#include "goruntime/page_cache.h"

namespace goshawk::goruntime {
namespace {

constexpr std::uint64_t kTFlag = 20, kKind = 23, kStr = 40;
constexpr std::uint64_t kElement = 48;                // of an array
constexpr std::uint64_t kPkgPath = 48, kFields = 56;  // of a struct
constexpr std::uint64_t kStructBytes = 80, kFieldBytes = 24;
constexpr std::uint8_t kKindMask = 31, kArray = 17, kStruct = 25;
constexpr std::uint8_t kExtraStar = 2, kNamed = 4;  // TFlag
constexpr std::uint8_t kEmbedded = 8;               // of a field's name
constexpr std::string_view kPackage = "runtime";

constexpr std::uint64_t kMostTypeBytes = 256 << 20;
constexpr std::uint64_t kChunkBytes = 1 << 20;
constexpr std::uint64_t kMostFields = 1024;
constexpr std::uint64_t kMostNameBytes = 1024;
constexpr std::uint64_t kMostStructBytes = std::uint64_t{1} << 31;
constexpr int kDeepestEmbedding = 3;
constexpr int kMostSteps = 8;

struct Member {
  std::string name;
  Address type;
  std::uint32_t offset = 0, size_bytes = 0;
  bool embedded = false;
};

struct Structure {
  std::uint64_t size_bytes = 0;
  std::vector<Member> members;
};

struct Name {
  std::uint8_t flags = 0;
  std::string text;
};

// Reads descriptors of one program; nothing of what they say is believed before it is checked.
class Descriptors {
 public:
  Descriptors(const target::Memory& memory, AddressRange types)
      : memory_(memory), types_(types), cache_(memory) {}

  // The structs of package runtime by their full names.
  std::unordered_map<std::string, Address> find_structs() {
    std::unordered_map<std::string, Address> found;
    for (Address at = types_.start; at < types_.end; at = at + kChunkBytes)
      search({at, std::min(at + (kChunkBytes + kStructBytes), types_.end)}, found);
    std::erase_if(found, [](const auto& entry) { return entry.second.is_null(); });
    return found;
  }

  std::optional<Structure> read_struct(Address at) {
    auto size = cache_.value<std::uint64_t>(at);
    auto count = cache_.value<std::uint64_t>(at + kFields + 8);
    if (kind(at) != kStruct || !size || *size > kMostStructBytes || !count || *count > kMostFields)
      return std::nullopt;
    Structure structure{.size_bytes = *size, .members = {}};
    Address fields = cache_.pointer(at + kFields);
    std::uint64_t end = 0;
    for (std::uint64_t i = 0; i < *count; ++i) {
      auto member = read_member(fields + i * kFieldBytes);
      if (!member || member->offset < end) return std::nullopt;
      end = std::uint64_t{member->offset} + member->size_bytes;
      if (end > *size) return std::nullopt;
      structure.members.push_back(std::move(*member));
    }
    return structure;
  }

  // An array leads to its first element.
  Address element_type(Address type) {
    for (int depth = 0; depth < kMostSteps && kind(type) == kArray; ++depth)
      type = cache_.pointer(type + kElement);
    return type;
  }

 private:
  std::uint8_t kind(Address type) {
    if (!types_.contains(type) || !type.is_aligned(8)) return 0;
    return cache_.value<std::uint8_t>(type + kKind).value_or(0) & kKindMask;
  }

  void search(AddressRange chunk, std::unordered_map<std::string, Address>& found) {
    auto bytes = memory_.read_bytes(chunk.start, chunk.size_bytes());
    if (!bytes) return;
    for (std::uint64_t at = 0; at < kChunkBytes && fits(*bytes, at, kStructBytes); at += 8) {
      const std::byte* descriptor = bytes->data() + at;
      if (!may_be_struct(descriptor) || !is_of_runtime(descriptor)) continue;
      auto name = read_type_name(descriptor);
      if (!name) continue;
      auto [entry, is_new] = found.emplace(std::move(*name), chunk.start + at);
      if (!is_new) entry->second = Address();
    }
  }

  static bool may_be_struct(const std::byte* at) {
    auto word = [at](std::uint64_t offset) { return load_unchecked<std::uint64_t>(at + offset); };
    return (std::to_integer<std::uint8_t>(at[kKind]) & kKindMask) == kStruct &&
           (std::to_integer<std::uint8_t>(at[kTFlag]) & kNamed) != 0 && word(8) <= word(0) &&
           word(kFields + 8) > 0 && word(kFields + 8) <= kMostFields &&
           word(kFields + 8) == word(kFields + 16);
  }

  // All of a package's types name it by the same bytes.
  bool is_of_runtime(const std::byte* descriptor) {
    Address path(load_unchecked<std::uint64_t>(descriptor + kPkgPath));
    auto [entry, is_new] = is_runtime_path_.try_emplace(path);
    if (is_new) {
      auto name = read_name(path);
      entry->second = name && name->text == kPackage;
    }
    return entry->second;
  }

  std::optional<std::string> read_type_name(const std::byte* descriptor) {
    auto offset = load_unchecked<std::int32_t>(descriptor + kStr);
    if (offset <= 0) return std::nullopt;
    auto name = read_name(types_.start + static_cast<std::uint64_t>(offset));
    if (!name) return std::nullopt;
    std::string& text = name->text;
    bool star = (std::to_integer<std::uint8_t>(descriptor[kTFlag]) & kExtraStar) != 0;
    if (star && text.starts_with('*')) text.erase(0, 1);
    return std::move(text);
  }

  // A flag byte, a varint length and the text.
  std::optional<Name> read_name(Address at) {
    if (!types_.contains(at)) return std::nullopt;
    Name name;
    auto flags = cache_.value<std::uint8_t>(at);
    if (!flags) return std::nullopt;
    name.flags = *flags;
    std::uint64_t length = 0;
    at = at + 1;
    for (unsigned shift = 0; shift < 21; shift += 7) {
      auto byte = cache_.value<std::uint8_t>(at);
      if (!byte) return std::nullopt;
      at = at + 1;
      length |= std::uint64_t{*byte & 0x7fU} << shift;
      if ((*byte & 0x80) == 0) break;
    }
    if (length > kMostNameBytes) return std::nullopt;
    name.text.resize(length);
    if (!cache_.read(at, std::as_writable_bytes(std::span(name.text)))) return std::nullopt;
    return name;
  }

  std::optional<Member> read_member(Address at) {
    auto name = read_name(cache_.pointer(at));
    Address type = cache_.pointer(at + 8);
    auto offset = cache_.value<std::uint64_t>(at + 16);
    if (!name || !offset || *offset > kMostStructBytes || kind(type) == 0) return std::nullopt;
    auto size = cache_.value<std::uint64_t>(type);
    if (!size || *size > kMostStructBytes) return std::nullopt;
    return Member{std::move(name->text), type, static_cast<std::uint32_t>(*offset),
                  static_cast<std::uint32_t>(*size), (name->flags & kEmbedded) != 0};
  }

  const target::Memory& memory_;
  AddressRange types_;
  PageCache cache_;
  std::unordered_map<Address, bool> is_runtime_path_;
};

class DescriptorLayout final : public LayoutSource {
 public:
  DescriptorLayout(const target::Memory& memory, AddressRange types)
      : descriptors_(memory, types), by_name_(descriptors_.find_structs()) {}

  std::optional<std::uint64_t> size_of(std::string_view type) const override {
    std::lock_guard lock(mutex_);
    const Structure* structure = find(type);
    if (structure == nullptr) return std::nullopt;
    return structure->size_bytes;
  }

  std::optional<Field> field(std::string_view type, std::string_view path) const override {
    std::lock_guard lock(mutex_);
    const Structure* in = find(type);
    std::uint32_t offset = 0;
    for (int step = 0; step < kMostSteps && in != nullptr; ++step) {
      std::string_view name = path.substr(0, path.find('.'));
      auto member = find_member(*in, name, kDeepestEmbedding);
      if (!member) return std::nullopt;
      offset += member->offset;
      if (name.size() == path.size()) return Field{offset, member->size_bytes};
      path.remove_prefix(name.size() + 1);
      in = structure_at(descriptors_.element_type(member->type));
      if (in != nullptr && in->size_bytes > member->size_bytes) return std::nullopt;
    }
    return std::nullopt;
  }

  std::optional<std::int64_t> constant(std::string_view) const override { return std::nullopt; }
  std::string origin() const override { return "type descriptors"; }

 private:
  const Structure* find(std::string_view type) const {
    auto found = by_name_.find(std::string(type));
    return found == by_name_.end() ? nullptr : structure_at(found->second);
  }

  const Structure* structure_at(Address at) const {
    auto [entry, is_new] = structures_.try_emplace(at);
    if (is_new) entry->second = descriptors_.read_struct(at);
    return entry->second ? &*entry->second : nullptr;
  }

  // As Go promotes it: a field of the structure itself, else of one that it embeds.
  std::optional<Member> find_member(const Structure& in, std::string_view name, int depth) const {
    for (const Member& member : in.members)
      if (member.name == name) return member;
    if (depth == 0) return std::nullopt;
    for (const Member& member : in.members) {
      const Structure* embedded = member.embedded ? structure_at(member.type) : nullptr;
      if (embedded == nullptr) continue;
      auto inner = find_member(*embedded, name, depth - 1);
      if (!inner) continue;
      inner->offset += member.offset;
      return inner;
    }
    return std::nullopt;
  }

  mutable std::mutex mutex_;  // pages and structures are read when they are first asked for
  mutable Descriptors descriptors_;
  std::unordered_map<std::string, Address> by_name_;
  mutable std::map<Address, std::optional<Structure>> structures_;  // a node never moves
};

}  // namespace

Result<std::unique_ptr<LayoutSource>> descriptor_layout(const target::Memory& memory,
                                                        AddressRange types) {
  if (types.size_bytes() <= kMostTypeBytes) {
    auto layout = std::make_unique<DescriptorLayout>(memory, types);
    if (layout->field("runtime.g", "sched.g")) return layout;
  }
  return fail(Missing{"runtime.g among the program's type descriptors",
                      "reading structures by what the program says of itself"});
}

}  // namespace goshawk::goruntime
