// The numbers of the fields of profile.proto (github.com/google/pprof/proto/profile.proto).
#pragma once

#include <protozero/types.hpp>

namespace goshawk::pprof {

enum class ProfileField : protozero::pbf_tag_type {
  kSampleType = 1,
  kSample = 2,
  kMapping = 3,
  kLocation = 4,
  kFunction = 5,
  kStringTable = 6,
  kDropFrames = 7,
  kKeepFrames = 8,
  kTimeNanos = 9,
  kDurationNanos = 10,
  kPeriodType = 11,
  kPeriod = 12,
  kComment = 13,
  kDefaultSampleType = 14,
  kDocUrl = 15,
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
  kLine = 4,
};
enum class LineField : protozero::pbf_tag_type { kFunction = 1, kLine = 2 };
enum class FunctionField : protozero::pbf_tag_type {
  kId = 1,
  kName = 2,
  kSystemName = 3,
  kFile = 4,
  kStartLine = 5,
};

}  // namespace goshawk::pprof
