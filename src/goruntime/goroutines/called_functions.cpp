// amd64: E8 and E9 with a distance, LEA of an address relative to the instruction. arm64: BL, B,
// ADRP followed by ADD. That another instruction's bytes name the very beginning of a function is
// as good as impossible. Calls through pointers are not seen, but the closures made for them are.
#include "goruntime/goroutines/called_functions.h"

#include <algorithm>

namespace goshawk::goruntime {

namespace {

constexpr std::uint64_t kMostCodeBytes = 1 << 20;  // of one function
constexpr std::uint64_t kMostCodeBytesInAll = 4
                                              << 20;  // some 30 ms, while the program stands still
constexpr std::size_t kMostPages = 1024;
constexpr std::uint64_t kLowest = 4096;  // below it are numbers

Address target_of(Address next, std::int64_t distance) {
  return next + static_cast<std::uint64_t>(distance);
}

}  // namespace

CalledFunctions::CalledFunctions(const target::Memory& memory, const Functions& functions,
                                 bool is_arm64)
    : memory_(memory),
      functions_(functions),
      is_arm64_(is_arm64),
      cache_(memory, kMostPages),
      left_bytes_(kMostCodeBytesInAll) {}

FunctionId CalledFunctions::function_at(Address code_or_closure) {
  if (code_or_closure.value() < kLowest) return kNoFunction;
  auto [known, is_new] = closures_.try_emplace(code_or_closure, kNoFunction);
  if (!is_new) return known->second;
  FunctionId there = functions_.find(code_or_closure);
  if (there == kNoFunction && code_or_closure.value() % 8 == 0) {
    code_or_closure = cache_.pointer(code_or_closure);
    there = functions_.find(code_or_closure);
  }
  if (there != kNoFunction && functions_.entry(there) == code_or_closure) known->second = there;
  return known->second;
}

void CalledFunctions::add(FunctionId function, std::vector<FunctionId>& found) const {
  if (function != kNoFunction && (found.empty() || found.back() != function))
    found.push_back(function);
}

void CalledFunctions::find_in_x86_64(ByteView code, Address start, std::vector<FunctionId>& found) {
  auto distance = [&](std::uint64_t at) {
    return std::int64_t{load_unchecked<std::int32_t>(code.data() + at)};
  };
  for (std::uint64_t at = 0; fits(code, at, 5); ++at) {
    if (code[at] == std::byte{0xe8} || code[at] == std::byte{0xe9}) {
      Address target = target_of(start + at + 5, distance(at + 1));
      FunctionId there = functions_.find(target);
      if (there != kNoFunction && functions_.entry(there) == target) add(there, found);
    } else if (code[at] == std::byte{0x8d} && at > 0 && fits(code, at, 6) &&
               (code[at - 1] & std::byte{0xf8}) == std::byte{0x48} &&
               (code[at + 1] & std::byte{0xc7}) == std::byte{0x05}) {
      add(function_at(target_of(start + at + 6, distance(at + 2))), found);
    }
  }
}

void CalledFunctions::find_in_arm64(ByteView code, Address start, std::vector<FunctionId>& found) {
  auto word = [&](std::uint64_t at) { return load_unchecked<std::uint32_t>(code.data() + at); };
  for (std::uint64_t at = 0; fits(code, at, 4); at += 4) {
    std::uint32_t here = word(at);
    if (here >> 26 == 0b100101 || here >> 26 == 0b000101) {
      Address target = target_of(start + at, static_cast<std::int32_t>(here << 6) >> 4);
      FunctionId there = functions_.find(target);
      if (there != kNoFunction && functions_.entry(there) == target) add(there, found);
    } else if ((here & 0x9f000000) == 0x90000000 && fits(code, at + 4, 4)) {
      std::uint32_t next = word(at + 4);
      if ((next & 0xffc00000) != 0x91000000 || (next >> 5 & 31) != (here & 31)) continue;
      std::int64_t pages = static_cast<std::int32_t>((here >> 5 & 0x7ffff) << 13) >> 11;
      pages |= here >> 29 & 3;
      Address page((start + at).value() & ~std::uint64_t{0xfff});
      add(function_at(target_of(page, pages * 4096) + (next >> 10 & 0xfff)), found);
    }
  }
}

const std::vector<FunctionId>* CalledFunctions::of(FunctionId function) {
  auto [entry, is_new] = known_.try_emplace(function);
  Found& found = entry->second;
  if (!is_new) return found.is_known ? &found.functions : nullptr;
  if (function + 1 >= functions_.count()) return nullptr;
  Address start = functions_.entry(function), end = functions_.entry(function + 1);
  if (end <= start || end - start > std::min(kMostCodeBytes, left_bytes_)) return nullptr;
  left_bytes_ -= end - start;
  auto code = memory_.read_bytes(start, end - start);
  if (!code) return nullptr;
  if (is_arm64_)
    find_in_arm64(*code, start, found.functions);
  else
    find_in_x86_64(*code, start, found.functions);
  std::ranges::sort(found.functions);
  auto rest = std::ranges::unique(found.functions);
  found.functions.erase(rest.begin(), rest.end());
  std::erase(found.functions, function);
  found.is_known = true;
  return &found.functions;
}

}  // namespace goshawk::goruntime
