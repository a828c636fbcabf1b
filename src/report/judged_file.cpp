// Each record's fields are named once, for both directions (snapshot/records.h has the same way):
// `Io` is a RecordWriter or a RecordReader, which refuses what is no sound value and takes no more
// memory than the bytes are worth.
#include "report/judged_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <map>
#include <optional>
#include <string_view>
#include <type_traits>

#include "snapshot/record_reader.h"
#include "snapshot/record_writer.h"
#include "snapshot/records.h"

namespace goshawk::report {
namespace {

using namespace findings;
using snapshot::RecordReader;
using snapshot::RecordWriter;

constexpr std::string_view kMagic = "goshawk judged " GOSHAWK_VERSION " 1\n";

bool is_confidence(Confidence confidence) { return confidence <= Confidence::kUnknown; }

template <typename Io, typename List, typename Exchange>
void exchange_list(Io& io, List& list, Exchange exchange) {
  if constexpr (Io::kReads) {
    for (std::uint32_t left = io.count(); left > 0 && !io.failed(); --left)
      exchange(list.emplace_back());
  } else {
    io.number(list.size());
    for (auto& one : list) exchange(one);
  }
}

template <typename Io, typename Value, typename Exchange>
void exchange_optional(Io& io, Value& value, Exchange exchange) {
  bool there = value.has_value();
  io.flags(there);
  if constexpr (Io::kReads)
    if (there) value.emplace();
  if (there) exchange(*value);
}

template <typename Io, typename Value>
void exchange_optional_number(Io& io, Value& value) {
  exchange_optional(io, value, [&](auto& number) { io.number(number); });
}

template <typename Io, typename Value>
void exchange_optional_flag(Io& io, Value& value) {
  exchange_optional(io, value, [&](auto& flag) { io.flags(flag); });
}

template <typename Io, typename List>
void exchange_numbers(Io& io, List& numbers) {
  exchange_list(io, numbers, [&](auto& number) { io.number(number); });
}

template <typename Io, typename List>
void exchange_texts(Io& io, List& texts) {
  exchange_list(io, texts, [&](auto& text) { io.text(text); });
}

template <typename Io, typename Real>
void exchange_real(Io& io, Real& real) {
  auto bits = std::bit_cast<std::uint64_t>(real);
  io.number(bits);
  if constexpr (Io::kReads) real = std::bit_cast<double>(bits);
}

template <typename Io, typename Place>
void exchange_place(Io& io, Place& place) {
  io.text(place.function);
  io.text(place.file);
  io.number(place.line);
  io.number(place.pc);
}

template <typename Io, typename Cost>
void exchange_cost(Io& io, Cost& cost) {
  io.number(cost.stack_bytes);
  io.number(cost.descriptor_bytes);
  exchange_optional_number(io, cost.retained_bytes);
  exchange_list(io, cost.largest_types, [&](auto& type) {
    io.text(type.type);
    io.number(type.objects);
    io.number(type.bytes);
  });
}

template <typename Io, typename Growth>
void exchange_growth(Io& io, Growth& growth) {
  exchange_list(io, growth.samples, [&](auto& sample) {
    exchange_real(io, sample.seconds);
    io.number(sample.count);
  });
  io.number(growth.stayed);
  io.number(growth.came);
  io.number(growth.gone);
}

template <typename Io, typename Lock>
void exchange_lock(Io& io, Lock& lock) {
  io.text(lock.kind);
  io.text(lock.name);
  io.number(lock.address);
  exchange_optional_number(io, lock.object);
  io.number(lock.waiters);
  exchange_optional_flag(io, lock.locked);
  exchange_optional_flag(io, lock.starving);
  exchange_optional_flag(io, lock.writer_holds);
  exchange_optional_number(io, lock.readers);
  exchange_optional_number(io, lock.counter);
  exchange_numbers(io, lock.holders);
  exchange_numbers(io, lock.referrers);
  exchange_list(io, lock.chain, [&](auto& holding) {
    io.number(holding.goid);
    io.text(holding.fate);
    exchange_place(io, holding.locked_in);
    io.text(holding.wait_reason);
    io.signed_number(holding.wait_ns);
    io.flags(holding.reads);
  });
}

template <typename Io, typename Network>
void exchange_network(Io& io, Network& network) {
  io.number(network.without_deadline);
  io.number(network.with_deadline);
  io.number(network.not_told);
  exchange_list(io, network.ends, [&](auto& end) {
    io.text(end.first);
    io.number(end.second);
  });
}

template <typename Io, typename Finding>
void exchange_finding(Io& io, Finding& finding) {
  io.text(finding.rule);
  io.enumeration(finding.confidence, is_confidence);
  io.number(finding.count);
  exchange_numbers(io, finding.goids);
  io.text(finding.wait_reason);
  io.signed_number(finding.longest_wait_ns);
  exchange_place(io, finding.blocked_at);
  exchange_place(io, finding.created_at);
  io.text(finding.test);
  exchange_list(io, finding.stack, [&](auto& place) { exchange_place(io, place); });
  exchange_cost(io, finding.cost);
  exchange_texts(io, finding.evidence);
  exchange_list(io, finding.locks, [&](auto& lock) { exchange_lock(io, lock); });
  exchange_list(io, finding.ring, [&](auto& step) {
    io.number(step.goid);
    io.number(step.lock);
  });
  exchange_optional(io, finding.network, [&](auto& network) { exchange_network(io, network); });
  io.text(finding.title);
  io.text(finding.advice);
  io.text(finding.fingerprint);
  exchange_optional(io, finding.growth, [&](auto& growth) { exchange_growth(io, growth); });
  exchange_optional_flag(io, finding.known);
}

template <typename Io, typename List>
void exchange_findings(Io& io, List& findings) {
  exchange_list(io, findings, [&](auto& finding) { exchange_finding(io, finding); });
}

template <typename Io, typename Checked>
void exchange_checked(Io& io, Checked& checked) {
  io.number(checked.goroutines);
  io.number(checked.alive);
  io.number(checked.leaked);
  io.number(checked.likely);
  io.number(checked.parked);
  io.number(checked.suppressed);
  io.number(checked.unknown);
  std::vector<std::pair<std::string, std::uint64_t>> reasons(checked.unknown_reasons.begin(),
                                                             checked.unknown_reasons.end());
  exchange_list(io, reasons, [&](auto& reason) {
    io.text(reason.first);
    io.number(reason.second);
  });
  if constexpr (Io::kReads) checked.unknown_reasons = {reasons.begin(), reasons.end()};
}

template <typename Io, typename Pattern>
void exchange_pattern(Io& io, Pattern& pattern) {
  if constexpr (Io::kReads) {
    std::string text;
    io.text(text);
    if (!text.empty()) pattern = FunctionPattern(std::move(text));
  } else {
    io.text(pattern.text());
  }
}

template <typename Io, typename Entry>
void exchange_entry(Io& io, Entry& entry) {
  io.text(entry.reason);
  io.text(entry.rule);
  exchange_pattern(io, entry.top);
  exchange_pattern(io, entry.any);
  exchange_pattern(io, entry.created_by);
  io.text(entry.until);
  io.number(entry.line);
}

template <typename Io, typename Verdict>
void exchange_accepted(Io& io, Verdict& verdict) {
  exchange_list(io, verdict.suppressed, [&](auto& suppressed) {
    exchange_entry(io, suppressed.entry);
    exchange_findings(io, suppressed.findings);
  });
  io.text(verdict.suppressions.path);
  for (auto* entries : {&verdict.suppressions.unused, &verdict.suppressions.expired})
    exchange_list(io, *entries, [&](auto& entry) { exchange_entry(io, entry); });
  exchange_optional(io, verdict.baseline, [&](auto& review) {
    io.text(review.path);
    exchange_list(io, review.gone, [&](auto& known) {
      io.text(known.fingerprint);
      io.text(known.rule);
      io.number(known.count);
      io.text(known.blocked_in);
      io.text(known.created_by);
    });
  });
}

template <typename Io, typename Verdict>
void exchange_verdict(Io& io, Verdict& verdict) {
  exchange_checked(io, verdict.checked);
  exchange_findings(io, verdict.findings);
  exchange_findings(io, verdict.parked);
  exchange_list(io, verdict.background, [&](auto& background) {
    io.text(background.function);
    io.text(background.reason);
    exchange_numbers(io, background.goids);
  });
  exchange_accepted(io, verdict);
  io.number(verdict.shared_retained_bytes);
  exchange_list(io, verdict.pictures, [&](auto& picture) {
    exchange_real(io, picture.seconds);
    io.number(picture.goroutines);
    io.signed_number(picture.pause_ns);
  });
  exchange_texts(io, verdict.doubts);
}

// What is known is known from a baseline.
bool is_sound(const Verdict& verdict) {
  auto known = [](const Finding& finding) { return finding.known == true; };
  bool some = std::ranges::any_of(verdict.findings, known);
  for (const Suppressed& suppressed : verdict.suppressed)
    some = some || std::ranges::any_of(suppressed.findings, known);
  return !some || verdict.baseline;
}

template <typename Io, typename Process>
void exchange_judged(Io& io, Process& process) {
  io.text(process.name);
  io.text(process.target.name);
  snapshot::exchange_target(io, process.target);
  snapshot::exchange_picture(io, process.picture);
  io.number(process.of_runtime);
  exchange_verdict(io, process.verdict);
}

}  // namespace

std::string encode_judged(std::span<const Judged> processes) {
  RecordWriter io;
  io.bytes(kMagic);
  exchange_list(io, processes, [&](const Judged& process) { exchange_judged(io, process); });
  return io.take();
}

Result<std::vector<Judged>> decode_judged(ByteView bytes, const std::string& name) {
  if (!as_text(bytes).starts_with(kMagic))
    return fail(Malformed{name, 0, "it is not what this goshawk writes"});
  RecordReader io(bytes.subspan(kMagic.size()));
  std::vector<Judged> processes;
  exchange_list(io, processes, [&](Judged& process) {
    exchange_judged(io, process);
    if (!is_sound(process.verdict)) io.fail("a finding is known from no baseline");
  });
  if (!io.failed() && !io.at_end()) io.fail("there is more than was promised");
  if (io.failed())
    return fail(Malformed{name, kMagic.size() + io.position(), std::string(io.why())});
  return processes;
}

}  // namespace goshawk::report
