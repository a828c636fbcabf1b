// coro {gp guintptr @0: who waits in it, f func(*coro) @8, ...}: whoever calls coroswitch on it
// changes places with that goroutine, and nothing else makes it run again. gp is no pointer, so
// reaching the coro is what decides. Only package iter makes coros (the linkname is closed to
// others), each with a closure of Pull or Pull2 in f; both words together say that an object is
// one, and that this goroutine is the one in it.
//
// next, stop and yield are closures that have the coro; a frame may have left nothing but them.
#include "goruntime/goroutines/coroutines.h"

#include <set>

namespace goshawk::goruntime {

namespace {

constexpr std::uint64_t kFunction = 8;                          // in coro
constexpr std::uint64_t kLeastCoroBytes = 16, kMostBytes = 64;  // coro: 16 (1.22) to 32, closures
constexpr std::string_view kMakers[] = {"iter.Pull[", "iter.Pull2["};

class CoroutineFinder {
 public:
  CoroutineFinder(PageCache& cache, const Functions& functions, const Heap& heap, Address g)
      : cache_(cache), functions_(functions), heap_(heap), g_(g) {}

  void look_at(Address object) {
    std::uint64_t size_bytes = small_object_bytes(object);
    if (size_bytes == 0 || !seen_.insert(object).second) return;
    add_if_coroutine(object, size_bytes);
    for (std::uint64_t at = 0; at + 8 <= size_bytes; at += 8) {
      Address inside = cache_.pointer(object + at);
      if (std::uint64_t bytes = small_object_bytes(inside); bytes != 0)
        add_if_coroutine(inside, bytes);
    }
  }

  std::optional<FoundCoroutine> found() {
    if (coros_.size() != 1) return std::nullopt;
    return FoundCoroutine{*coros_.begin(), find_sequence(*coros_.begin())};
  }

 private:
  // 0: no object begins there, or a larger one.
  std::uint64_t small_object_bytes(Address at) const {
    auto object = at.is_null() ? std::nullopt : heap_.find(at);
    if (!object || heap_.objects().address(*object) != at) return 0;
    std::uint64_t bytes = heap_.objects().size_bytes(*object);
    return bytes <= kMostBytes ? bytes : 0;
  }

  void add_if_coroutine(Address object, std::uint64_t size_bytes) {
    if (size_bytes < kLeastCoroBytes || cache_.pointer(object) != g_) return;
    std::string_view function = function_of_closure(cache_.pointer(object + kFunction));
    for (std::string_view maker : kMakers)
      if (function.starts_with(maker)) coros_.insert(object);
  }

  // Of a func value: "" when it is none.
  std::string_view function_of_closure(Address closure) {
    Address code = closure.is_null() ? Address() : cache_.pointer(closure);
    FunctionId function = code.is_null() ? kNoFunction : functions_.find(code);
    if (function == kNoFunction || functions_.entry(function) != code) return {};
    return functions_.name(function);
  }

  // Pull's closure has captured what it was called with.
  std::string_view find_sequence(Address coro) {
    Address closure = cache_.pointer(coro + kFunction);
    std::uint64_t size_bytes = small_object_bytes(closure);
    for (std::uint64_t at = 8; at + 8 <= size_bytes; at += 8)
      if (std::string_view name = function_of_closure(cache_.pointer(closure + at)); !name.empty())
        return name;
    return {};
  }

  PageCache& cache_;
  const Functions& functions_;
  const Heap& heap_;
  Address g_;
  std::set<Address> seen_, coros_;
};

}  // namespace

std::optional<FoundCoroutine> find_coroutine(PageCache& cache, const Functions& functions,
                                             const Heap& heap, Address g,
                                             std::span<const std::uint64_t> words) {
  CoroutineFinder finder(cache, functions, heap, g);
  for (std::uint64_t word : words) finder.look_at(Address(word));
  return finder.found();
}

bool is_coroutine_switch(std::string_view function) {
  return function == "runtime.coroswitch" || function == "runtime.corostart";
}

}  // namespace goshawk::goruntime
