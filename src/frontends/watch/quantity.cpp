#include "frontends/watch/quantity.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "report/code_lines.h"
#include "report/measures.h"

namespace goshawk::frontends::watch {
namespace {

struct Row {
  Quantity quantity;
  std::string_view name;
  bool memory, part;
};

constexpr std::array<Row, 9> kRows = {{
    {Quantity::kGoroutines, "goroutines", false, true},
    {Quantity::kGoroutinesIn, "goroutines-in", false, true},
    {Quantity::kAllGoroutines, "all-goroutines", false, false},
    {Quantity::kTimers, "timers", false, false},
    {Quantity::kHeap, "heap", true, false},
    {Quantity::kHeapOfSize, "heap-of-size", true, true},
    {Quantity::kHeapAllocatedIn, "heap-allocated-in", true, true},
    {Quantity::kResident, "resident", true, false},
    {Quantity::kAllocated, "allocated", true, false},
}};

const Row& row_of(Quantity quantity) { return kRows[static_cast<std::size_t>(quantity)]; }

std::string place_text(const findings::CodePlace& place) {
  if (place.function.empty()) return "code without a name";
  return fmt::format("{} ({})", place.function, report::place_text(place.file, place.line, 0));
}

std::string size_text(const findings::CodePlace& place) {
  if (place.line == 0) return "objects larger than 32 KB";
  return fmt::format("objects of {} bytes", report::human_count(place.line));
}

}  // namespace

std::string_view name_of(Quantity quantity) { return row_of(quantity).name; }
bool is_memory(Quantity quantity) { return row_of(quantity).memory; }
bool is_part(Quantity quantity) { return row_of(quantity).part; }
bool is_site(Quantity quantity) { return is_part(quantity) && !is_memory(quantity); }

std::optional<Quantity> find_quantity(std::string_view name) {
  auto row = std::ranges::find(kRows, name, &Row::name);
  return row == kRows.end() ? std::nullopt : std::optional(row->quantity);
}

std::string describe_subject(Quantity quantity, const findings::CodePlace& place) {
  switch (quantity) {
    case Quantity::kGoroutines:
      return "goroutines started in " + place_text(place);
    case Quantity::kGoroutinesIn:
      return "goroutines that stand in " + place_text(place);
    case Quantity::kAllGoroutines:
      return "goroutines of many sites together";
    case Quantity::kTimers:
      return "timers";
    case Quantity::kHeap:
      return "Go's heap";
    case Quantity::kHeapOfSize:
      return "memory in " + size_text(place);
    case Quantity::kHeapAllocatedIn:
      return "memory allocated in " + place_text(place);
    case Quantity::kResident:
      return "memory outside of Go's heap";
    case Quantity::kAllocated:
      return "what was ever allocated";
  }
  return "";
}

std::string describe_in_short(Quantity quantity, const findings::CodePlace& place) {
  switch (quantity) {
    case Quantity::kGoroutines:
      return place_text(place);
    case Quantity::kGoroutinesIn:
      return "in " + place_text(place);
    case Quantity::kAllGoroutines:
      return "all goroutines";
    case Quantity::kHeapOfSize:
      return "heap: " + size_text(place);
    case Quantity::kHeapAllocatedIn:
      return "heap: " + place_text(place);
    case Quantity::kResident:
      return "resident memory";
    default:
      return describe_subject(quantity, place);
  }
}

}  // namespace goshawk::frontends::watch
