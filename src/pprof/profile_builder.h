// Puts a profile together: texts once, whatever how often they are named.
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "pprof/profile.h"

namespace goshawk::pprof {

class ProfileBuilder {
 public:
  StringId text(std::string_view text);
  void add_sample_type(std::string_view type, std::string_view unit);
  void set_period(std::string_view type, std::string_view unit, std::int64_t period);
  void set_time(std::int64_t time_ns) { profile_.time_ns = time_ns; }

  MappingId add_mapping(AddressRange range, std::uint64_t file_offset, std::string_view file,
                        std::string_view build_id);
  FunctionId add_function(std::string_view name, std::string_view file,
                          std::int64_t start_line = 0);
  LocationId add_location(Address address, MappingId mapping, std::span<const Line> lines);

  // Its labels come after it.
  SampleId add_sample(std::span<const LocationId> stack, std::span<const std::int64_t> values);
  void add_label(std::string_view key, std::string_view value);
  void add_label(std::string_view key, std::int64_t number);

  // What there is so far: for what has to be changed in it afterwards.
  Profile& profile() { return profile_; }
  Profile finish() { return std::move(profile_); }

 private:
  void add_label(const Label& label);

  Profile profile_;
  std::unordered_map<std::string, StringId> ids_;
};

}  // namespace goshawk::pprof
