// A pprof profile as plain data: flat arrays that hold a million stacks in the memory of their
// numbers. Everything refers to everything else by index.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/growing_array.h"

namespace goshawk::pprof {

using StringId = std::uint32_t;    // 0 is the empty string
using FunctionId = std::uint32_t;  // all from 0
using LocationId = std::uint32_t;
using MappingId = std::uint32_t;
using SampleId = std::uint32_t;
inline constexpr std::uint32_t kNone = 0xffffffff;

struct ValueType {
  StringId type = 0;  // "goroutine"
  StringId unit = 0;  // "count"
};

struct Line {
  FunctionId function = kNone;
  std::int64_t line = 0;
};

struct Location {
  Address address;  // inside the calling instruction: the return address minus one; may be null
  MappingId mapping = kNone;
  std::uint32_t first_line = 0;  // in Profile::lines, innermost (inlined) call first
  std::uint32_t line_count = 0;  // 0: nobody said what is there
};

struct Function {
  StringId name = 0;
  StringId file = 0;
  std::int64_t start_line = 0;
};

struct Mapping {
  AddressRange range;  // may be empty: not known
  std::uint64_t file_offset = 0;
  StringId file = 0;
  StringId build_id = 0;
};

struct Label {
  StringId key = 0;
  StringId text = 0;        // 0: it is a number
  std::int64_t number = 0;  // in the unit that its key names
};

// Texts behind each other; the empty one is there from the beginning.
class Strings {
 public:
  Strings() { ends_.push_back(0); }
  StringId add(std::string_view text) {
    letters_.append(text);
    ends_.push_back(static_cast<std::uint32_t>(letters_.size()));
    return static_cast<StringId>(ends_.size() - 1);
  }
  std::string_view operator[](StringId id) const {
    std::uint32_t begin = id == 0 ? 0 : ends_[id - 1];
    return {letters_.data() + begin, ends_[id] - begin};
  }
  std::size_t size() const { return ends_.size(); }
  std::size_t size_bytes() const { return letters_.size(); }

 private:
  GrowingArray<char> letters_;
  GrowingArray<std::uint32_t> ends_;
};

struct Profile {
  Strings strings;
  std::vector<ValueType> sample_types;
  StringId default_sample_type = 0;  // 0: the last one is meant
  ValueType period_type;
  std::int64_t period = 0;
  std::int64_t time_ns = 0;      // Unix time; 0: not known
  std::int64_t duration_ns = 0;  // 0: it is of an instant, or not known
  // Regular expressions of functions that belong to the taking of samples; 0: none.
  StringId drop_frames = 0, keep_frames = 0;

  // Of sample i: [ends[i - 1], ends[i]) of the array that is named.
  GrowingArray<std::uint32_t> stack_ends, label_ends;
  GrowingArray<LocationId> stacks;    // innermost first
  GrowingArray<std::int64_t> values;  // sample_types.size() of each sample
  GrowingArray<Label> labels;
  GrowingArray<Location> locations;
  GrowingArray<Line> lines;
  GrowingArray<Function> functions;
  GrowingArray<Mapping> mappings;

  SampleId sample_count() const { return static_cast<SampleId>(stack_ends.size()); }
  std::span<const LocationId> stack_of(SampleId sample) const {
    return part(std::span<const LocationId>(stacks), stack_ends, sample);
  }
  std::span<const Label> labels_of(SampleId sample) const {
    return part(std::span<const Label>(labels), label_ends, sample);
  }
  std::span<const std::int64_t> values_of(SampleId sample) const {
    return std::span<const std::int64_t>(values).subspan(sample * sample_types.size(),
                                                         sample_types.size());
  }
  std::span<const Line> lines_of(LocationId location) const {
    const Location& at = locations[location];
    return std::span<const Line>(lines).subspan(at.first_line, at.line_count);
  }
  std::string_view type_name(std::size_t sample_type) const {
    return strings[sample_types[sample_type].type];
  }
  std::string_view unit_name(std::size_t sample_type) const {
    return strings[sample_types[sample_type].unit];
  }

 private:
  template <typename T>
  static std::span<const T> part(std::span<const T> all, const GrowingArray<std::uint32_t>& ends,
                                 std::uint32_t i) {
    std::uint32_t begin = i == 0 ? 0 : ends[i - 1];
    return all.subspan(begin, ends[i] - begin);
  }
};

}  // namespace goshawk::pprof
