// Hand-made messages, as writers of other languages make them too, and hostile ones.
#include "pprof/message_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <protozero/pbf_builder.hpp>
#include <string>
#include <vector>

#include "pprof/encoder.h"
#include "pprof/message_fields.h"
#include "pprof/profile_builder.h"
#include "pprof/profile_reader.h"

namespace goshawk::pprof {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Result<Profile> read(const std::string& bytes) {
  ByteStream stream = ByteStream::of(std::as_bytes(std::span(bytes)), "input", kMostProfileBytes);
  return read_profile(stream);
}

std::string error_of(const std::string& bytes) {
  auto profile = read(bytes);
  return profile ? "none" : describe(profile.error());
}

bool is_profile(const std::string& bytes) {
  return pprof::is_profile(std::as_bytes(std::span(bytes)));
}

Profile small_profile() {
  ProfileBuilder builder;
  builder.add_sample_type("inuse_objects", "count");
  builder.add_sample_type("inuse_space", "bytes");
  builder.set_period("space", "bytes", 524288);
  builder.set_time(1'700'000'000'000'000'000);
  MappingId mapping =
      builder.add_mapping({Address(0x400000), Address(0x500000)}, 0, "/srv/a", "id");
  Line lines[] = {{builder.add_function("main.inner", "/a.go", 3), 7},
                  {builder.add_function("main.outer", "/a.go"), 9}};
  LocationId stack[] = {builder.add_location(Address(0x401000), mapping, lines),
                        builder.add_location(Address(0x402000), kNone, {})};
  std::int64_t values[] = {2, 64};
  builder.add_sample(stack, values);
  builder.add_label("bytes", 32);
  builder.add_label("tenant", "blue");
  builder.add_sample({}, values);
  builder.profile().drop_frames = builder.text("drop");
  builder.profile().duration_ns = 5;
  builder.profile().default_sample_type = builder.text("inuse_space");
  return builder.finish();
}

void expect_small(const Profile& profile) {
  ASSERT_EQ(profile.sample_count(), 2u);
  EXPECT_EQ(profile.type_name(1), "inuse_space");
  EXPECT_EQ(profile.unit_name(1), "bytes");
  EXPECT_THAT(profile.values_of(0), ElementsAre(2, 64));
  ASSERT_EQ(profile.stack_of(0).size(), 2u);
  EXPECT_TRUE(profile.stack_of(1).empty());
  LocationId inner = profile.stack_of(0)[0];
  ASSERT_EQ(profile.lines_of(inner).size(), 2u);
  const Function& function = profile.functions[profile.lines_of(inner)[0].function];
  EXPECT_EQ(profile.strings[function.name], "main.inner");
  EXPECT_EQ(profile.strings[function.file], "/a.go");
  EXPECT_EQ(function.start_line, 3);
  EXPECT_EQ(profile.lines_of(inner)[1].line, 9);
  EXPECT_EQ(profile.strings[profile.mappings[profile.locations[inner].mapping].build_id], "id");
  EXPECT_EQ(profile.locations[profile.stack_of(0)[1]].mapping, kNone);
  ASSERT_EQ(profile.labels_of(0).size(), 2u);
  EXPECT_EQ(profile.labels_of(0)[0].number, 32);
  EXPECT_EQ(profile.strings[profile.labels_of(0)[1].text], "blue");
  EXPECT_TRUE(profile.labels_of(1).empty());
  EXPECT_EQ(profile.period, 524288);
  EXPECT_EQ(profile.time_ns, 1'700'000'000'000'000'000);
  EXPECT_EQ(profile.duration_ns, 5);
  EXPECT_EQ(profile.strings[profile.drop_frames], "drop");
  EXPECT_EQ(profile.strings[profile.default_sample_type], "inuse_space");
}

TEST(MessageReader, ReadsWhatIsWritten) {
  for (const std::string& bytes : {encode(small_profile()), *encode_gzipped(small_profile())}) {
    auto profile = read(bytes);
    ASSERT_TRUE(profile) << describe(profile.error());
    expect_small(*profile);
  }
  EXPECT_TRUE(is_profile(encode(small_profile())));
}

// What other writers do: unpacked numbers, ids that are hashes, definitions after their use.
struct ForeignProfile {
  std::string bytes;
  protozero::pbf_builder<ProfileField> message{bytes};

  void type() {
    protozero::pbf_builder<ValueTypeField> out(message, ProfileField::kSampleType);
    out.add_int64(ValueTypeField::kType, 1);
  }
  void sample(std::vector<std::uint64_t> ids, std::vector<std::int64_t> values) {
    protozero::pbf_builder<SampleField> out(message, ProfileField::kSample);
    for (std::uint64_t id : ids) out.add_uint64(SampleField::kLocationId, id);
    for (std::int64_t value : values) out.add_int64(SampleField::kValue, value);
  }
  void location(std::uint64_t id, std::uint64_t function, std::uint64_t mapping = 0) {
    protozero::pbf_builder<LocationField> out(message, ProfileField::kLocation);
    out.add_uint64(LocationField::kId, id);
    out.add_uint64(LocationField::kMapping, mapping);
    protozero::pbf_builder<LineField> line(out, LocationField::kLine);
    line.add_uint64(LineField::kFunction, function);
  }
  void function(std::uint64_t id, std::int64_t name = 1) {
    protozero::pbf_builder<FunctionField> out(message, ProfileField::kFunction);
    out.add_uint64(FunctionField::kId, id);
    out.add_int64(FunctionField::kName, name);
  }
  void texts() {
    message.add_string(ProfileField::kStringTable, "");
    message.add_string(ProfileField::kStringTable, "name");
  }
};

TEST(MessageReader, ReadsWhatOthersWrite) {
  ForeignProfile foreign;
  foreign.type();
  foreign.sample({0xfedcba9876543210, 5}, {-3});
  foreign.location(5, 1ULL << 63, 77);  // its mapping is nowhere: that is no matter
  foreign.location(0xfedcba9876543210, 1ULL << 63);
  foreign.function(1ULL << 63);
  foreign.texts();
  foreign.message.add_int64(ProfileField::kComment, 1);
  auto profile = read(foreign.bytes);
  ASSERT_TRUE(profile) << describe(profile.error());
  EXPECT_THAT(profile->values_of(0), ElementsAre(-3));
  ASSERT_EQ(profile->stack_of(0).size(), 2u);
  EXPECT_NE(profile->stack_of(0)[0], profile->stack_of(0)[1]);
  EXPECT_EQ(profile->locations[profile->stack_of(0)[1]].mapping, kNone);
  EXPECT_TRUE(is_profile(foreign.bytes));
}

TEST(MessageReader, SaysWhatIsNowhere) {
  ForeignProfile location;
  location.type();
  location.sample({5}, {1});
  location.texts();
  EXPECT_THAT(error_of(location.bytes), HasSubstr("location 5 is named and is nowhere"));
  EXPECT_THAT(error_of(location.bytes), HasSubstr("offset 0x4"));
  ForeignProfile function;
  function.location(1, 9);
  function.texts();
  EXPECT_THAT(error_of(function.bytes), HasSubstr("function 9 is named and is nowhere"));
  ForeignProfile text;
  text.texts();
  text.function(1, 2);
  EXPECT_THAT(error_of(text.bytes), HasSubstr("text 2 is named, and there are 2"));
  ForeignProfile negative;
  negative.texts();
  negative.function(1, -1);
  EXPECT_THAT(error_of(negative.bytes), HasSubstr("is named, and there are 2"));
}

TEST(MessageReader, SaysWhatContradictsItself) {
  ForeignProfile zero;
  zero.type();
  zero.sample({0}, {1});
  EXPECT_THAT(error_of(zero.bytes), HasSubstr("a sample names the location 0"));
  ForeignProfile reserved;
  reserved.texts();
  reserved.function(0);
  EXPECT_THAT(error_of(reserved.bytes), HasSubstr("a function has the id 0"));
  ForeignProfile twice;
  twice.texts();
  twice.function(3);
  twice.function(3);
  EXPECT_THAT(error_of(twice.bytes), HasSubstr("two functions have one id"));
  ForeignProfile values;
  values.type();
  values.sample({}, {1});
  values.sample({}, {1, 2});
  EXPECT_THAT(error_of(values.bytes), HasSubstr("samples have different numbers of values"));
  ForeignProfile types;
  types.type();
  types.type();
  types.sample({}, {1});
  types.texts();
  EXPECT_THAT(error_of(types.bytes), HasSubstr("1 values each, for 2 sample types"));
  ForeignProfile none;
  none.message.add_message(ProfileField::kSample, std::string());
  none.texts();
  EXPECT_THAT(error_of(none.bytes), HasSubstr("does not say what its samples count"));
  ForeignProfile first;
  first.message.add_string(ProfileField::kStringTable, "not empty");
  EXPECT_THAT(error_of(first.bytes), HasSubstr("first text of the table is not empty"));
}

TEST(MessageReader, EveryCutIsAnErrorOrAShorterProfile) {
  std::string bytes = encode(small_profile());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    auto profile = read(bytes.substr(0, size));
    EXPECT_TRUE(profile || !describe(profile.error()).empty());
  }
  EXPECT_THAT(error_of(""), HasSubstr("there is nothing in it"));
}

TEST(MessageReader, LyingLengthsTakeNoMemory) {
  EXPECT_THAT(error_of("\x0a\xff\xff\xff\xff\x7f"), HasSubstr("a field claims 34359738367 bytes"));
  EXPECT_THAT(error_of(std::string("\x0a\xff\xff\x7f", 4)), HasSubstr("in the middle of a field"));
  EXPECT_THAT(error_of("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), HasSubstr("broken"));
  EXPECT_THAT(error_of("\x0f"), HasSubstr("wire type 7"));
}

TEST(MessageReader, TextsAndOtherFilesAreNoProfiles) {
  for (const char* text :
       {"", "\n", "2026-11-29 18:30:53 server started", "\n2026-11-29 18:30:53 server started\n",
        "goroutine 1 [running]:\nmain.main()\n", "{\"schema\":1}",
        "\x7f"
        "ELF\x02\x01\x01",
        "HHHHHHHH", "#!/bin/sh\n", "<!doctype html>"})
    EXPECT_FALSE(is_profile(text)) << text;
}

}  // namespace
}  // namespace goshawk::pprof
