// Fitted to lists and trees of 100 MB to a gigabyte, in order and shuffled: 4 bytes for each
// number's row, as many for each reference, of which a quarter of the words that could hold one
// does; what proves and marks takes a few bytes more for each number, what tells types and
// dominators 30. A heap of nothing but pointers wants up to three times as much: what is kept to is
// watched, not forecast.
#include "goruntime/memory_forecast.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "base/memory_size.h"
#include "target/memory_headroom.h"
#include "target/process_directory.h"
#include "target/reading_ahead.h"

namespace goshawk::goruntime {
namespace {

// What would be free if all that can be given back were; nullopt: that is not known.
std::optional<std::uint64_t> read_own_headroom() {
  auto self = target::ProcessDirectory::open(::getpid());
  if (!self) return std::nullopt;
  std::optional<std::uint64_t> left = target::read_available_memory();
  auto membership = self->read_file("cgroup");
  if (!membership) return left;
  target::Headroom group = target::read_cgroup_headroom(*membership, "/sys/fs/cgroup");
  if (group.bytes) left = std::min(left.value_or(*group.bytes), *group.bytes);
  return left;
}

std::uint64_t read_own_resident_bytes() {
  auto self = target::ProcessDirectory::open(::getpid());
  auto stat = self ? target::parse_stat(self->read_file("stat").value_or("")) : std::nullopt;
  return stat ? stat->resident_pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) : 0;
}

constexpr const char* kRemedy =
    "goshawk goroutines wants far less, a core or a snapshot may be looked at on a larger machine";

}  // namespace

std::uint64_t predict_memory_bytes(const snapshot::Objects& objects, std::uint64_t goroutines,
                                   bool types) {
  constexpr std::uint64_t kBase = 32 << 20, kGoroutine = 1500;
  constexpr std::uint64_t kRow = 4, kProof = 4, kTypes = 30;
  std::uint64_t words = 0;
  for (const snapshot::Span& span : objects.spans())
    if (!span.noscan) words += span.slots * (span.element_size_bytes / 8);
  std::uint64_t numbers = types ? objects.count() : objects.row_count();
  return kBase + goroutines * kGoroutine + objects.row_count() * kRow + words +
         numbers * (types ? kTypes : kProof);
}

std::uint64_t predict_bytes_ahead(const snapshot::Objects& objects, std::uint64_t goroutines,
                                  std::uint64_t stack_bytes) {
  constexpr std::uint64_t kSpan = 500, kRow = 4, kG = 512;
  return objects.spans().size() * kSpan + objects.row_count() * kRow + goroutines * kG +
         std::min(stack_bytes, target::kMostKeptAhead);
}

Result<void> check_memory(std::uint64_t predicted_bytes, std::uint64_t max_memory_bytes) {
  if (max_memory_bytes > 0) {
    if (predicted_bytes <= max_memory_bytes) return {};
    return fail(
        Missing{fmt::format("this heap wants about {} of memory, more than --max-memory {}",
                            memory_size_text(predicted_bytes), memory_size_text(max_memory_bytes)),
                fmt::format("allow more; {}", kRemedy)});
  }
  std::uint64_t resident = read_own_resident_bytes();
  std::uint64_t more = predicted_bytes - std::min(predicted_bytes, resident);
  auto left = read_own_headroom();
  if (!left || more <= *left) return {};
  return fail(Missing{
      fmt::format("this heap wants about {} of memory more, and {} are left to goshawk, on this "
                  "machine or in its cgroup",
                  memory_size_text(more), memory_size_text(*left)),
      fmt::format("make room; {}; --max-memory {} tries all the same", kRemedy,
                  memory_size_text(predicted_bytes))});
}

}  // namespace goshawk::goruntime
