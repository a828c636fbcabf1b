// The compiler describes every type that is allocated by itself, with all types that its fields
// lead to: size, and each field's name, type and offset. The runtime makes its gs, ms, ps, sudogs,
// channels and timers so, and its mspans hang on a p; only what it keeps in variables (mheap,
// sched, the semaphore table) or takes from its own allocator has no descriptor.
//
// The descriptors are searched once for structs of package runtime; a name that two of them have is
// nobody's. They do not change while the program runs, so the target need not stand still. All of
// it is foreign bytes: a struct whose fields do not lie in it, one behind the other, is not there.
//
// types/type_reader.h reads them.
#include "goruntime/layout/descriptor_layout.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/byte_view.h"
#include "goruntime/page_cache.h"
#include "goruntime/types/type_reader.h"

namespace goshawk::goruntime {
namespace {

constexpr std::uint64_t kTFlag = 20, kKind = 23;
constexpr std::uint64_t kPkgPath = 48, kFields = 56;  // of a struct
constexpr std::uint64_t kStructBytes = 80;
constexpr std::uint8_t kKindMask = 31, kStruct = 25;
constexpr std::uint8_t kNamed = 4;  // TFlag
constexpr std::string_view kPackage = "runtime";

constexpr std::uint64_t kMostTypeBytes = 256 << 20;
constexpr std::uint64_t kChunkBytes = 1 << 20;
constexpr std::uint64_t kMostFields = 1024;
constexpr int kDeepestEmbedding = 3;
constexpr int kMostSteps = 8;

// The structs of package runtime by their full names.
class RuntimeStructs {
 public:
  RuntimeStructs(const target::Memory& memory, AddressRange types, TypeReader& reader)
      : memory_(memory), types_(types), reader_(reader) {}

  std::unordered_map<std::string, Address> find() {
    std::unordered_map<std::string, Address> found;
    for (Address at = types_.start; at < types_.end; at = at + kChunkBytes)
      search({at, std::min(at + (kChunkBytes + kStructBytes), types_.end)}, found);
    std::erase_if(found, [](const auto& entry) { return entry.second.is_null(); });
    return found;
  }

 private:
  void search(AddressRange chunk, std::unordered_map<std::string, Address>& found) {
    auto bytes = memory_.read_bytes(chunk.start, chunk.size_bytes());
    if (!bytes) return;
    for (std::uint64_t at = 0; at < kChunkBytes && fits(*bytes, at, kStructBytes); at += 8) {
      const std::byte* descriptor = bytes->data() + at;
      if (!may_be_struct(descriptor) || !is_of_runtime(descriptor)) continue;
      const std::string& name = reader_.name(chunk.start + at);
      if (name.empty()) continue;
      auto [entry, is_new] = found.emplace(name, chunk.start + at);
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
      auto name = reader_.read_name(path);
      entry->second = name && name->text == kPackage;
    }
    return entry->second;
  }

  const target::Memory& memory_;
  AddressRange types_;
  TypeReader& reader_;
  std::unordered_map<Address, bool> is_runtime_path_;
};

class DescriptorLayout final : public LayoutSource {
 public:
  DescriptorLayout(const target::Memory& memory, AddressRange types)
      : cache_(memory),
        reader_(cache_, types),
        by_name_(RuntimeStructs(memory, types, reader_).find()) {}

  std::optional<std::uint64_t> size_of(std::string_view type) const override {
    std::lock_guard lock(mutex_);
    const StructType* structure = find(type);
    if (structure == nullptr) return std::nullopt;
    return structure->size_bytes;
  }

  std::optional<Field> field(std::string_view type, std::string_view path) const override {
    std::lock_guard lock(mutex_);
    const StructType* in = find(type);
    std::uint32_t offset = 0;
    for (int step = 0; step < kMostSteps && in != nullptr; ++step) {
      std::string_view name = path.substr(0, path.find('.'));
      auto member = find_member(*in, name, kDeepestEmbedding);
      if (!member) return std::nullopt;
      offset += member->offset;
      if (name.size() == path.size()) return Field{offset, member->size_bytes};
      path.remove_prefix(name.size() + 1);
      in = reader_.find_struct(element_type(member->type));
      if (in != nullptr && in->size_bytes > member->size_bytes) return std::nullopt;
    }
    return std::nullopt;
  }

  std::optional<std::int64_t> constant(std::string_view) const override { return std::nullopt; }
  std::string origin() const override { return "type descriptors"; }

 private:
  const StructType* find(std::string_view type) const {
    auto found = by_name_.find(std::string(type));
    return found == by_name_.end() ? nullptr : reader_.find_struct(found->second);
  }

  // An array leads to its first element.
  Address element_type(Address type) const {
    for (int depth = 0; depth < kMostSteps && reader_.kind(type) == TypeKind::kArray; ++depth)
      type = reader_.element(type);
    return type;
  }

  // As Go promotes it: a field of the structure itself, else of one that it embeds.
  std::optional<TypeMember> find_member(const StructType& in, std::string_view name,
                                        int depth) const {
    for (const TypeMember& member : in.members)
      if (member.name == name) return member;
    if (depth == 0) return std::nullopt;
    for (const TypeMember& member : in.members) {
      const StructType* embedded = member.embedded ? reader_.find_struct(member.type) : nullptr;
      if (embedded == nullptr) continue;
      auto inner = find_member(*embedded, name, depth - 1);
      if (!inner) continue;
      inner->offset += member.offset;
      return inner;
    }
    return std::nullopt;
  }

  mutable std::mutex mutex_;  // pages and structures are read when they are first asked for
  PageCache cache_;
  mutable TypeReader reader_;
  std::unordered_map<std::string, Address> by_name_;
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
