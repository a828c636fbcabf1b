// The names that a Go text gives below each record, in lines that other readers take for comments:
//   #	0x48a2f1	main.(*pool).work+0x31	/src/pool.go:42
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/address.h"
#include "pprof/profile_builder.h"

namespace goshawk::pprof {

struct NamedFrame {
  Address address;  // as Location has it
  std::string_view function, file;
  std::int64_t line = 0;
};

// Nothing: the line is about something else, or has no name.
std::optional<NamedFrame> parse_named_frame(std::string_view line);

// Locations by their addresses, each named once.
class TextSymbols {
 public:
  explicit TextSymbols(ProfileBuilder& builder) : builder_(builder) {}

  // Those of a stack of return addresses, innermost first: the record that names follow.
  std::span<const LocationId> begin_record(std::span<const Address> return_addresses);
  void add_name(const NamedFrame& frame);
  // What has no name in any record is named after the rule by which Go leaves names out.
  void finish();

 private:
  // Why a location without a name has none.
  enum class Nameless : std::uint8_t { kUnknown, kRuntime, kGoexit };

  void end_record();
  void give_name(LocationId location, std::string_view function, std::string_view file,
                 std::int64_t line);
  FunctionId function_of(std::string_view name, std::string_view file);

  ProfileBuilder& builder_;
  std::unordered_map<Address, LocationId> locations_;
  std::unordered_map<std::uint64_t, FunctionId> functions_;  // by the ids of name and file
  std::vector<Nameless> nameless_;                           // of each location
  std::vector<LocationId> stack_;                            // of the record
  LocationId first_named_ = kNone;                           // of the record
};

}  // namespace goshawk::pprof
