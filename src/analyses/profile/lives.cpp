// A log seldom says where one process ends and the next begins: a container is restarted, the pods
// of a service write to one file. Dumps are of different processes when
//   - the log names other writers;
//   - the earlier one was made as its process died: by a signal, a panic, a fatal error;
//   - one goroutine is created by different statements: a goid is never used again; or main.main is
//     in different files;
//   - a goroutine that can never end (a nil channel, "(leaked)") is not there any more, or does
//   something else;
//   - a goroutine is new whose goid is far below others': goids rise, but that each P takes sixteen
//     ahead (runtime/proc.go, newproc1).
// Dumps of which none of that holds are taken for one process'.
#include "analyses/profile/lives.h"

#include <algorithm>
#include <string_view>

#include "analyses/profile/waits.h"

namespace goshawk::analyses::profile {

using dumps::Dump;
using dumps::Dumps;
using dumps::Goroutine;

namespace {

constexpr std::uint64_t kGoidsTakenAhead = 16'384;  // sixteen by each of a thousand Ps

// Of the main goroutine, which nobody creates, the file that main.main is in. 0: not told.
std::uint64_t hash_of_creator(const Dumps& dumps, const Goroutine& goroutine) {
  dumps::FrameId id = dumps.tables.stack(goroutine.stack).creator;
  if (id != dumps::kNone) {
    const dumps::Frame& frame = dumps.tables.frame(id);
    return dumps::hash_text(dumps.text(frame.function),
                            dumps::hash_text(dumps.text(frame.file), frame.line));
  }
  for (dumps::FrameId id_of_frame : dumps.tables.frames_of(goroutine.stack)) {
    const dumps::Frame& frame = dumps.tables.frame(id_of_frame);
    if (dumps.text(frame.function) == "main.main") return dumps::hash_text(dumps.text(frame.file));
  }
  return 0;
}

// Which of the runtime's own are told differs between signals and endpoints.
bool is_of_runtime(const Dumps& dumps, const Goroutine& goroutine) {
  dumps::FrameId id = dumps.tables.stack(goroutine.stack).creator;
  return id != dumps::kNone && dumps.text(dumps.tables.frame(id).function).starts_with("runtime.");
}

bool is_endless(const Dumps& dumps, const Goroutine& goroutine) {
  if (goroutine.leaked) return true;
  WaitFor wait = classify_state(dumps.text(goroutine.state));
  return wait == WaitFor::kNilChannel || wait == WaitFor::kNoCases;
}

bool is_end_of_process(std::string_view opening) {
  return opening.starts_with("SIG") || opening.starts_with("panic: ") ||
         opening.starts_with("fatal error: ");
}

}  // namespace

LifeSigns find_life_signs(const Dumps& dumps, const Dump& dump) {
  LifeSigns signs;
  signs.is_whole = dump.damaged == 0 && dumps.left_out == 0;
  signs.is_last = is_end_of_process(dumps.text(dump.opening));
  for (const Goroutine& goroutine : dumps.goroutines_of(dump)) {
    if (is_of_runtime(dumps, goroutine)) continue;
    signs.creators.emplace_back(goroutine.goid, hash_of_creator(dumps, goroutine));
    if (is_endless(dumps, goroutine)) signs.endless.push_back(goroutine.goid);
  }
  std::ranges::sort(signs.creators);
  std::ranges::sort(signs.endless);
  return signs;
}

bool is_another_process(const LifeSigns& before, const LifeSigns& after) {
  if (before.is_last) return true;
  if (after.is_whole && !std::ranges::includes(after.endless, before.endless)) return true;
  auto earlier = before.creators.begin();
  for (const auto& [goid, creator] : after.creators) {
    while (earlier != before.creators.end() && earlier->first < goid) ++earlier;
    bool was_there = earlier != before.creators.end() && earlier->first == goid;
    if (was_there && earlier->second != creator && earlier->second != 0 && creator != 0)
      return true;
    if (!was_there && before.is_whole && goid + kGoidsTakenAhead < before.highest()) return true;
  }
  return false;
}

std::vector<Life> find_lives(const Dumps& dumps, std::span<const std::size_t> numbers) {
  struct Latest {
    std::size_t life = 0;
    LifeSigns signs;
  };
  std::map<dumps::TextId, Latest> latest;  // of each writer
  std::vector<Life> lives;
  for (std::size_t number : numbers) {
    const Dump& dump = dumps.dumps[number];
    LifeSigns signs = find_life_signs(dumps, dump);
    auto [found, is_new] = latest.try_emplace(dump.writer);
    if (is_new || is_another_process(found->second.signs, signs)) {
      found->second.life = lives.size();
      lives.push_back({.writer = std::string(dumps.text(dump.writer)), .dumps = {}});
    }
    lives[found->second.life].dumps.push_back(number);
    found->second.signs = std::move(signs);
  }
  std::ranges::stable_sort(lives, {}, [](const Life& life) { return life.dumps.back(); });
  return lives;
}

}  // namespace goshawk::analyses::profile
