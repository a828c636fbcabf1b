// The pieces that every JSON report shares; their names are fixed (design: the command line).
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/stages.h"
#include "findings/finding.h"
#include "report/json_writer.h"
#include "snapshot/snapshot.h"

namespace goshawk::report {

inline constexpr std::uint32_t kJsonSchema = 1;

void write_target(JsonWriter& json, const snapshot::TargetFacts& target);
void write_picture(JsonWriter& json, const snapshot::PictureFacts& picture);
// The member "timings", where there are any.
void write_timings(JsonWriter& json, std::span<const StageTime> timings);
// The members that reports of one picture begin with: "schema", "target", "picture", "timings".
void write_head(JsonWriter& json, const snapshot::Snapshot& snapshot,
                std::span<const StageTime> timings);
void write_head(JsonWriter& json, const snapshot::TargetFacts& target,
                const snapshot::PictureFacts& picture, std::span<const StageTime> timings);
void write_doubts(JsonWriter& json, const snapshot::Snapshot& snapshot);  // the member "doubts"
// {"function", "file", "line", "pc"}; null for a place without a function.
void write_place(JsonWriter& json, const findings::CodePlace& place);
void write_frame(JsonWriter& json, const snapshot::Snapshot& snapshot, snapshot::FrameId frame);

// A wait as pictures and findings have it, in which 0 means that it is not known: null.
std::optional<std::int64_t> known_wait(std::int64_t wait_ns);

std::string address_text(Address address);  // "0xc000123450"

}  // namespace goshawk::report
