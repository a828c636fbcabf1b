// The table of rules. The ids are stable names: they stand in suppression files, baselines and
// fingerprints, so an id is never renamed; title and summary may improve at any time.
// The long texts (wrong code, right code) belong to the presentation: report/explain.
#include "findings/rules.h"

#include <array>

namespace goshawk::findings {
namespace {

constexpr std::string_view kAllReleases = "Go 1.19 to 1.27";
constexpr std::array kProven = {Confidence::kProven};
// Suspected: by two pictures that show growth (by more of them, likely), or by how stuck it looks
// in one.
constexpr std::array kLikely = {Confidence::kProven, Confidence::kLikely, Confidence::kSuspected};
constexpr std::array kSuspected = {Confidence::kSuspected};
constexpr std::array kOnlyLikely = {Confidence::kLikely};
constexpr std::array kGrowing = {Confidence::kLikely, Confidence::kSuspected};

constexpr std::array kRules = {
    Rule{"goroutine/blocked-receive", "Receive that nobody will send to",
         "Receive that may never end",
         "waits to receive from a channel that nobody will ever send to or close", kAllReleases,
         kLikely},
    Rule{"goroutine/blocked-send", "Send that nobody will receive", "Send that may never end",
         "waits to send on a channel that nobody will ever receive from", kAllReleases, kLikely},
    Rule{"goroutine/blocked-select", "Select that can never proceed",
         "Select that may never proceed",
         "waits in a select whose channels nobody else can reach any more", kAllReleases, kLikely},
    Rule{"goroutine/abandoned-result", "Result whose reader has gone",
         "Result whose reader may have gone",
         "wants to hand over its result on an unbuffered channel, but the only reader gave up",
         kAllReleases, kLikely},
    Rule{"goroutine/lost-cancel", "Context that nobody can cancel",
         "Context that may never be cancelled",
         "waits for ctx.Done() of a context whose cancel function nobody holds any more",
         kAllReleases, kLikely},
    Rule{"goroutine/nil-channel", "Operation on a nil channel", "Operation on a nil channel",
         "sends to or receives from a nil channel, which blocks for ever by definition",
         kAllReleases, kProven},
    Rule{"goroutine/empty-select", "Select without cases", "Select without cases",
         "waits in `select {}`, which blocks for ever by definition", kAllReleases, kProven},
    Rule{"goroutine/mutex", "Mutex that is never unlocked", "Mutex that stays locked for long",
         "waits for a sync.Mutex that nobody will ever unlock", kAllReleases, kLikely},
    Rule{"goroutine/rwmutex", "RWMutex that is never unlocked",
         "RWMutex that stays locked for long",
         "waits for a sync.RWMutex that nobody will ever unlock", kAllReleases, kLikely},
    Rule{"goroutine/waitgroup", "WaitGroup that never reaches zero",
         "WaitGroup that may never reach zero",
         "waits for a sync.WaitGroup whose counter nobody will ever bring to zero", kAllReleases,
         kLikely},
    Rule{"goroutine/cond", "Condition that is never signalled",
         "Condition that may never be signalled",
         "waits for a sync.Cond that nobody will ever signal", kAllReleases, kLikely},
    Rule{"goroutine/coroutine", "Coroutine that nobody resumes",
         "Coroutine that may never be resumed",
         "waits for next or stop of iter.Pull, which nobody can call any more, or for a value from "
         "such a sequence",
         "Go 1.23 to 1.27", kLikely},
    Rule{"goroutine/runaway", "Loops that nothing ends, more and more",
         "Loops that perhaps nothing ends",
         "runs, sleeps or waits for a timer in a loop that nothing ends, in growing number, or, in "
         "a test, that has no exit or that nobody can end any more",
         kAllReleases, kGrowing},
    Rule{"goroutine/io-wait", "Network waits, more and more",
         "Network waits, more of them than before",
         "waits for a connection, a listener or a pipe on which nothing may ever come, in growing "
         "number, or, in a test, for connections to a listener that nobody can close any more",
         kAllReleases, kGrowing},
    Rule{"heap/retained", "Holder of a large share of the heap",
         "Holder of a large share of the heap",
         "retains a tenth of the live heap or more: it would be freed if the holder let go",
         kAllReleases, kSuspected},
    Rule{"heap/pinned-array", "Large arrays kept for a small part",
         "Large arrays of which little is used",
         "keeps all of a large array for the part that a slice, a string or a pointer uses",
         kAllReleases, kGrowing},
    Rule{"heap/oversized-map", "Maps far larger than what is in them",
         "Maps far larger than what is in them",
         "has tables for at least four times as many entries as it has: maps do not shrink",
         kAllReleases, kSuspected},
    Rule{"heap/growing-map", "Maps to which is only added", "Maps that grow",
         "has more entries in each picture than in the one before", kAllReleases, kGrowing},
    Rule{"heap/growing-slice", "Slices to which is only appended", "Slices that grow",
         "is longer in each picture than in the one before", kAllReleases, kGrowing},
    Rule{"heap/growing-type", "Values that become more and more", "Values that become more",
         "is there more often in each picture than in the one before, and live", kAllReleases,
         kGrowing},
    Rule{"heap/channel-backlog", "Channels with much queued in them",
         "Channels with much queued in them",
         "has at least half of a large buffer full of what nobody has received yet", kAllReleases,
         kSuspected},
    Rule{"heap/channel-room", "Large channel buffers of which little is used",
         "Large channel buffers of which little is used",
         "has a large buffer of which less than a quarter is in use: it is taken in whole when the "
         "channel is made",
         kAllReleases, kSuspected},
    Rule{"heap/dead-goroutines", "Descriptors of goroutines that have ended",
         "Descriptors of goroutines that have ended",
         "is left of very many goroutines that ran at once: descriptors, kept for ever",
         kAllReleases, kOnlyLikely},
    Rule{"heap/finalizer", "Finalizers that are due and do not run",
         "Finalizers that are due and perhaps do not run",
         "waits for its finalizer or cleanup, which waits for one that blocks", kAllReleases,
         kGrowing},
    Rule{"timer/after-in-loop", "Timers that nobody waits for any more", "Timers that pile up",
         "stays, with what it holds, until its timer of time.After or time.AfterFunc fires, one of "
         "very many",
         "Go 1.19 to 1.22, up to 1.26 with the old timers (GODEBUG=asynctimerchan=1); of "
         "time.AfterFunc every release",
         kGrowing},
    Rule{"timer/unstopped-ticker", "Tickers that nobody can stop any more",
         "Tickers that nobody can stop any more",
         "goes on ticking though nobody has its channel any more",
         "Go 1.19 to 1.22, up to 1.26 with the old timers (GODEBUG=asynctimerchan=1)", kOnlyLikely},
};

constexpr std::array<std::string_view, 1> kLostCancel = {"goroutine/lost-cancel"};
constexpr std::array<std::string_view, 10> kReachable = {
    "goroutine/blocked-receive",  "goroutine/blocked-send", "goroutine/blocked-select",
    "goroutine/abandoned-result", "goroutine/lost-cancel",  "goroutine/mutex",
    "goroutine/rwmutex",          "goroutine/waitgroup",    "goroutine/cond",
    "goroutine/coroutine"};

constexpr std::array<std::string_view, 2> kReceives = {"goroutine/blocked-receive",
                                                       "goroutine/blocked-select"};
constexpr std::array<std::string_view, 2> kLocks = {"goroutine/mutex", "goroutine/rwmutex"};

constexpr std::array kHolderRules = {
    HolderRule{"context's children",
               "only the list of children of a context that is there for long still refers to the "
               "context that is waited for; its own cancel function is lost",
               kLostCancel},
    HolderRule{"HTTP client's requests",
               "only the table in which an http.Transport keeps how to cancel each of its requests "
               "still refers to it: nobody has the response any more",
               kReachable},
    HolderRule{"finalizer not run",
               "only a finalizer or cleanup would wake it, and the waiting goroutines themselves "
               "keep its object",
               kReachable},
    HolderRule{"timer never set again",
               "the channel is that of a time.Timer or time.Ticker which was stopped or has fired, "
               "and the program has no code that could set it again (Reset)",
               kReceives},
    HolderRule{"owner is held",
               "only another goroutine that is likely leaked refers to what it waits on",
               kReachable},
    HolderRule{"owner is leaked",
               "the lock that it waits for, in a global variable or reachable in another way, is "
               "held by a goroutine that never runs again or waits for such a lock itself",
               kLocks},
};

}  // namespace

std::span<const Rule> rules() { return kRules; }

std::span<const HolderRule> holder_rules() { return kHolderRules; }

std::string_view short_name(const Rule& rule) { return rule.id.substr(rule.id.rfind('/') + 1); }

std::string_view title_of(const Finding& finding) {
  if (!finding.title.empty()) return finding.title;
  const Rule* rule = find_rule(finding.rule);
  if (rule == nullptr) return "Leaked goroutine";
  return finding.confidence == Confidence::kSuspected ? rule->suspected_title : rule->title;
}

const Rule* find_rule(std::string_view name) {
  const Rule* by_short_name = nullptr;
  for (const Rule& rule : kRules) {
    if (rule.id == name) return &rule;
    if (short_name(rule) != name) continue;
    if (by_short_name != nullptr) return nullptr;  // ambiguous: the reader must say which
    by_short_name = &rule;
  }
  return by_short_name;
}

}  // namespace goshawk::findings
