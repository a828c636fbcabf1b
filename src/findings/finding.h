// What an analysis found and how sure it is: the only thing that reports know.
// The words are fixed everywhere (design: verdicts); rule ids are stable names.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "findings/suppressions.h"

namespace goshawk::findings {

enum class Confidence : std::uint8_t { kProven, kLikely, kSuspected, kUnknown };
std::string_view to_text(Confidence confidence);

// A source position as a reader wants it; the pc only for tools.
struct CodePlace {
  std::string function;
  std::string file;
  std::uint32_t line = 0;
  std::uint64_t pc = 0;
  auto operator<=>(const CodePlace&) const = default;
};

// Objects of one type.
struct TypeCost {
  std::string type;  // in Go's words; "": of unknown type
  std::uint64_t objects = 0;
  std::uint64_t bytes = 0;
  bool operator==(const TypeCost&) const = default;
};

struct Cost {
  std::uint64_t stack_bytes = 0;
  std::uint64_t descriptor_bytes = 0;
  // Heap that would be freed if the group were gone: nothing else holds it. Absent: not measured.
  std::optional<std::uint64_t> retained_bytes;
  // Of these: the largest types, the largest first, those of unknown type last and as one. Empty:
  // nothing is retained, or the types could not be told.
  std::vector<TypeCost> largest_types;

  // What ending the group gives back; descriptors stay for reuse.
  std::uint64_t total_bytes() const { return stack_bytes + retained_bytes.value_or(0); }
};

// How a group has grown over several pictures.
struct Growth {
  struct Sample {
    double seconds = 0;  // after the first picture
    std::uint64_t count = 0;
  };
  std::vector<Sample> samples;  // the last one is the picture that was judged
  std::uint64_t stayed = 0;     // were there in the first picture, and in all that followed
  std::uint64_t came = 0;       // came later, and stayed
  std::uint64_t gone = 0;       // were there, and are not any more

  double per_second() const;
};

// A goroutine that has locked what others wait for and will not unlock it, or a writer that comes
// first.
struct LockHolding {
  std::uint64_t goid = 0;
  std::string fate;  // "proven leaked", "likely leaked", "parked for ever"
  CodePlace locked_in =
      {};  // the function that has locked it, and where that stands; none: a writer
  std::string wait_reason;   // the runtime's text
  std::int64_t wait_ns = 0;  // as Go counts it; 0: not known
  bool reads = false;        // it has locked it for reading
};

// A lock that members of a finding wait for. What is absent does not exist for its kind, or its
// words contradict that somebody waits for it.
struct WaitedLock {
  std::string kind;       // "sync.Mutex"
  std::string name = {};  // where it lies: "main.server.mu"; empty: not known
  std::uint64_t address = 0;
  std::optional<std::uint64_t> object;   // in the heap: where the object begins that it lies in
  std::uint64_t waiters = 0;             // goroutines in the picture
  std::optional<bool> locked, starving;  // a Mutex
  std::optional<bool> writer_holds;      // an RWMutex; false: a writer waits for readers
  std::optional<std::uint64_t> readers;  // that a waiting writer waits for
  std::optional<std::uint64_t> counter;  // a WaitGroup's
  std::vector<std::uint64_t> holders;    // goroutines that probably hold it, ascending
  std::vector<std::uint64_t> referrers;  // leaked goroutines that refer to a WaitGroup, ascending
  // Why it is never unlocked, where a likely finding rests on that: who has it, whom that one waits
  // for, and so on.
  std::vector<LockHolding> chain;
};

// One goroutine of a ring: it waits for this lock, which the next one probably holds.
struct RingStep {
  std::uint64_t goid = 0;
  std::uint64_t lock = 0;  // its address
  auto operator<=>(const RingStep&) const = default;
};

// Of a finding of network waits.
struct NetworkWaits {
  std::uint64_t without_deadline = 0, with_deadline = 0;
  std::uint64_t not_told = 0;  // of whom neither is known
  // Who is at the other end, and how often: "tcp 10.0.0.5:5432"; the most frequent first.
  std::vector<std::pair<std::string, std::uint64_t>> ends;
};

// A group of goroutines (or objects) with the same rule, creation site and blocking site.
struct Finding {
  std::string rule;  // "goroutine/blocked-send"
  Confidence confidence = Confidence::kUnknown;
  std::uint64_t count = 0;
  std::vector<std::uint64_t> goids;  // all of them, ascending
  std::string wait_reason;           // the runtime's text
  std::int64_t longest_wait_ns = 0;  // 0: not known
  CodePlace blocked_at;              // the first frame that is not the runtime's or sync's
  CodePlace created_at;              // the go statement; empty function when not known
  std::string test = {};         // that started its goroutines: "TestFetch", "TestMain", "init";
                                 // empty: none did, or it is not known
  std::vector<CodePlace> stack;  // of one member, innermost first
  Cost cost;                     // of the whole group
  std::vector<std::string> evidence;  // sentences: what it waits on, what was checked
  std::vector<WaitedLock> locks;      // by address
  std::vector<RingStep> ring;         // one that has a member in it; empty: none is known
  std::optional<NetworkWaits> network;
  std::string title = {};        // a headline for this case; empty: the rule's (title_of)
  std::string advice;            // one line, made for this case
  std::string fingerprint;       // survives a rebuild: names of rule, functions, test
  std::optional<Growth> growth;  // where there are several pictures
  std::optional<bool> known;     // whether a baseline has it; no value: there is none
};

// Fills Finding::fingerprint: 16 hex digits over the rule and the functions of creation and stack.
// `twin` numbers findings of one picture that these names cannot tell apart.
std::string compute_fingerprint(const Finding& finding, std::uint64_t twin = 0);

// What "0 leaks" has to be read with. goroutines == alive + leaked + likely + parked + suppressed +
// unknown.
struct Checked {
  std::uint64_t goroutines = 0;
  std::uint64_t alive = 0;
  std::uint64_t leaked = 0;  // proven
  std::uint64_t likely = 0;
  std::uint64_t parked = 0;  // never wake, on purpose (main waiting for ever ...)
  std::uint64_t suppressed = 0;
  std::uint64_t unknown = 0;
  std::map<std::string, std::uint64_t> unknown_reasons;
};

// One of several pictures of a process.
struct PictureTaken {
  double seconds = 0;  // after the first one
  std::uint64_t goroutines = 0;
  std::int64_t pause_ns = 0;
};

// What an entry of a suppression file keeps from being findings.
struct Suppressed {
  Suppression entry;
  std::vector<Finding> findings;

  std::uint64_t count() const;
};

// Of a suppression file, what did nothing.
struct SuppressionReview {
  std::string path;                  // empty: there is no file
  std::vector<Suppression> unused;   // fit no goroutine that is leaked
  std::vector<Suppression> expired;  // suppress no longer
};

// A finding of an earlier report.
struct KnownFinding {
  std::string fingerprint;
  std::string rule = {};
  std::uint64_t count = 0;
  std::string blocked_in = {}, created_by = {};  // functions; empty: not known
};

struct BaselineReview {
  std::string path;
  std::vector<KnownFinding> gone;  // what the baseline has and this picture has not
};

// Goroutines of one kind that are alive and known to be harmless (known_background.h).
struct Background {
  std::string function;  // that it is known by
  std::string reason;
  std::vector<std::uint64_t> goids;  // ascending
};

struct Verdict {
  Checked checked;
  std::vector<Finding> findings;       // new ones first, then proven first, then by cost
  std::vector<Finding> parked;         // shown apart
  std::vector<Background> background;  // of those that are alive; by function
  std::vector<Suppressed> suppressed;  // in the order of their entries
  SuppressionReview suppressions;
  std::optional<BaselineReview> baseline;  // no value: no file
  // Heap that several findings hold and nothing else does: in the cost of none of them.
  std::uint64_t shared_retained_bytes = 0;
  std::vector<PictureTaken> pictures;  // all of them, where there are several
  std::vector<std::string> doubts;     // what was not read, and what that means
};

}  // namespace goshawk::findings
