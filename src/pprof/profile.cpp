// profile.proto, written field by field with protozero. Strings go through one table whose first
// entry is empty; ids are positions plus one, since zero means "none" in the format.
// Follows runtime/pprof/proto.go and github.com/google/pprof/proto/profile.proto.
#include "pprof/profile.h"

#include <zlib.h>

#include <deque>
#include <protozero/pbf_builder.hpp>

namespace goshawk::pprof {
namespace {

enum class ProfileField : protozero::pbf_tag_type {
  kSampleType = 1,
  kSample = 2,
  kMapping = 3,
  kLocation = 4,
  kFunction = 5,
  kStringTable = 6,
  kTimeNanos = 9,
  kPeriodType = 11,
  kPeriod = 12,
};
enum class ValueTypeField : protozero::pbf_tag_type { kType = 1, kUnit = 2 };
enum class SampleField : protozero::pbf_tag_type { kLocationId = 1, kValue = 2, kLabel = 3 };
enum class LabelField : protozero::pbf_tag_type { kKey = 1, kText = 2, kNumber = 3 };
enum class MappingField : protozero::pbf_tag_type {
  kId = 1,
  kStart = 2,
  kLimit = 3,
  kOffset = 4,
  kFile = 5,
  kBuildId = 6,
  kHasFunctions = 7,
  kHasFiles = 8,
  kHasLines = 9,
  kHasInlinedFrames = 10,
};
enum class LocationField : protozero::pbf_tag_type {
  kId = 1,
  kMapping = 2,
  kAddress = 3,
  kLine = 4
};
enum class LineField : protozero::pbf_tag_type { kFunction = 1, kLine = 2 };
enum class FunctionField : protozero::pbf_tag_type {
  kId = 1,
  kName = 2,
  kSystemName = 3,
  kFile = 4,
  kStartLine = 5,
};

class Encoder {
 public:
  std::string encode(const Profile& profile) {
    id_of("");
    for (const ValueType& type : profile.sample_types)
      add_value_type(ProfileField::kSampleType, type);
    for (const Sample& sample : profile.samples) add_sample(sample);
    for (std::size_t i = 0; i < profile.mappings.size(); ++i)
      add_mapping(i + 1, profile.mappings[i]);
    for (std::size_t i = 0; i < profile.locations.size(); ++i)
      add_location(i + 1, profile.locations[i]);
    for (std::size_t i = 0; i < profile.functions.size(); ++i)
      add_function(i + 1, profile.functions[i]);
    if (profile.time_ns != 0) message_.add_int64(ProfileField::kTimeNanos, profile.time_ns);
    add_value_type(ProfileField::kPeriodType, profile.period_type);
    message_.add_int64(ProfileField::kPeriod, profile.period);
    for (const std::string& text : strings_) message_.add_string(ProfileField::kStringTable, text);
    return std::move(bytes_);
  }

 private:
  std::int64_t id_of(std::string_view text) {
    if (auto found = string_ids_.find(text); found != string_ids_.end()) return found->second;
    auto id = static_cast<std::int64_t>(strings_.size());
    strings_.emplace_back(text);
    string_ids_.emplace(strings_.back(), id);
    return id;
  }

  void add_value_type(ProfileField field, const ValueType& type) {
    protozero::pbf_builder<ValueTypeField> out(message_, field);
    out.add_int64(ValueTypeField::kType, id_of(type.type));
    out.add_int64(ValueTypeField::kUnit, id_of(type.unit));
  }

  void add_sample(const Sample& sample) {
    protozero::pbf_builder<SampleField> out(message_, ProfileField::kSample);
    out.add_packed_uint64(SampleField::kLocationId, sample.location_ids.begin(),
                          sample.location_ids.end());
    out.add_packed_int64(SampleField::kValue, sample.values.begin(), sample.values.end());
    for (const Label& label : sample.labels) {
      protozero::pbf_builder<LabelField> inner(out, SampleField::kLabel);
      inner.add_int64(LabelField::kKey, id_of(label.key));
      if (label.number == 0)
        inner.add_int64(LabelField::kText, id_of(label.text));
      else
        inner.add_int64(LabelField::kNumber, label.number);
    }
  }

  void add_mapping(std::uint64_t id, const Mapping& mapping) {
    protozero::pbf_builder<MappingField> out(message_, ProfileField::kMapping);
    out.add_uint64(MappingField::kId, id);
    out.add_uint64(MappingField::kStart, mapping.range.start.value());
    out.add_uint64(MappingField::kLimit, mapping.range.end.value());
    out.add_uint64(MappingField::kOffset, mapping.file_offset);
    out.add_int64(MappingField::kFile, id_of(mapping.file));
    out.add_int64(MappingField::kBuildId, id_of(mapping.build_id));
    out.add_bool(MappingField::kHasFunctions, true);
    out.add_bool(MappingField::kHasFiles, true);
    out.add_bool(MappingField::kHasLines, true);
    out.add_bool(MappingField::kHasInlinedFrames, true);
  }

  void add_location(std::uint64_t id, const Location& location) {
    protozero::pbf_builder<LocationField> out(message_, ProfileField::kLocation);
    out.add_uint64(LocationField::kId, id);
    if (location.in_mapping) out.add_uint64(LocationField::kMapping, 1);
    out.add_uint64(LocationField::kAddress, location.address.value());
    for (const Line& line : location.lines) {
      protozero::pbf_builder<LineField> inner(out, LocationField::kLine);
      inner.add_uint64(LineField::kFunction, line.function_id);
      inner.add_int64(LineField::kLine, line.line);
    }
  }

  void add_function(std::uint64_t id, const Function& function) {
    protozero::pbf_builder<FunctionField> out(message_, ProfileField::kFunction);
    out.add_uint64(FunctionField::kId, id);
    out.add_int64(FunctionField::kName, id_of(function.name));
    out.add_int64(FunctionField::kSystemName, id_of(function.name));
    out.add_int64(FunctionField::kFile, id_of(function.file));
    if (function.start_line != 0) out.add_int64(FunctionField::kStartLine, function.start_line);
  }

  std::string bytes_;
  protozero::pbf_builder<ProfileField> message_{bytes_};
  std::deque<std::string> strings_;  // a deque: the keys below stay valid
  std::unordered_map<std::string_view, std::int64_t> string_ids_;
};

constexpr int kGzipWindow = 15 + 16;  // deflateInit2: a gzip header

}  // namespace

std::string encode(const Profile& profile) { return Encoder().encode(profile); }

Result<std::string> encode_gzipped(const Profile& profile) {
  std::string plain = encode(profile);
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    return fail(Missing{"memory to compress a profile", "free some memory and try again"});
  std::string packed(deflateBound(&stream, plain.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(plain.data());
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  int status = deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  // avail_in holds 32 bits: a profile of 4 GB does not get here, but must not be cut silently.
  if (status != Z_STREAM_END || plain.size() > 0xffffffffULL)
    return fail(Malformed{"the profile", plain.size(), "too large to compress"});
  return packed;
}

}  // namespace goshawk::pprof
