// One field after the other as it comes out of the stream, so that the message never lies in memory
// as a whole: only what is kept of it does. Ids become indices as they come by; that each of them
// was defined, and each text is there, is checked in the end.
// Follows github.com/google/pprof/profile (encode.go postDecode, profile.go CheckValid): what is
// refused there is refused here. Comments, columns, units of labels and has_ flags
// are left out.
#include "pprof/message_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <protozero/pbf_message.hpp>
#include <string>

#include "pprof/id_table.h"
#include "pprof/message_fields.h"

namespace goshawk::pprof {
namespace {

// Many times what programs write; a file that claims more is none of theirs, and what is kept of it
// would not fit into memory.
constexpr std::size_t kMostFieldBytes = 1 << 26;
constexpr std::size_t kMostStackEntries = 1 << 28;
constexpr std::size_t kMostValues = 1 << 27;
constexpr std::size_t kMostLabels = 1 << 25;
constexpr std::size_t kMostOthers = 1 << 24;  // locations, functions, lines, texts

constexpr std::size_t kMostHeadBytes = 20;  // a tag and a length

template <typename Field>
constexpr std::uint32_t varint(Field field) {
  return protozero::tag_and_type(field, protozero::pbf_wire_type::varint);
}
template <typename Field>
constexpr std::uint32_t delimited(Field field) {
  return protozero::tag_and_type(field, protozero::pbf_wire_type::length_delimited);
}

class MessageReader {
 public:
  explicit MessageReader(ByteStream& stream) : stream_(stream) {}

  Result<Profile> read() {
    for (;;) {
      ByteView head = TRY(stream_.peek(kMostHeadBytes));
      if (head.empty()) break;
      TRY_VOID(read_field(head.first(std::min(head.size(), kMostHeadBytes))));
    }
    TRY_VOID(check());
    return std::move(profile_);
  }

 private:
  // The whole field with its head is handed to protozero, which checks it; it throws.
  Result<void> read_field(ByteView head) {
    std::size_t size = TRY(field_size(head));
    ByteView bytes = TRY(stream_.peek(size));
    if (bytes.size() < size)
      return fail(stream_.malformed("the profile ends in the middle of a field", bytes.size()));
    try {
      protozero::pbf_message<ProfileField> field(text_of(bytes.first(size)));
      field.next();
      if (const char* problem = keep(field)) return fail(stream_.malformed(problem));
    } catch (const protozero::exception& broken) {
      return fail(stream_.malformed(fmt::format("no valid profile: {}", broken.what())));
    }
    stream_.skip(size);
    return {};
  }

  static protozero::data_view text_of(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

  Result<std::size_t> field_size(ByteView head) {
    Cursor cursor(head);
    std::uint64_t tag = cursor.uvarint();
    std::uint64_t length = 0;
    switch (static_cast<protozero::pbf_wire_type>(tag & 7)) {
      case protozero::pbf_wire_type::varint:
        cursor.uvarint();
        break;
      case protozero::pbf_wire_type::fixed64:
        length = 8;
        break;
      case protozero::pbf_wire_type::length_delimited:
        length = cursor.uvarint();
        break;
      case protozero::pbf_wire_type::fixed32:
        length = 4;
        break;
      default:
        return fail(stream_.malformed(fmt::format("no valid profile: wire type {}", tag & 7)));
    }
    if (cursor.failed()) return fail(stream_.malformed("the head of a field is cut off or broken"));
    if (length > kMostFieldBytes)
      return fail(stream_.malformed(fmt::format("a field claims {} bytes", length)));
    return cursor.position() + length;
  }

  // What is wrong with it, or null.
  const char* keep(protozero::pbf_message<ProfileField>& field) {
    switch (field.tag_and_type()) {
      case delimited(ProfileField::kSample):
        return keep_sample(field.get_message());
      case delimited(ProfileField::kLocation):
        return keep_location(field.get_message());
      case delimited(ProfileField::kFunction):
        return keep_function(field.get_message());
      case delimited(ProfileField::kMapping):
        return keep_mapping(field.get_message());
      case delimited(ProfileField::kStringTable):
        return keep_text(field.get_view());
      case delimited(ProfileField::kSampleType):
        profile_.sample_types.push_back(value_type(field.get_message()));
        return profile_.sample_types.size() > kMostSampleTypes ? "too many sample types" : nullptr;
      case delimited(ProfileField::kPeriodType):
        profile_.period_type = value_type(field.get_message());
        return nullptr;
      case varint(ProfileField::kPeriod):
        profile_.period = field.get_int64();
        return nullptr;
      case varint(ProfileField::kTimeNanos):
        profile_.time_ns = field.get_int64();
        return nullptr;
      case varint(ProfileField::kDurationNanos):
        profile_.duration_ns = field.get_int64();
        return nullptr;
      case varint(ProfileField::kDropFrames):
        profile_.drop_frames = string_id(field.get_int64());
        return nullptr;
      case varint(ProfileField::kKeepFrames):
        profile_.keep_frames = string_id(field.get_int64());
        return nullptr;
      case varint(ProfileField::kDefaultSampleType):
        profile_.default_sample_type = string_id(field.get_int64());
        return nullptr;
      default:
        return is_known(field.tag()) ? "a field is of another type than profiles have" : nullptr;
    }
  }

  // Of those that are looked at.
  static bool is_known(ProfileField field) {
    return field >= ProfileField::kSampleType && field <= ProfileField::kDefaultSampleType &&
           field != ProfileField::kComment;
  }

  StringId string_id(std::int64_t id) {
    auto valid = static_cast<std::uint64_t>(id);  // a negative one is far too large
    if (valid > largest_string_) {
      largest_string_ = valid;
      largest_string_offset_ = stream_.position();
    }
    return static_cast<StringId>(valid);
  }

  ValueType value_type(protozero::pbf_message<ValueTypeField> message) {
    ValueType type;
    while (message.next()) {
      switch (message.tag_and_type()) {
        case varint(ValueTypeField::kType):
          type.type = string_id(message.get_int64());
          break;
        case varint(ValueTypeField::kUnit):
          type.unit = string_id(message.get_int64());
          break;
        default:
          message.skip();
      }
    }
    return type;
  }

  const char* keep_text(protozero::data_view text) {
    // The format's first text is the empty one, which Strings begins with.
    if (!has_first_text_) {
      has_first_text_ = true;
      return text.empty() ? nullptr : "the first text of the table is not empty";
    }
    profile_.strings.add({text.data(), text.size()});
    return profile_.strings.size() > kMostOthers ? "too many texts" : nullptr;
  }

  const char* add_to_stack(std::uint64_t id) {
    if (id == 0) return "a sample names the location 0";
    profile_.stacks.push_back(location_ids_.index_of(id, stream_.position()));
    return nullptr;
  }

  const char* keep_sample(protozero::pbf_message<SampleField> message) {
    std::size_t values_before = profile_.values.size();
    while (message.next()) {
      const char* problem = nullptr;
      switch (message.tag_and_type()) {
        case delimited(SampleField::kLocationId):
          for (std::uint64_t id : message.get_packed_uint64())
            if (const char* wrong = add_to_stack(id)) return wrong;
          break;
        case varint(SampleField::kLocationId):
          problem = add_to_stack(message.get_uint64());
          break;
        case delimited(SampleField::kValue):
          for (std::int64_t value : message.get_packed_int64()) profile_.values.push_back(value);
          break;
        case varint(SampleField::kValue):
          profile_.values.push_back(message.get_int64());
          break;
        case delimited(SampleField::kLabel):
          keep_label(message.get_message());
          break;
        default:
          message.skip();
      }
      if (problem != nullptr) return problem;
    }
    profile_.stack_ends.push_back(static_cast<std::uint32_t>(profile_.stacks.size()));
    profile_.label_ends.push_back(static_cast<std::uint32_t>(profile_.labels.size()));
    return check_sample(profile_.values.size() - values_before);
  }

  const char* check_sample(std::size_t value_count) {
    if (profile_.sample_count() == 1) values_of_sample_ = value_count;
    if (value_count != values_of_sample_) return "samples have different numbers of values";
    if (profile_.stacks.size() > kMostStackEntries) return "the stacks are too long";
    if (profile_.values.size() > kMostValues) return "too many values";
    if (profile_.labels.size() > kMostLabels) return "too many labels";
    return profile_.sample_count() > kMostValues ? "too many samples" : nullptr;
  }

  void keep_label(protozero::pbf_message<LabelField> message) {
    Label label;
    while (message.next()) {
      switch (message.tag_and_type()) {
        case varint(LabelField::kKey):
          label.key = string_id(message.get_int64());
          break;
        case varint(LabelField::kText):
          label.text = string_id(message.get_int64());
          break;
        case varint(LabelField::kNumber):
          label.number = message.get_int64();
          break;
        default:
          message.skip();
      }
    }
    profile_.labels.push_back(label);
  }

  const char* keep_location(protozero::pbf_message<LocationField> message) {
    std::uint64_t id = 0;
    Location location;
    location.first_line = static_cast<std::uint32_t>(profile_.lines.size());
    while (message.next()) {
      switch (message.tag_and_type()) {
        case varint(LocationField::kId):
          id = message.get_uint64();
          break;
        case varint(LocationField::kMapping):
          if (std::uint64_t mapping = message.get_uint64(); mapping != 0)
            location.mapping = mapping_ids_.index_of(mapping, stream_.position());
          break;
        case varint(LocationField::kAddress):
          location.address = Address(message.get_uint64());
          break;
        case delimited(LocationField::kLine):
          profile_.lines.push_back(line(message.get_message()));
          break;
        default:
          message.skip();
      }
    }
    location.line_count = static_cast<std::uint32_t>(profile_.lines.size()) - location.first_line;
    if (profile_.lines.size() > kMostOthers) return "too many lines";
    return define(location_ids_, id, profile_.locations, location, kLocationProblems);
  }

  Line line(protozero::pbf_message<LineField> message) {
    Line line;
    while (message.next()) {
      switch (message.tag_and_type()) {
        case varint(LineField::kFunction):
          line.function = function_ids_.index_of(message.get_uint64(), stream_.position());
          break;
        case varint(LineField::kLine):
          line.line = message.get_int64();
          break;
        default:
          message.skip();
      }
    }
    // A line without a function is like one with a function that is nowhere.
    if (line.function == kNone) line.function = function_ids_.index_of(0, stream_.position());
    return line;
  }

  const char* keep_function(protozero::pbf_message<FunctionField> message) {
    std::uint64_t id = 0;
    Function function;
    while (message.next()) {
      switch (message.tag_and_type()) {
        case varint(FunctionField::kId):
          id = message.get_uint64();
          break;
        case varint(FunctionField::kName):
          function.name = string_id(message.get_int64());
          break;
        case varint(FunctionField::kFile):
          function.file = string_id(message.get_int64());
          break;
        case varint(FunctionField::kStartLine):
          function.start_line = message.get_int64();
          break;
        default:
          message.skip();
      }
    }
    return define(function_ids_, id, profile_.functions, function, kFunctionProblems);
  }

  const char* keep_mapping(protozero::pbf_message<MappingField> message) {
    std::uint64_t id = 0;
    Mapping mapping;
    while (message.next()) {
      switch (message.tag_and_type()) {
        case varint(MappingField::kId):
          id = message.get_uint64();
          break;
        case varint(MappingField::kStart):
          mapping.range.start = Address(message.get_uint64());
          break;
        case varint(MappingField::kLimit):
          mapping.range.end = Address(message.get_uint64());
          break;
        case varint(MappingField::kOffset):
          mapping.file_offset = message.get_uint64();
          break;
        case varint(MappingField::kFile):
          mapping.file = string_id(message.get_int64());
          break;
        case varint(MappingField::kBuildId):
          mapping.build_id = string_id(message.get_int64());
          break;
        default:
          message.skip();
      }
    }
    return define(mapping_ids_, id, profile_.mappings, mapping, kMappingProblems);
  }

  struct Problems {
    const char *reserved, *twice, *too_many;
  };
  static constexpr Problems kLocationProblems{"a location has the id 0",
                                              "two locations have one id", "too many locations"};
  static constexpr Problems kFunctionProblems{"a function has the id 0",
                                              "two functions have one id", "too many functions"};
  static constexpr Problems kMappingProblems{"a mapping has the id 0", "two mappings have one id",
                                             "too many mappings"};

  template <typename T>
  const char* define(IdTable& ids, std::uint64_t id, GrowingArray<T>& all, const T& one,
                     const Problems& problems) {
    if (id == 0) return problems.reserved;
    auto index = ids.define(id, stream_.position());
    if (!index) return problems.twice;
    if (ids.size() > kMostOthers) return problems.too_many;
    if (all.size() <= *index) all.resize(*index + 1);
    all[*index] = one;
    return nullptr;
  }

  Result<void> check() {
    if (stream_.position() == 0) return fail(stream_.malformed("there is nothing in it"));
    if (profile_.sample_count() > 0 && profile_.sample_types.empty())
      return fail(stream_.malformed("it does not say what its samples count"));
    if (profile_.sample_count() > 0 && values_of_sample_ != profile_.sample_types.size())
      return fail(stream_.malformed(fmt::format("samples have {} values each, for {} sample types",
                                                values_of_sample_, profile_.sample_types.size())));
    if (largest_string_ >= profile_.strings.size())
      return fail(Malformed{stream_.name(), largest_string_offset_,
                            fmt::format("text {} is named, and there are {}", largest_string_,
                                        profile_.strings.size())});
    TRY_VOID(check_defined(location_ids_, "location"));
    TRY_VOID(check_defined(function_ids_, "function"));
    forget_undefined_mappings();
    return {};
  }

  Result<void> check_defined(const IdTable& ids, std::string_view what) {
    for (std::uint32_t i = 0; i < ids.size(); ++i)
      if (!ids[i].is_defined)
        return fail(Malformed{stream_.name(), ids[i].offset,
                              fmt::format("{} {} is named and is nowhere", what, ids[i].id)});
    return {};
  }

  void forget_undefined_mappings() {
    for (Location& location : profile_.locations)
      if (location.mapping != kNone && !mapping_ids_[location.mapping].is_defined)
        location.mapping = kNone;
  }

  static constexpr std::size_t kMostSampleTypes = 1024;

  ByteStream& stream_;
  Profile profile_;
  IdTable location_ids_, function_ids_, mapping_ids_;
  std::size_t values_of_sample_ = 0;
  std::uint64_t largest_string_ = 0, largest_string_offset_ = 0;
  bool has_first_text_ = false;
};

}  // namespace

Result<Profile> read_message(ByteStream& stream) { return MessageReader(stream).read(); }

}  // namespace goshawk::pprof
