// The picture of a Go process: what every analysis reads, and all that it may know. Plain arrays,
// made by goruntime, never changed afterwards. No pointer of ours in it refers to the target.
//
// Numbers: a StringId, FrameId, StackId, ObjectId is an index into the array of its kind.
// Units: bytes and nanoseconds, said in the names. kNone marks "there is none".
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/address.h"
#include "snapshot/allocations.h"
#include "snapshot/binding.h"
#include "snapshot/fill.h"
#include "snapshot/object_types.h"
#include "snapshot/objects.h"
#include "snapshot/stacks.h"
#include "snapshot/strings.h"

namespace goshawk::snapshot {

// As in runtime2.go, without the scan bit (Goroutine::scanning).
enum class Status : std::uint8_t {
  kIdle = 0,
  kRunnable = 1,
  kRunning = 2,
  kSyscall = 3,
  kWaiting = 4,
  kDead = 6,
  kCopystack = 8,
  kPreempted = 9,
  kLeaked = 10,
  kDeadExtra = 11,
};

// The wait reasons that mean something to a verdict; the text is in Goroutine::wait_reason.
// Semaphore waits are told apart by the frames where the release's reason does not (before 1.20,
// and WaitGroup before 1.24).
enum class WaitKind : std::uint8_t {
  kNotWaiting,
  kNilChanReceive,
  kNilChanSend,
  kSelectNoCases,
  kSelect,
  kChanReceive,
  kChanSend,
  kCondWait,
  kMutexLock,
  kRWMutexRLock,
  kRWMutexLock,
  kWaitGroupWait,
  kSemacquire,  // a semaphore that is none of the above
  kCoroutine,   // iter.Pull
  kSynctest,    // synctest.Run and Wait
  kIo,
  kSleep,
  kRuntime,  // the collector, the scavenger, finalizers, tracing ...: woken by the runtime
  kUnknown,  // a reason that this program does not know
};

enum class WaitOperation : std::uint8_t {
  kReceive,
  kSend,
  kSelectReceive,
  kSelectSend,
  kSemaphore,
  kCond,
  kCoroutine  // of iter.Pull: to be switched to
};

constexpr bool is_of_channel(WaitOperation operation) {
  return operation <= WaitOperation::kSelectSend;
}

// Where the thing that is waited on lives.
enum class Place : std::uint8_t {
  kHeap,      // Wait::object is it
  kImage,     // data or bss: a global
  kOwnStack,  // of the waiting goroutine: only itself could reach it
  kOtherStack,
  kElsewhere,  // mapped by the runtime or C, or not at all
};

// One thing a goroutine waits on. A select has one for each case with a channel.
struct Wait {
  Address address;          // the hchan, the semaphore word, the notifyList, the coro
  ObjectId object = kNone;  // Place::kHeap only
  Place place = Place::kElsewhere;
  WaitOperation operation = WaitOperation::kReceive;
  bool linked = false;  // its sudog was found in the queue it belongs to: nobody has woken it yet
  bool closed = false;  // channels
  bool is_timer_channel = false;  // hchan.timer (1.23+)
  bool is_context_done =
      false;                 // the done channel of a context.Context that the goroutine refers to
  std::uint64_t length = 0;  // elements in a channel's buffer
  std::uint64_t capacity = 0;
  StringId element_type = kNone;  // channels; of a coroutine the function of its sequence
  std::uint32_t lock = kNone;     // in Snapshot::locks: of package sync's locks

  bool operator==(const Wait&) const = default;
};

enum class LockKind : std::uint8_t { kMutex, kRWMutex, kWaitGroup, kCond };

// One of package sync's locks that somebody waits for, each once.
struct Lock {
  LockKind kind = LockKind::kMutex;
  // Its words were read, and agree with somebody's waiting for it: those below mean something.
  bool known = false;
  Address address;          // of the lock itself, not of its semaphore
  ObjectId object = kNone;  // it lies in; kNone: not in the heap
  std::int32_t state = 0;   // Mutex.state, RWMutex.readerCount, WaitGroup's counter
  std::int32_t more = 0;    // RWMutex.readerWait; how many wait for a WaitGroup or Cond

  bool operator==(const Lock&) const = default;
};

// A goroutine that somewhere in its stack is between a Lock and its Unlock: before where one of its
// frames stands, that function calls Lock more often than Unlock, and a word of the frame (a live
// pointer or what was left of one) leads to an object in which a lock lies that others wait for.
struct LockFrame {
  std::uint64_t goid = 0;
  ObjectId object = kNone;
  // How many calls more: of Mutex.Lock, RWMutex.Lock, RWMutex.RLock.
  std::uint32_t mutexes = 0, writes = 0, reads = 0;
  bool alone = false;  // the frame leads to nothing else that is locked and not waited for

  bool operator==(const LockFrame&) const = default;
};

enum class Deadline : std::uint8_t {
  kUnset,
  kAhead,   // ends the wait if nothing else does
  kPassed,  // the goroutine is just being woken
};

// What a goroutine in IO wait waits for, as the runtime's pollDesc has it, and what its descriptor
// leads to.
struct IoWait {
  std::uint64_t goid = 0;
  Address poll_desc;
  std::uint32_t descriptor = 0;  // its number in the process
  bool writes = false;           // else it reads, or accepts
  bool listens = false;          // a socket that accepts connections
  // What the descriptor's poll.FD lies in: who has that can close it. Of test binaries only; kNone:
  // not known.
  ObjectId owner = kNone;
  Deadline deadline = Deadline::kUnset;
  std::int64_t deadline_in_ns = 0;  // kAhead: after the picture; 0: not known
  // "tcp", "udp", "unix", "socket", "pipe", "terminal", "file" ...; kNone: not known.
  StringId protocol = kNone;
  StringId local = kNone, remote = kNone;  // addresses, or local a path; kNone: none, or not known

  bool operator==(const IoWait&) const = default;
};

enum class LockHold : std::uint8_t { kMutex, kWrite, kRead };

// A goroutine one of whose functions, by its code, has locked the very lock that others wait for,
// and neither it nor what it has called since has unlocked it.
struct HeldLock {
  std::uint64_t goid = 0;
  Address lock;  // its address: in the heap or in a global variable
  LockHold hold = LockHold::kMutex;
  bool certain = false;        // on every way to where it stands, and nothing hints at an Unlock
  bool unlocks_ahead = false;  // that function unlocks it further on, or by defer
  FrameId frame = kNone;       // that function's

  bool operator==(const HeldLock&) const = default;
};

// Who has this stack never ends, by the code of one of its functions: no return of it can be
// reached from where it stands.
struct EndlessStack {
  StackId stack = kNone;
  FrameId frame = kNone;  // that function's

  bool operator==(const EndlessStack&) const = default;
};

struct Label {
  StringId key = kNone;
  StringId value = kNone;

  bool operator==(const Label&) const = default;
};

struct Goroutine {
  std::uint64_t goid = 0;
  std::uint64_t creator_goid = 0;  // 0: not recorded (before 1.21)
  Address descriptor;              // the g
  ObjectId descriptor_object =
      kNone;  // kNone: not in the heap (g0s are not in this list; g of an extra M may be)
  Status status = Status::kIdle;
  WaitKind wait_kind = WaitKind::kNotWaiting;
  bool scanning = false;  // _Gscan: the collector owns its stack right now
  bool parked = false;    // waiting for certain: g.m == 0 and stopped inside runtime.gopark
  bool system = false;    // runtime.isSystemGoroutine
  bool locked_to_thread = false;
  bool in_cgo_callback = false;  // C called back into Go further up this stack
  bool stack_complete = false;   // unwound to its outermost frame
  bool stack_exact = false;      // every frame's pointers came from its own stack map
  bool waits_complete = false;   // `waits` holds everything that could wake it
  bool select_done = false;      // g.selectDone: a select that is just being woken
  StringId wait_reason = kNone;  // the runtime's own text, "" when not waiting
  StringId doubt = kNone;        // why no verdict may rest on this goroutine's facts; kNone: none
  // As Go counts it, from the end of the collection before the one that first saw it wait: up to
  // the time between two collections too long. 0: not known.
  std::int64_t wait_ns = 0;
  StackId stack = kNone;
  FrameId created_by = kNone;          // the go statement
  FrameId started_at = kNone;          // the goroutine's own function, its entry
  std::uint64_t stack_bytes = 0;       // the whole allocation, [stack.lo, stack.hi)
  std::uint32_t descriptor_bytes = 0;  // sizeof(g) as allocated
  std::uint32_t first_wait = 0;        // in Snapshot::waits
  std::uint32_t wait_count = 0;
  std::uint32_t first_label = 0;  // in Snapshot::labels
  std::uint32_t label_count = 0;
  std::uint32_t first_ancestor = 0;  // in Snapshot::ancestors (GODEBUG=tracebackancestors)
  std::uint32_t ancestor_count = 0;

  bool operator==(const Goroutine&) const = default;
};

struct Ancestor {
  std::uint64_t goid = 0;
  FrameId created_by = kNone;
  StackId stack = kNone;

  bool operator==(const Ancestor&) const = default;
};

enum class RootKind : std::uint8_t {
  kGlobal,     // a word of data or bss
  kThread,     // a register or a g0/gsignal stack of a thread
  kTimer,      // a pending timer's function or argument
  kFinalizer,  // reachable from an object with a finalizer, or the finalizer's function
  kCleanup,
  kPinned,
  kQueued,   // in the finalizer or cleanup queue
  kRuntime,  // the runtime's own
};

struct Root {
  ObjectId object = kNone;
  RootKind kind = RootKind::kGlobal;
  Address source;  // the word that holds it (globals), the timer, the object with the special

  bool operator==(const Root&) const = default;
};

// A context.Context whose Done channel somebody waits for, or from which such a one was made. Or of
// type "http.Transport" the table of requests of a client, which is `object` and `children`.
struct Context {
  ObjectId object = kNone;
  ObjectId done = kNone;      // its channel; kNone: not made yet, or of a type that has none
  ObjectId parent = kNone;    // kNone: the background context, or one that cannot be told
  ObjectId children = kNone;  // the map of those that are cancelled with it: its header
  StringId type = kNone;      // "context.cancelCtx"; kNone: told by its channel only

  bool operator==(const Context&) const = default;
};

// A call by which a function makes a context that can be cancelled: of functions that may have made
// one that somebody waits for.
struct ContextCall {
  StringId function = kNone;   // whose code has the call, as Frame::symbol has it
  FrameId place = kNone;       // of the call, in what was inlined into that function perhaps
  StringId maker = kNone;      // that is called: "context.WithCancel"
  StringId called_by = kNone;  // by which of those it is called; kNone: it is one itself
  // It calls `leads_by`, which is `starter` or leads to it, who has started a goroutine that waits
  // for one; kNone: it is nearer than that.
  StringId starter = kNone, leads_by = kNone;
  bool of_standard_library = false;  // that function is
  bool parent_is_root = false;       // made from context.Background() or TODO(), as the code says

  bool operator==(const ContextCall&) const = default;
};

// A time.Ticker or time.Timer that was stopped, or has fired, and on whose channel somebody waits.
struct IdleTimer {
  ObjectId object = kNone;
  ObjectId channel = kNone;
  bool ticks = false;            // a time.Ticker: it was stopped
  bool may_be_set_again = true;  // the program has code that calls Reset of this kind
  bool operator==(const IdleTimer&) const = default;
};

// A timer that will fire.
struct PendingTimer {
  ObjectId object = kNone;  // it lies in: a time.Timer, a time.Ticker; kNone: not in the heap
  ObjectId argument =
      kNone;  // the channel that it sends on, the closure that it calls; kNone: none
  StringId function = kNone;     // what it calls: of time.AfterFunc the function itself
  bool sends_time = false;       // on a channel: of time.After, a time.Timer or a time.Ticker
  std::int64_t period_ns = 0;    // 0: it fires once
  std::int64_t fires_in_ns = 0;  // after the picture; 0: not known, or due

  bool operator==(const PendingTimer&) const = default;
};

// How an object is held, in a reader's words, of a picture that was saved (told_paths.h).
struct ToldPath {
  ObjectId object = kNone;
  StringId text = kNone;

  bool operator==(const ToldPath&) const = default;
};

// Where a lock in a global variable lies, in a reader's words, of a picture that was saved.
struct ToldLock {
  Address lock;
  StringId text = kNone;

  bool operator==(const ToldLock&) const = default;
};

// Whose a page of memory is. Pages of kSpans are shared by the objects in them and free slots.
enum class MemoryPart : std::uint8_t {
  kSpans,        // in use by the heap for objects
  kFreePages,    // of the heap's arenas, in no span: free, and not given back to the kernel
  kStacks,       // of goroutines and the runtime's own, in the heap's arenas
  kIdleStacks,   // lent to stacks, in use by none
  kWorkBuffers,  // lent to the collector
  kRuntime,      // the runtime's tables outside of the arenas
  kCode,         // of the program's file
  kConstants,
  kVariables,       // its data and bss
  kLibraries,       // other files that are executed, and the kernel's own
  kFiles,           // mapped files, and memory shared by name
  kThreadStacks,    // of threads, outside of the arenas
  kCMemory,         // the kernel's "[heap]": what C's malloc takes first
  kOtherAnonymous,  // of no file, whoever mapped it
  kUntold,          // resident, and where is not told
};
inline constexpr std::size_t kMemoryParts = 15;

// All memory of the target, each of its resident pages in one part.
struct MemoryUse {
  bool known = false;
  bool by_kernel = false;              // else a core's: what it holds, without pages of zeros
  std::uint64_t kernel_rss_bytes = 0;  // 0: not known
  std::uint64_t swapped_bytes = 0;
  std::uint64_t page_table_bytes = 0;  // not in RSS; 0: not known
  std::array<std::uint64_t, kMemoryParts> bytes{};
  std::vector<AddressRange> absent;  // pages of spans in use that are not resident, by address

  bool operator==(const MemoryUse&) const = default;
};

// Why `proven` may not be said of anything in this picture, or what was not read; never dropped.
struct Doubt {
  std::string what;  // in a reader's words: "3 of 512 spans could not be read"
  bool spoils_proof = false;

  bool operator==(const Doubt&) const = default;
};

struct TargetFacts {
  std::string name = {};  // as the user named it: "4711", "core.123"
  std::string kind;       // "process", "core"
  std::int64_t pid = 0;
  std::string executable;
  std::string go_version;       // "go1.27.4", with its X: experiments
  std::string arch;             // Go's name: "amd64"
  std::string build_id;         // GNU or Go build id, hex or text; may be empty
  std::string debug_file = {};  // that symbols and layout were split into; empty: none was used

  bool operator==(const TargetFacts&) const = default;
};

struct PictureFacts {
  std::string way;              // "twin", "copy", "core", "no-stop"
  std::string way_reason = {};  // why not a way with a shorter stop; empty: there is none, or it
                                // was asked for so
  std::int64_t pause_ns = 0;    // all stops that this picture took, added up
  std::int64_t longest_pause_ns = 0;
  std::uint64_t bytes_read = 0;
  std::uint32_t stops = 0;         // more than one: the first instants were not quiet
  bool quiet = true;               // at a quiet instant (no collection, no lock held)
  bool has_references = false;     // objects, references and roots were read
  bool has_all_types = false;      // the types of all objects; saved: and who holds them
  bool labels_left_out = false;    // a saved picture without the program's own strings
  std::int64_t taken_unix_ns = 0;  // when, by this machine's clock; 0: not known

  bool operator==(const PictureFacts&) const = default;
};

struct Snapshot {
  TargetFacts target;
  PictureFacts picture;
  std::vector<Doubt> doubts;
  std::vector<Binding> bindings;  // how the runtime's facts were found, in the order of finding

  Strings strings;
  Stacks stacks;  // frames, and stacks as sequences of them

  std::vector<Goroutine> goroutines;  // by goid, dead ones left out
  std::vector<Wait> waits;
  std::vector<Lock> locks;
  std::vector<IoWait> io_waits;  // by goid; not of all in IO wait, where it could not be told
  std::vector<Label> labels;
  std::vector<Ancestor> ancestors;
  std::uint64_t dead_descriptors = 0;  // gs kept by the runtime for reuse
  Allocations allocations;             // when they were asked for

  // Below: only when picture.has_references.
  Objects objects;
  References references;  // object -> object. Rows of gs and of waiting sudogs' g, c, elem are cut
                          // (see goroutine_roots)
  std::vector<Root> roots;  // what the collector would start from, blocked goroutines left out
  // What goroutine i keeps reachable once it is live: goroutine_roots[goroutine_root_rows[i] ..
  // [i+1]).
  std::vector<std::uint32_t> goroutine_root_rows;
  std::vector<ObjectId> goroutine_roots;
  std::vector<Context> contexts;  // by object
  std::vector<ContextCall> context_calls;
  std::vector<IdleTimer> idle_timers;  // by object
  std::vector<ToldPath> told_paths;    // by object
  std::vector<LockFrame> lock_frames;
  std::vector<HeldLock> held_locks;
  std::vector<EndlessStack> endless_stacks;  // by stack; of test binaries only
  std::vector<ToldLock> told_locks;          // by address
  MemoryUse memory;
  // What only the runtime's own lists hold, which lead nowhere for a proof: rows that were cut.
  std::vector<ObjectId> runtime_roots;
  // Of all objects when they were asked for, else of those that a leak alone holds, if any.
  ObjectTypes types;
  Fill fill;                                 // with the types of all objects
  std::vector<PendingTimer> pending_timers;  // with all types, or if one is waited for
};

}  // namespace goshawk::snapshot
