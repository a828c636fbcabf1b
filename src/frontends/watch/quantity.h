// What is counted of a program that is watched: totals, and the parts that they are made of.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "findings/finding.h"

namespace goshawk::frontends::watch {

enum class Quantity : std::uint8_t {
  kGoroutines,       // of a go statement
  kGoroutinesIn,     // that stand at a place; of an endpoint, which does not tell go statements
  kAllGoroutines,    // of the program
  kTimers,           // that are pending
  kHeap,             // bytes that Go's heap has in use
  kHeapOfSize,       // of objects of one size class: the place's line is their bytes
  kHeapAllocatedIn,  // of what was allocated at a place; of an endpoint
  kResident,         // bytes that are in memory and of no file
  kAllocated,        // bytes that were ever allocated: less than before, it is another process
};

// "goroutines", "all-goroutines", "heap", "resident" ...: stable names.
std::string_view name_of(Quantity quantity);
std::optional<Quantity> find_quantity(std::string_view name);
bool is_memory(Quantity quantity);
// One of many that a total is made of: it has a place.
bool is_part(Quantity quantity);
// Goroutines at a place.
bool is_site(Quantity quantity);
// "goroutines started in shop.Fetch (price.go:41)", "Go's heap".
std::string describe_subject(Quantity quantity, const findings::CodePlace& place);
// The same for a table, of which the heading says what it is: "shop.Fetch (price.go:41)".
std::string describe_in_short(Quantity quantity, const findings::CodePlace& place);

}  // namespace goshawk::frontends::watch
