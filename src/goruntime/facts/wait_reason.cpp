// runtime/runtime2.go: type waitReason uint8, waitReasonStrings, isWaitingForSuspendG.
//
// History
//   1.19   27 reasons; every lock waits as "semacquire"
//   1.20   32: Mutex and RWMutex have their own; "timer goroutine (idle)" goes
//   1.22   37: coroutine, tracing
//   1.23   38 from some patch on: "GC weak to strong wait"
//   1.24   44: WaitGroup has its own; synctest: the "(durable)" ones
//   1.25   47: GOMAXPROCS updater, cleanups, WaitGroup (durable)
//   1.26   47: reordered, so that those which its leak profile judges are one range
// So a number means nothing without the target's own table, which is in its data whatever was
// stripped. What a reason means to a verdict follows from its text; a text that nobody knows is
// kUnknown, and then nothing is decided.
#include "goruntime/facts/wait_reason.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/byte_view.h"
#include "goruntime/facts/generated/wait_reason_texts.h"

namespace goshawk::goruntime::facts {
namespace {

using snapshot::WaitKind;

constexpr std::uint64_t kLongestText = 64;
constexpr std::uint64_t kStringHeaderBytes = 16;
constexpr std::string_view kSecondText = "GC assist marking";

struct Meaning {
  std::string_view text;
  WaitKind kind;
};

// All others that a release is known to have are the runtime's own business.
constexpr Meaning kMeanings[] = {
    {"", WaitKind::kNotWaiting},
    {"IO wait", WaitKind::kIo},
    {"chan receive (nil chan)", WaitKind::kNilChanReceive},
    {"chan send (nil chan)", WaitKind::kNilChanSend},
    {"select (no cases)", WaitKind::kSelectNoCases},
    {"select", WaitKind::kSelect},
    {"select (durable)", WaitKind::kSelect},
    {"chan receive", WaitKind::kChanReceive},
    {"chan receive (durable)", WaitKind::kChanReceive},
    {"chan receive (synctest)", WaitKind::kChanReceive},
    {"chan send", WaitKind::kChanSend},
    {"chan send (durable)", WaitKind::kChanSend},
    {"chan send (synctest)", WaitKind::kChanSend},
    {"select (synctest)", WaitKind::kSelect},
    {"sleep", WaitKind::kSleep},
    {"semacquire", WaitKind::kSemacquire},
    {"sync.Cond.Wait", WaitKind::kCondWait},
    {"sync.Mutex.Lock", WaitKind::kMutexLock},
    {"sync.RWMutex.RLock", WaitKind::kRWMutexRLock},
    {"sync.RWMutex.Lock", WaitKind::kRWMutexLock},
    {"sync.WaitGroup.Wait", WaitKind::kWaitGroupWait},
    {"sync.WaitGroup.Wait (durable)", WaitKind::kWaitGroupWait},
    {"coroutine", WaitKind::kCoroutine},
    {"synctest.Run", WaitKind::kSynctest},
    {"synctest.Wait", WaitKind::kSynctest},
};

// isWaitingForSuspendG of 1.24 and later; earlier releases do the same with the same reasons.
// A heap dump (runtime/heapdump.go) runs on g0 as well.
constexpr std::string_view kRunningOnG0[] = {
    "GC assist marking",       "dumping heap",         "garbage collection",
    "garbage collection scan", "GC worker (active)",   "GC mark termination",
    "stopping the world",      "flushing proc caches", "trace goroutine status",
    "trace proc status",       "page trace flush",
};

std::vector<std::string> split_lines(std::string_view lines) {
  std::vector<std::string> texts;
  for (std::size_t end = lines.find('\n'); end != lines.npos; end = lines.find('\n')) {
    texts.emplace_back(lines.substr(0, end));
    lines.remove_prefix(end + 1);
  }
  return texts;
}

bool is_in_some_release(std::string_view text) {
  std::string line = fmt::format("\n{}\n", text);
  return std::ranges::any_of(generated::kWaitReasonTexts,
                             [&](const generated::WaitReasonTexts& release) {
                               return release.texts.find(line) != std::string_view::npos;
                             });
}

WaitKind kind_of(std::string_view text) {
  const auto* meaning = std::ranges::find(kMeanings, text, &Meaning::text);
  if (meaning != std::end(kMeanings)) return meaning->kind;
  return is_in_some_release(text) ? WaitKind::kRuntime : WaitKind::kUnknown;
}

// The release's own row: the first of its minor that is not older, else its last.
const generated::WaitReasonTexts* find_release(const GoVersion& version) {
  const generated::WaitReasonTexts* best = nullptr;
  for (const generated::WaitReasonTexts& release : generated::kWaitReasonTexts) {
    if (release.minor != version.minor) continue;
    best = &release;
    if (release.patch >= version.patch) break;
  }
  return version.development ? nullptr : best;
}

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

std::optional<std::string> read_text(const target::Memory& memory, std::uint64_t pointer,
                                     std::uint64_t length) {
  if (length == 0) return std::string();
  if (length > kLongestText) return std::nullopt;
  std::array<std::byte, kLongestText> bytes{};
  if (!memory.read(Address(pointer), std::span(bytes).first(length))) return std::nullopt;
  std::string text(as_text(ByteView(bytes).first(length)));
  return is_printable(text) ? std::optional(text) : std::nullopt;
}

}  // namespace

std::vector<std::string> read_wait_reason_texts(const target::Memory& memory, Address strings) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < kMostWaitReasons; ++i) {
    auto header = memory.read_value<std::array<std::uint64_t, 2>>(strings + i * kStringHeaderBytes);
    if (!header) break;
    auto text = read_text(memory, (*header)[0], (*header)[1]);
    // Only the first is empty: what follows the array is something else.
    if (!text || text->empty() != (i == 0)) break;
    if (i == 1 && *text != kSecondText) return {};
    texts.push_back(std::move(*text));
  }
  if (texts.size() < 2) texts.clear();
  return texts;
}

WaitReasons::WaitReasons(std::vector<std::string> texts) {
  reasons_.reserve(texts.size());
  for (std::string& text : texts) {
    WaitKind kind = kind_of(text);
    bool on_g0 = std::ranges::find(kRunningOnG0, text) != std::end(kRunningOnG0);
    reasons_.push_back({std::move(text), kind, on_g0});
  }
}

Result<WaitReasons> WaitReasons::of_release(const GoVersion& version) {
  const generated::WaitReasonTexts* release = find_release(version);
  if (release == nullptr)
    return fail(Missing{fmt::format("the wait reasons of {}", version.text),
                        "telling why a goroutine waits"});
  return WaitReasons(split_lines(release->texts));
}

Result<WaitReasons> WaitReasons::bind(const target::Memory& memory, const Globals& globals,
                                      const GoVersion& version) {
  auto known = of_release(version);
  if (!globals.wait_reason_strings) return known;
  std::vector<std::string> own =
      read_wait_reason_texts(memory, globals.wait_reason_strings->address);
  if (own.empty()) return known;
  // What stands behind the array may look like more of it: no number leads there, but it is no
  // reason either.
  if (known && own.size() > known->count() && !is_in_some_release(own[known->count()]))
    own.resize(known->count());
  WaitReasons reasons(std::move(own));
  reasons.of_target_ = true;
  return reasons;
}

std::string_view WaitReasons::text(std::uint8_t number) const {
  return number < reasons_.size() ? std::string_view(reasons_[number].text) : "unknown wait reason";
}

WaitKind WaitReasons::kind(std::uint8_t number) const {
  return number < reasons_.size() ? reasons_[number].kind : WaitKind::kUnknown;
}

bool WaitReasons::is_running_on_g0(std::uint8_t number) const {
  return number < reasons_.size() && reasons_[number].running_on_g0;
}

}  // namespace goshawk::goruntime::facts
