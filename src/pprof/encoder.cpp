// profile.proto, written field by field with protozero; ids are positions plus one, since zero
// means "none" in the format. Follows runtime/pprof/proto.go and
// github.com/google/pprof/proto/profile.proto.
#include "pprof/encoder.h"

#include <zlib.h>

#include <protozero/pbf_builder.hpp>
#include <vector>

#include "pprof/message_fields.h"

namespace goshawk::pprof {
namespace {

class Encoder {
 public:
  explicit Encoder(const Profile& profile) : profile_(profile) {}

  std::string encode() {
    for (ValueType type : profile_.sample_types) add_value_type(ProfileField::kSampleType, type);
    for (SampleId sample = 0; sample < profile_.sample_count(); ++sample) add_sample(sample);
    for (MappingId id = 0; id < profile_.mappings.size(); ++id) add_mapping(id);
    for (LocationId id = 0; id < profile_.locations.size(); ++id) add_location(id);
    for (FunctionId id = 0; id < profile_.functions.size(); ++id) add_function(id);
    add_head();
    for (StringId id = 0; id < profile_.strings.size(); ++id)
      message_.add_string(ProfileField::kStringTable, profile_.strings[id].data(),
                          profile_.strings[id].size());
    return std::move(bytes_);
  }

 private:
  void add_head() {
    add_known(ProfileField::kDropFrames, profile_.drop_frames);
    add_known(ProfileField::kKeepFrames, profile_.keep_frames);
    add_known(ProfileField::kTimeNanos, profile_.time_ns);
    add_known(ProfileField::kDurationNanos, profile_.duration_ns);
    add_value_type(ProfileField::kPeriodType, profile_.period_type);
    message_.add_int64(ProfileField::kPeriod, profile_.period);
    add_known(ProfileField::kDefaultSampleType, profile_.default_sample_type);
  }

  void add_known(ProfileField field, std::int64_t number) {
    if (number != 0) message_.add_int64(field, number);
  }

  void add_value_type(ProfileField field, ValueType type) {
    protozero::pbf_builder<ValueTypeField> out(message_, field);
    out.add_int64(ValueTypeField::kType, type.type);
    out.add_int64(ValueTypeField::kUnit, type.unit);
  }

  void add_sample(SampleId sample) {
    ids_.clear();
    for (LocationId id : profile_.stack_of(sample)) ids_.push_back(std::uint64_t{id} + 1);
    std::span<const std::int64_t> values = profile_.values_of(sample);
    protozero::pbf_builder<SampleField> out(message_, ProfileField::kSample);
    out.add_packed_uint64(SampleField::kLocationId, ids_.begin(), ids_.end());
    out.add_packed_int64(SampleField::kValue, values.begin(), values.end());
    for (const Label& label : profile_.labels_of(sample)) {
      protozero::pbf_builder<LabelField> inner(out, SampleField::kLabel);
      inner.add_int64(LabelField::kKey, label.key);
      // Of an empty text and of the number 0 the format knows no difference.
      if (label.text != 0 || label.number == 0)
        inner.add_int64(LabelField::kText, label.text);
      else
        inner.add_int64(LabelField::kNumber, label.number);
    }
  }

  void add_mapping(MappingId id) {
    const Mapping& mapping = profile_.mappings[id];
    protozero::pbf_builder<MappingField> out(message_, ProfileField::kMapping);
    out.add_uint64(MappingField::kId, std::uint64_t{id} + 1);
    out.add_uint64(MappingField::kStart, mapping.range.start.value());
    out.add_uint64(MappingField::kLimit, mapping.range.end.value());
    out.add_uint64(MappingField::kOffset, mapping.file_offset);
    out.add_int64(MappingField::kFile, mapping.file);
    out.add_int64(MappingField::kBuildId, mapping.build_id);
    out.add_bool(MappingField::kHasFunctions, true);
    out.add_bool(MappingField::kHasFiles, true);
    out.add_bool(MappingField::kHasLines, true);
    out.add_bool(MappingField::kHasInlinedFrames, true);
  }

  void add_location(LocationId id) {
    const Location& location = profile_.locations[id];
    protozero::pbf_builder<LocationField> out(message_, ProfileField::kLocation);
    out.add_uint64(LocationField::kId, std::uint64_t{id} + 1);
    if (location.mapping != kNone)
      out.add_uint64(LocationField::kMapping, std::uint64_t{location.mapping} + 1);
    out.add_uint64(LocationField::kAddress, location.address.value());
    for (const Line& line : profile_.lines_of(id)) {
      protozero::pbf_builder<LineField> inner(out, LocationField::kLine);
      inner.add_uint64(LineField::kFunction, std::uint64_t{line.function} + 1);
      inner.add_int64(LineField::kLine, line.line);
    }
  }

  void add_function(FunctionId id) {
    const Function& function = profile_.functions[id];
    protozero::pbf_builder<FunctionField> out(message_, ProfileField::kFunction);
    out.add_uint64(FunctionField::kId, std::uint64_t{id} + 1);
    out.add_int64(FunctionField::kName, function.name);
    out.add_int64(FunctionField::kSystemName, function.name);
    out.add_int64(FunctionField::kFile, function.file);
    if (function.start_line != 0) out.add_int64(FunctionField::kStartLine, function.start_line);
  }

  const Profile& profile_;
  std::string bytes_;
  protozero::pbf_builder<ProfileField> message_{bytes_};
  std::vector<std::uint64_t> ids_;  // of one sample
};

constexpr int kGzipWindow = 15 + 16;  // deflateInit2: a gzip header

}  // namespace

std::string encode(const Profile& profile) { return Encoder(profile).encode(); }

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
