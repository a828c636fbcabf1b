// A pprof profile as plain data, and its encoding (profile.proto, gzipped).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/address.h"
#include "base/result.h"

namespace goshawk::pprof {

struct ValueType {
  std::string type;  // "goroutine"
  std::string unit;  // "count"
};

struct Line {
  std::uint64_t function_id = 0;  // index in Profile::functions, plus one
  std::int64_t line = 0;
};

struct Location {
  Address address;          // inside the calling instruction: the return address minus one
  bool in_mapping = true;   // in the first mapping
  std::vector<Line> lines;  // innermost (inlined) call first
};

struct Function {
  std::string name;
  std::string file;
  std::int64_t start_line = 0;
};

struct Mapping {
  AddressRange range;  // may be empty: not known
  std::uint64_t file_offset = 0;
  std::string file;
  std::string build_id;
};

struct Label {
  std::string key;
  std::string text = {};    // empty: it is a number
  std::int64_t number = 0;  // in the unit that its key names
};

struct Sample {
  std::vector<std::uint64_t>
      location_ids;                  // index in Profile::locations, plus one; innermost first
  std::vector<std::int64_t> values;  // one for each sample type
  std::vector<Label> labels;
};

struct Profile {
  std::vector<ValueType> sample_types;
  ValueType period_type;
  std::int64_t period = 0;
  std::int64_t time_ns = 0;  // Unix time
  std::vector<Sample> samples;
  std::vector<Location> locations;
  std::vector<Function> functions;
  std::vector<Mapping> mappings;
};

// The protobuf message, not compressed.
std::string encode(const Profile& profile);
Result<std::string> encode_gzipped(const Profile& profile);

}  // namespace goshawk::pprof
