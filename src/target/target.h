// One examined process, whatever brings it: its memory, its mappings, its executable, and the means
// to hold it still. Everything above asks this interface; nothing above knows ptrace or /proc.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "binary/elf_file.h"
#include "target/memory.h"
#include "target/open_file.h"

namespace goshawk::target {

// A line of /proc/PID/maps, or a segment of a core.
struct Mapping {
  AddressRange range;
  bool readable = false;
  bool writable = false;
  bool executable = false;
  bool shared = false;
  std::uint64_t file_offset = 0;
  std::uint64_t device = 0;  // with inode: which file; only of a process
  std::uint64_t inode = 0;
  std::string path;  // empty: anonymous; "[stack]", "[heap]", "[vdso]" as the kernel says it
};

// The kernel says so at the end of a path that is no more.
inline std::string_view without_deleted(std::string_view path) {
  constexpr std::string_view kDeleted = " (deleted)";
  if (path.ends_with(kDeleted)) path.remove_suffix(kDeleted.size());
  return path;
}

struct MemoryUse;  // memory_use.h

// What a thread's registers hold while it is stopped.
struct Thread {
  std::int64_t tid = 0;
  Address pc;
  Address sp;
  Address fp;
  Address lr;   // arm64 only
  Address tls;  // fs_base, tpidr_el0
  // Possible pointers: the general registers, and the vector state's words that are not 0.
  std::vector<std::uint64_t> registers, vector_words;
  bool vectors_complete = true;  // a core may hold the lower halves only, or none
};

// How the memory of a running process is read.
enum class Way : std::uint8_t {
  kBest,   // of these what is had and stops it briefly, for the least work
  kTrack,  // before the stop, and what is written since then in it; its references only
  kTwin,   // beside a twin of it
  kCopy,   // while it is stopped
};

// How a stopped target went on.
struct GoneOn {
  Way way = Way::kCopy;     // kCopy: it did not, all is still stopped
  std::string reason = {};  // why not by the way before this one, if that was wanted
  bool passing = false;     // a moment later it may be by that one
};

class ReadingAhead;  // reading_ahead.h

// Must not outlive its Target. Every thread is stopped while this lives; its end lets all of them
// go on, unchanged. If this process dies instead, the kernel lets them go.
class Stop {
 public:
  virtual ~Stop() = default;
  virtual const std::vector<Thread>& threads() const = 0;
  virtual Result<void> let_go() = 0;  // at most once; the destructor does it otherwise
  // From the first thread's stop until all go on (or now).
  virtual std::int64_t pause_ns() const = 0;

  // The threads go on, while the target's memory() and read_mappings() stay what they are at this
  // instant until let_go(): they are those of a copy-on-write twin then, or what was read ahead is
  // completed. `resting`: code that does not mind if a wait in it ends without cause; a thread that
  // waits there is made to make the twin. An error: the picture is lost, or the only way that was
  // wanted is not to be had.
  virtual Result<GoneOn> go_on(std::span<const AddressRange> /*resting*/) { return GoneOn{}; }
  // From this instant on it is told what the target writes: it has a reading_ahead(). False: it
  // cannot be told, which the stop of the picture explains, or a moment later only.
  virtual bool begin_reading_ahead(std::span<const AddressRange> /*resting*/) { return false; }
};

class Target {
 public:
  virtual ~Target() = default;
  virtual std::string kind() const = 0;  // "process", "core"
  virtual binary::Machine machine() const = 0;
  // Whether it goes on after a stop: the same instant is met again where it does not.
  virtual bool goes_on() const { return true; }
  virtual std::int64_t pid() const = 0;
  virtual std::string executable_path() const = 0;  // as the target's user knows it
  virtual Result<int> open_executable() const = 0;  // a readable descriptor; the caller closes it
  // The file behind a mapping, the executable or a library; a readable descriptor that the caller
  // closes.
  virtual Result<int> open_mapped_file(const Mapping& mapping) const {
    return fail(Missing{"the file " + mapping.path, "what it holds"});
  }
  // Where that file is: its own path, unless it was found elsewhere.
  virtual std::string path_of_file(const Mapping& mapping) const {
    return std::string(without_deleted(mapping.path));
  }
  // A file by its path in the root that the target has; Missing when that is not to be had, or not
  // another one than ours. A readable descriptor that the caller closes.
  virtual Result<int> open_in_root(const std::string& path) const {
    return fail(Missing{"the file " + path + " in a root of the target's", ""});
  }
  virtual const Memory& memory() const = 0;
  virtual Result<std::vector<Mapping>> read_mappings() const = 0;
  // To be asked before anything is read of a stopped target: reading brings swapped pages back.
  virtual Result<MemoryUse> read_memory_use() const;
  virtual Result<std::unique_ptr<Stop>> stop() = 0;
  virtual Result<std::int64_t> read_monotonic_ns()
      const = 0;  // the target's CLOCK_MONOTONIC, for ages
  // What each of these descriptors leads to now; of no kind where that is not to be had. Sockets
  // without their addresses, which find_addresses() adds.
  virtual std::vector<OpenFile> read_open_files(std::span<const std::uint32_t> descriptors) const {
    return std::vector<OpenFile>(descriptors.size());
  }
  virtual void find_addresses(std::vector<OpenFile>& /*files*/) const {}
  // What is not to be had of this target at all (a process that has ended, a core without its
  // executable), if anything is not: whatever failed then failed for this.
  virtual std::optional<Error> why_unreadable() const { return std::nullopt; }
  // Whether the last picture failed for the way in which it was read (its twin ended, or what it
  // writes could not be read in time): another one may succeed.
  virtual bool give_up_way() { return false; }
  // What a picture of it lacks though nothing failed: "the core file is cut off: 3 MB are missing".
  virtual std::vector<std::string> shortcomings() const { return {}; }
  // Whether a picture of its heap is to be read ahead of its stop.
  virtual bool wants_reading_ahead() { return false; }
  // Null: it is not read ahead, or not any more. Not to be kept over a stop.
  virtual ReadingAhead* reading_ahead() { return nullptr; }
};

}  // namespace goshawk::target
