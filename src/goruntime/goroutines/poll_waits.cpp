// A goroutine in IO wait stands in runtime.netpollblock (runtime/netpoll.go), which is called by
// internal/poll.runtime_pollWait: both need their pollDesc after the wait, so that it is in a word
// of their frames. Such a word is believed when what it leads to leads back: pollDesc.self to
// itself, and rg or wg, by which the poller wakes, to this very goroutine, as no other does while
// it waits. No list of the runtime's is needed, no name and no symbol. All goroutines that wait
// stand in the same functions: where the word was in one, it is looked for first in the next, so
// that next to nothing is read but the pollDescs.
//
// What the descriptor leads to is read when the target goes on, so that it stands still no longer
// for it. The number may have become another file's by then: it has not if the pollDesc is still
// the same descriptor's afterwards, since the runtime lets go of the pollDesc before it closes the
// descriptor (internal/poll.(*FD).destroy). Else nothing is said of it.
#include "goruntime/goroutines/poll_waits.h"

#include <algorithm>
#include <limits>

namespace goshawk::goruntime {

using snapshot::Deadline;
using snapshot::IoWait;

namespace {

constexpr std::size_t kFrames = 4;  // gopark, netpollblock, runtime_pollWait, its caller
constexpr std::uint64_t kMostFrameBytes = 1024;
constexpr std::uint64_t kArgumentBytes = 32;  // registers spilled into the caller's frame
constexpr std::uint64_t kMostDescriptor = std::numeric_limits<std::int32_t>::max();

PollIdentity identify(PageCache& cache, const facts::PollDescFact& fact, Address poll_desc) {
  auto word = [&](std::uint32_t offset) {
    return cache.value<std::uint64_t>(poll_desc + offset).value_or(0);
  };
  if (fact.fdseq) return {word(fact.fd), {word(*fact.fdseq), 0}};
  return {word(fact.fd), {word(fact.rseq), word(fact.wseq)}};
}

}  // namespace

std::optional<PollWaits::Found> PollWaits::match(const G& g, Address word) const {
  if (word.value() % 8 != 0 || g.stack.contains(word)) return std::nullopt;
  if (cache_.pointer(word + fact_.self) != word) return std::nullopt;
  bool reads = cache_.pointer(word + fact_.rg) == g.address;
  bool writes = cache_.pointer(word + fact_.wg) == g.address;
  if (reads == writes) return std::nullopt;
  return Found{word, writes};
}

std::optional<PollWaits::Found> PollWaits::find(const G& g, const WalkedStack& walked, Address from,
                                                ByteView stack) {
  for (std::size_t i = 0; i < walked.extents.size() && i < kFrames; ++i) {
    const WalkedStack::Extent& extent = walked.extents[i];
    if (extent.sp < from || extent.fp < extent.sp) continue;
    std::uint64_t size_bytes = std::min(extent.fp + kArgumentBytes - extent.sp, kMostFrameBytes);
    ByteView words = slice(stack, extent.sp - from, size_bytes);
    for (std::uint64_t at = 0; fits(words, at, 8); at += 8) {
      auto found = match(g, Address(load_unchecked<std::uint64_t>(words.data() + at)));
      if (!found) continue;
      usual_place_ = extent.sp - from + at;
      return found;
    }
  }
  return std::nullopt;
}

void PollWaits::set_deadline(Address field, IoWait& wait) const {
  std::int64_t when = cache_.value<std::int64_t>(field).value_or(0);
  if (when == 0) return;
  bool passed = when < 0 || (now_ns_ && when <= *now_ns_);
  wait.deadline = passed ? Deadline::kPassed : Deadline::kAhead;
  if (now_ns_ && !passed) wait.deadline_in_ns = when - *now_ns_;
}

void PollWaits::add(const G& g, const WalkedStack& walked, Address from, ByteView stack) {
  std::optional<Found> found;
  if (auto word = load<std::uint64_t>(stack, usual_place_)) found = match(g, Address(*word));
  if (!found) found = find(g, walked, from, stack);
  if (!found) return;
  PollIdentity identity = identify(cache_, fact_, found->poll_desc);
  if (identity.descriptor > kMostDescriptor) return;
  IoWait wait{.goid = g.goid,
              .poll_desc = found->poll_desc,
              .descriptor = static_cast<std::uint32_t>(identity.descriptor),
              .writes = found->writes};
  set_deadline(found->poll_desc + (found->writes ? fact_.wd : fact_.rd), wait);
  into_.io_waits.push_back(wait);
  identities_.push_back(identity);
}

void add_kept_descriptor(PageCache& cache, const facts::PollDescFact& fact, const IoWait& kept,
                         snapshot::Snapshot& into, std::vector<PollIdentity>& identities) {
  if (cache.pointer(kept.poll_desc + fact.self) != kept.poll_desc) return;
  PollIdentity identity = identify(cache, fact, kept.poll_desc);
  if (identity.descriptor > kMostDescriptor) return;
  into.io_waits.push_back(kept);
  into.io_waits.back().descriptor = static_cast<std::uint32_t>(identity.descriptor);
  identities.push_back(identity);
}

void name_descriptors(const target::Target& target, const facts::PollDescFact& fact,
                      const std::vector<PollIdentity>& identities, snapshot::Snapshot& into) {
  if (into.io_waits.empty() || target.kind() == "core") return;
  std::vector<std::uint32_t> descriptors;
  for (const IoWait& wait : into.io_waits) descriptors.push_back(wait.descriptor);
  std::vector<target::OpenFile> files = target.read_open_files(descriptors);
  PageCache cache(target.memory());  // of the time after that
  for (std::size_t i = 0; i < files.size(); ++i)
    if (identify(cache, fact, into.io_waits[i].poll_desc) != identities[i]) files[i] = {};
  target.find_addresses(files);
  auto name = [&](const std::string& text) {
    return text.empty() ? snapshot::kNone : into.strings.intern(text);
  };
  for (std::size_t i = 0; i < files.size(); ++i) {
    IoWait& wait = into.io_waits[i];
    wait.protocol = name(files[i].kind);
    wait.local = name(files[i].local);
    wait.remote = name(files[i].remote);
    wait.listens = files[i].listens;
  }
}

}  // namespace goshawk::goruntime
