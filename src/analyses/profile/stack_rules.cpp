// Rules are asked in order; the first that has something to say is heard. First what holds by
// definition and what Go itself says ("(leaked)"); then what is known by names; then locks; last,
// that very many do the same for long. The numbers are those of suspicions in a picture of a
// process (analyses/goroutines/suspicions.h): a pool of idle workers is no leak, so a hundred are
// asked for, ten where their creators have ended, and that they wait for long, where that is told.
//
// Go counts a wait from the end of the collection before the one that first saw it, up to three
// minutes too long; those are added to what is asked for.
//
// Stacks alone are never more than a suspicion: a stream that is read for hours, a semaphore under
// load, a worker that is past the Lock because it has unlocked again, all look like the leaks.
#include "analyses/profile/stack_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "analyses/profile/lock_insiders.h"
#include "findings/advice.h"
#include "findings/function_name.h"

namespace goshawk::analyses::profile {

using findings::CodePlace;
using findings::Confidence;

namespace {

constexpr std::uint64_t kMany = 100, kManyOfUnknownAge = 1000;
constexpr std::uint64_t kManyWithoutParent = 10, kManyWithoutParentOfUnknownAge = 100;
constexpr std::uint64_t kSome = 3;  // of what a name tells
constexpr std::uint32_t kCountedTooLong = 3;
constexpr std::uint32_t kLongMinutes = 10, kLong = kLongMinutes + kCountedTooLong;
constexpr std::uint32_t kLongLockMinutes = 1, kLongLock = kLongLockMinutes + kCountedTooLong;
constexpr std::uint32_t kLongIoMinutes = 30, kLongIo = kLongIoMinutes + kCountedTooLong;

std::string_view wait_words(WaitFor wait) {
  switch (wait) {
    case WaitFor::kReceive:
      return "waits to receive from a channel";
    case WaitFor::kSend:
      return "waits to send on a channel";
    case WaitFor::kSelect:
      return "waits in a select";
    case WaitFor::kMutex:
      return "waits for a sync.Mutex";
    case WaitFor::kRWMutex:
      return "waits for a sync.RWMutex";
    case WaitFor::kWaitGroup:
      return "waits for a sync.WaitGroup";
    case WaitFor::kCond:
      return "waits for a sync.Cond";
    case WaitFor::kIo:
      return "waits for a connection, a listener or a pipe";
    case WaitFor::kSleep:
      return "sleeps";
    default:
      return "is there";
  }
}

std::string minutes_text(std::uint32_t minutes) {
  if (minutes == 1) return "a minute";
  if (minutes < 120) return fmt::format("{} minutes", minutes);
  return minutes < 48 * 60 ? fmt::format("{} hours", minutes / 60)
                           : fmt::format("{} days", minutes / (24 * 60));
}

// "1,240"
std::string count_text(std::uint64_t count) {
  std::string digits = fmt::format("{}", count);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, 1, ',');
  return digits;
}

bool waits_long(const StackSite& site, const StackPicture& picture, std::uint64_t least,
                std::uint64_t least_of_unknown_age, std::uint32_t minutes = kLong) {
  return picture.groups.tells_waits ? site.waiting_at_least(minutes) >= least
                                    : site.count >= least_of_unknown_age;
}

bool has_lost_creators(const StackSite& site) {
  return site.creator_gone > 0 && site.creator_gone == site.creator_told;
}

// "main.handle.func1" is a literal inside "main.handle".
bool is_literal_inside(std::string_view function, std::string_view outer) {
  if (outer.empty() || !function.starts_with(outer)) return false;
  function.remove_prefix(outer.size());
  return function.starts_with(".func") || function.starts_with(".gowrap");
}

std::string sentence_of_lost_creators(const StackSite& site) {
  if (!has_lost_creators(site)) return {};
  return site.creator_gone == 1 ? "the goroutine that started it has ended"
                                : "the goroutines that started them have ended";
}

Telling begin(const StackSite& site, const StackPicture& picture, std::string_view rule) {
  Telling telling{.rule = rule};
  telling.evidence.push_back(describe_waits(site, picture));
  if (std::string lost = sentence_of_lost_creators(site); !lost.empty())
    telling.evidence.push_back(std::move(lost));
  return telling;
}

// Where a function tells the library: of who starts such goroutines, whom a profile does not tell.
std::string advice_of_creator(std::string_view rule, std::string_view creator) {
  auto advice = findings::find_library_advice(rule, "", creator);
  return advice ? std::string(advice->advice) : std::string();
}

using Rule = std::optional<Telling> (*)(const StackSite&, const StackPicture&);

// A profile of leaked goroutines may be Goshawk's own, which has those in it that are likely only.
std::optional<Telling> tell_by_runtime(const StackSite& site, const StackPicture& picture) {
  if (!site.first().leaked) return std::nullopt;
  std::string_view rule = rule_of_wait(site.wait);
  Telling telling{.rule = rule.empty() ? "goroutine/blocked-receive" : rule};
  if (picture.groups.tells_states) {
    telling.confidence = Confidence::kProven;
    telling.evidence.emplace_back(
        "Go's runtime itself says \"(leaked)\": nothing that can run reaches what is waited for");
  } else {
    telling.confidence = Confidence::kLikely;
    telling.evidence.emplace_back(
        "it is a profile of leaked goroutines: of Go's runtime, which proves them, or of Goshawk, "
        "where some may be likely only");
  }
  return telling;
}

std::optional<Telling> tell_by_definition(const StackSite& site, const StackPicture&) {
  if (site.wait == WaitFor::kNilChannel)
    return Telling{.rule = "goroutine/nil-channel",
                   .confidence = Confidence::kProven,
                   .evidence = {"a nil channel never lets anybody go on, by definition of Go"}};
  if (site.wait == WaitFor::kNoCases)
    return Telling{.rule = "goroutine/empty-select",
                   .confidence = Confidence::kProven,
                   .evidence = {"a select without cases blocks for ever, by definition of Go"}};
  return std::nullopt;
}

// Until the body is read to its end or closed, a connection's reader waits in its own select; a
// stream that is read for hours looks the same.
std::optional<Telling> tell_unclosed_body(const StackSite& site, const StackPicture& picture) {
  if (site.blocked_at.function != "net/http.(*persistConn).readLoop" ||
      site.wait != WaitFor::kSelect || !waits_long(site, picture, kSome, kMany))
    return std::nullopt;
  Telling telling = begin(site, picture, "goroutine/blocked-select");
  telling.title = "HTTP response whose body is never closed";
  telling.evidence.emplace_back(
      "each is a client's connection whose response is not read to its end yet, nor closed; a "
      "second goroutine of it, writeLoop, waits too");
  telling.advice = advice_of_creator(telling.rule, "net/http.(*Transport).dialConn");
  return telling;
}

std::optional<Telling> tell_idle_connections(const StackSite& site, const StackPicture& picture) {
  bool is_reader = std::ranges::any_of(site.first().frames, [](const CodePlace& frame) {
    return frame.function == "net/http.(*persistConn).readLoop";
  });
  if (!is_reader || site.wait != WaitFor::kIo || site.count < kMany) return std::nullopt;
  Telling telling = begin(site, picture, "goroutine/io-wait");
  telling.title = "Very many idle connections of HTTP clients";
  telling.advice =
      "use one http.Client for the whole program: each Transport keeps connections of its own; "
      "bound them by MaxConnsPerHost and IdleConnTimeout";
  return telling;
}

// The timed-out handler: who wanted the result has gone. That it is a result is told by where it is
// sent, a function inside of the one that started it, or by that one's having ended; a semaphore
// that is full, or a slow consumer, looks the same.
std::optional<Telling> tell_abandoned_result(const StackSite& site, const StackPicture& picture) {
  if (site.wait != WaitFor::kSend) return std::nullopt;
  const std::string& creator = site.first().created_by.function;
  bool inside = is_literal_inside(site.blocked_at.function, creator);
  bool lost = has_lost_creators(site);
  if (!inside && !lost) return std::nullopt;
  if (!waits_long(site, picture, inside ? kSome : kManyWithoutParent,
                  lost ? kManyWithoutParentOfUnknownAge : kMany))
    return std::nullopt;
  Telling telling = begin(site, picture, "goroutine/abandoned-result");
  if (inside)
    telling.evidence.push_back(
        fmt::format("each sends from a function inside of {}, which started it to get a result",
                    findings::shorten_type_arguments(creator)));
  return telling;
}

// context.WithCancel of a context that is not the library's own has a goroutine wait for either.
std::optional<Telling> tell_uncancelled(const StackSite& site, const StackPicture& picture) {
  if (!site.blocked_at.function.starts_with("context.(*cancelCtx).propagateCancel") ||
      !waits_long(site, picture, kSome, kMany))
    return std::nullopt;
  Telling telling = begin(site, picture, "goroutine/lost-cancel");
  telling.evidence.emplace_back(
      "each belongs to a context made from one that is not the library's own, and waits until one "
      "of the two is cancelled");
  telling.advice = advice_of_creator(telling.rule, "context.(*cancelCtx).propagateCancel");
  return telling;
}

bool is_named_after_ticks(std::string_view function) {
  std::string own(function.substr(function.rfind('/') + 1));
  std::ranges::transform(own, own.begin(), [](unsigned char c) { return std::tolower(c); });
  return own.find("tick") != std::string::npos;
}

std::optional<Telling> tell_tickers(const StackSite& site, const StackPicture& picture) {
  if ((site.wait != WaitFor::kReceive && site.wait != WaitFor::kSelect) ||
      site.count < kManyWithoutParent || site.first().frames.empty())
    return std::nullopt;
  bool by_name = std::ranges::any_of(site.first().frames, [](const CodePlace& frame) {
    return is_named_after_ticks(frame.function);
  });
  if (!by_name) return std::nullopt;
  Telling telling = begin(site, picture, "goroutine/runaway");
  telling.title = "Loops of tickers that perhaps nothing ends";
  telling.evidence.emplace_back("by its name the function waits for a ticker");
  if (picture.groups.tells_waits && site.wait_minutes.empty())
    telling.evidence.emplace_back(
        "none of them waits for as long as a minute: something wakes them again and again");
  return telling;
}

std::optional<Telling> tell_locks(const StackSite& site, const StackPicture& picture) {
  bool is_lock = site.wait == WaitFor::kMutex || site.wait == WaitFor::kRWMutex;
  if (!is_lock || !waits_long(site, picture, 1, kManyWithoutParent, kLongLock)) return std::nullopt;
  Telling telling = begin(site, picture, rule_of_wait(site.wait));
  for (const std::string& sentence : describe_insiders(find_insiders(site, picture.sites), site))
    telling.evidence.push_back(sentence);
  return telling;
}

std::optional<Telling> tell_waitgroups(const StackSite& site, const StackPicture& picture) {
  if (site.wait != WaitFor::kWaitGroup || !waits_long(site, picture, kSome, kMany))
    return std::nullopt;
  return begin(site, picture, "goroutine/waitgroup");
}

std::optional<Telling> tell_old_io(const StackSite& site, const StackPicture& picture) {
  if (site.wait != WaitFor::kIo || site.background != nullptr ||
      !waits_long(site, picture, kManyWithoutParent, kManyOfUnknownAge, kLongIo))
    return std::nullopt;
  Telling telling = begin(site, picture, "goroutine/io-wait");
  telling.title = "Network waits that last for long";
  return telling;
}

std::optional<Telling> tell_sleepers(const StackSite& site, const StackPicture& picture) {
  if (site.wait != WaitFor::kSleep || site.count < kMany) return std::nullopt;
  Telling telling = begin(site, picture, "goroutine/runaway");
  telling.title = "Very many that sleep at one place";
  return telling;
}

// Nobody waits to send for hours on purpose; a receiver may be an idle worker.
std::optional<Telling> tell_many(const StackSite& site, const StackPicture& picture) {
  if (!is_blocked(site.wait) || site.background != nullptr) return std::nullopt;
  bool lost = has_lost_creators(site);
  bool few_are_enough = lost || site.wait == WaitFor::kSend;
  bool many = few_are_enough ? waits_long(site, picture, kManyWithoutParent,
                                          lost ? kManyWithoutParentOfUnknownAge : kMany)
                             : waits_long(site, picture, kMany, kManyOfUnknownAge);
  if (!many) return std::nullopt;
  return begin(site, picture, rule_of_wait(site.wait));
}

constexpr auto kRules = std::to_array<Rule>(
    {tell_by_definition, tell_by_runtime, tell_unclosed_body, tell_idle_connections,
     tell_abandoned_result, tell_uncancelled, tell_tickers, tell_locks, tell_waitgroups,
     tell_old_io, tell_sleepers, tell_many});

std::string advise(const StackSite& site, std::string_view rule) {
  const std::string& creator = site.first().created_by.function;
  if (auto library = findings::find_library_advice(rule, site.blocked_at.function, creator))
    return std::string(library->advice);
  return findings::advise_by_rule(
      rule, creator.empty() ? "the creator" : findings::shorten_type_arguments(creator));
}

}  // namespace

std::string_view rule_of_wait(WaitFor wait) {
  switch (wait) {
    case WaitFor::kReceive:
      return "goroutine/blocked-receive";
    case WaitFor::kSend:
      return "goroutine/blocked-send";
    case WaitFor::kSelect:
      return "goroutine/blocked-select";
    case WaitFor::kNilChannel:
      return "goroutine/nil-channel";
    case WaitFor::kNoCases:
      return "goroutine/empty-select";
    case WaitFor::kMutex:
      return "goroutine/mutex";
    case WaitFor::kRWMutex:
      return "goroutine/rwmutex";
    case WaitFor::kWaitGroup:
      return "goroutine/waitgroup";
    case WaitFor::kCond:
      return "goroutine/cond";
    case WaitFor::kIo:
      return "goroutine/io-wait";
    case WaitFor::kSleep:
    case WaitFor::kNothing:
      return "goroutine/runaway";
    default:
      return {};
  }
}

std::string describe_waits(const StackSite& site, const StackPicture& picture) {
  std::string text = fmt::format("{} {}", site.count == 1 ? "it" : "each", wait_words(site.wait));
  if (!picture.groups.tells_states) return text + "; since when, a profile does not tell";
  if (!picture.groups.tells_waits)
    return text + "; since when, Go had not noted yet, as it does at collections";
  std::uint64_t told = site.wait_minutes.size(), enough = site.waiting_at_least(kLong);
  if (told == 0)
    return text +
           (site.count == 1 ? ", not yet for a minute" : ", none of them for as long as a minute");
  if (site.count == 1) return text;
  if (told == site.count)
    return fmt::format("{}, all of them for {} or more", text,
                       minutes_text(site.wait_minutes.front()));
  if (enough > 0)
    return fmt::format("{}, {} of them for more than {} minutes", text, count_text(enough),
                       kLongMinutes);
  return fmt::format("{}, {} of them for a minute or more", text, count_text(told));
}

std::optional<Telling> tell_by_stacks(const StackSite& site, const StackPicture& picture) {
  if (site.of_runtime || site.groups.empty()) return std::nullopt;
  bool by_word_only = site.first().is_main;  // of main, only what cannot be otherwise
  for (Rule rule : kRules) {
    auto telling = rule(site, picture);
    if (!telling) continue;
    if (by_word_only && telling->confidence != Confidence::kProven) return std::nullopt;
    if (telling->advice.empty()) telling->advice = advise(site, telling->rule);
    return telling;
  }
  return std::nullopt;
}

}  // namespace goshawk::analyses::profile
