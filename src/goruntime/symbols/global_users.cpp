// The code is gone over once for what may be mentions of data (binary/address_mentions.h). What may
// mention the word asked for is then disassembled, and believed only if it does.
//
// A field of a struct is mostly reached from the address of the whole: where nobody mentions the
// word, who mentions what is next before it is told, as being near. Of several functions that one
// is named which a rebuild is least likely to change: of the package that most of them are of, and
// no initialiser, the first by name.
//
// Functions that are inlined into others have the names of those. Only the main module is looked
// at.
#include "goruntime/symbols/global_users.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "goruntime/symbols/function_package.h"
#include "goruntime/symbols/globals_code.h"
#include "goruntime/symbols/traceback_filter.h"

namespace goshawk::goruntime {
namespace {

constexpr std::uint64_t kPieceBytes = 1 << 20;
constexpr std::uint64_t kOverlapBytes = 64;  // an adrp and what uses its page
constexpr std::uint64_t kMostCodeBytes = 512ULL << 20;
constexpr std::uint64_t kFarthestBefore = 512;
constexpr std::size_t kMostFunctions = 24;  // that are disassembled for one word

AddressRange data_of(const Moduledata& module) {
  AddressRange all = module.data;
  for (const AddressRange& range : {module.noptrdata, module.bss, module.noptrbss}) {
    if (range.size_bytes() == 0) continue;
    all.start = std::min(all.start, range.start);
    all.end = std::max(all.end, range.end);
  }
  return all;
}

bool is_initialiser(std::string_view name) {
  return name.ends_with(".init") || name.find(".init.") != std::string_view::npos ||
         name.starts_with("type:") || name.starts_with("go:");
}

// The one of these names that is told.
std::string_view choose(const std::vector<std::string_view>& names) {
  std::map<std::string_view, std::size_t> in_package;
  for (std::string_view name : names) ++in_package[package_of(name)];
  return *std::ranges::min_element(names, {}, [&](std::string_view name) {
    return std::tuple(is_initialiser(name),
                      -static_cast<std::ptrdiff_t>(in_package[package_of(name)]), name);
  });
}

}  // namespace

std::string GlobalUsers::describe(Address word) {
  if (modules_.all.empty()) return "";
  if (!was_read_) read_code();
  if (!data_.contains(word)) return "";
  TracebackFilter filter(modules_.build.version);
  if (auto users = users_of(word))
    return fmt::format("used by {}{}", filter.printed_name(users->function),
                       users->has_others ? " and others" : "");
  if (auto users = users_before(word))
    return fmt::format("near what {}{}", filter.printed_name(users->function),
                       users->has_others ? " and others use" : " uses");
  return "";
}

void GlobalUsers::read_code() {
  was_read_ = true;
  const Moduledata& module = modules_.all.front();
  if (module.text.size_bytes() > kMostCodeBytes) return;
  data_ = data_of(module);
  auto machine =
      modules_.build.arch == "arm64" ? binary::Machine::kArm64 : binary::Machine::kX86_64;
  for (std::uint64_t at = 0; at < module.text.size_bytes(); at += kPieceBytes) {
    std::uint64_t size = std::min(kPieceBytes + kOverlapBytes, module.text.size_bytes() - at);
    auto code = memory_.read_bytes(module.text.start + at, size);
    if (!code) continue;
    auto found = binary::find_mentions(machine, *code, module.text.start + at,
                                       static_cast<std::uint32_t>(at), data_);
    mentions_.insert(mentions_.end(), found.begin(), found.end());
  }
  std::ranges::sort(mentions_);
}

FunctionId GlobalUsers::function_of(const binary::AddressMention& mention) const {
  return functions_.find(modules_.all.front().text.start + mention.code);
}

const std::vector<Address>& GlobalUsers::references_of(FunctionId function) {
  auto [found, is_new] = references_.try_emplace(function);
  if (is_new)
    for (const binary::Reference& reference :
         read_data_references(memory_, modules_, functions_, function))
      found->second.push_back(reference.target);
  return found->second;
}

std::optional<GlobalUsers::Users> GlobalUsers::users_of(Address word) {
  auto offset = static_cast<std::uint32_t>(word - data_.start);
  std::uint32_t first = offset - std::min<std::uint32_t>(offset, binary::kMostBehindMention);
  auto begin = std::ranges::lower_bound(mentions_, first, {}, &binary::AddressMention::target);
  std::set<FunctionId> asked;
  std::vector<std::string_view> names;
  for (; begin != mentions_.end() && begin->target <= offset && asked.size() < kMostFunctions;
       ++begin) {
    FunctionId function = function_of(*begin);
    if (function == kNoFunction || !asked.insert(function).second) continue;
    if (std::ranges::find(references_of(function), word) != references_of(function).end())
      names.push_back(functions_.name(function));
  }
  if (names.empty()) return std::nullopt;
  return Users{choose(names), names.size() > 1};
}

std::optional<GlobalUsers::Users> GlobalUsers::users_before(Address word) {
  for (std::uint64_t back = 8; back <= kFarthestBefore && data_.contains(word - back); back += 8)
    if (auto users = users_of(word - back)) return users;
  return std::nullopt;
}

}  // namespace goshawk::goruntime
