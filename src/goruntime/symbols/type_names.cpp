// abi.Type has had one layout since 1.19: TFlag at 20, Kind_ at 23, Str (an offset into its
// module's types) at 40. A name is a flag byte, a varint length and the text.
#include "goruntime/symbols/type_names.h"

namespace goshawk::goruntime {
namespace {

constexpr std::uint32_t kTFlag = 20, kKind = 23, kStr = 40;
constexpr std::uint8_t kExtraStar = 2;  // the text begins with a '*' that is not the type's
constexpr std::uint8_t kKindMask = 31, kChan = 18;
constexpr std::uint64_t kMaxNameBytes = 1024;

const Moduledata* find_module(const Modules& modules, Address type) {
  for (const Moduledata& module : modules.all)
    if (module.types.contains(type)) return &module;
  return nullptr;
}

}  // namespace

bool TypeNames::is_channel(Address type) {
  if (!type.is_aligned(8) || find_module(modules_, type) == nullptr) return false;
  auto kind = cache_.value<std::uint8_t>(type + kKind);
  return kind && (*kind & kKindMask) == kChan;
}

const std::string& TypeNames::name(Address type) {
  auto [entry, is_new] = names_.try_emplace(type);
  if (is_new) entry->second = read_name(type);
  return entry->second;
}

std::string TypeNames::read_name(Address type) {
  const Moduledata* module = find_module(modules_, type);
  if (module == nullptr || !type.is_aligned(8)) return {};
  auto offset = cache_.value<std::int32_t>(type + kStr);
  auto flags = cache_.value<std::uint8_t>(type + kTFlag);
  if (!offset || !flags || *offset <= 0) return {};
  Address at = module->types.start + static_cast<std::uint64_t>(*offset) + 1;
  std::uint64_t length = 0;
  for (unsigned shift = 0; shift < 21; shift += 7) {
    auto byte = cache_.value<std::uint8_t>(at);
    if (!byte) return {};
    at = at + 1;
    length |= std::uint64_t{*byte & 0x7fU} << shift;
    if ((*byte & 0x80) == 0) break;
  }
  if (length > kMaxNameBytes || !module->types.contains(at + length)) return {};
  std::string text(length, '\0');
  if (!cache_.read(at, std::as_writable_bytes(std::span(text)))) return {};
  return (*flags & kExtraStar) != 0 && text.starts_with('*') ? text.substr(1) : text;
}

}  // namespace goshawk::goruntime
