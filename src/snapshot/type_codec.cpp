// Two numbers for each run: the type, and how many more objects of it follow.
#include "snapshot/type_codec.h"

#include <algorithm>

#include "snapshot/record_reader.h"
#include "snapshot/record_writer.h"

namespace goshawk::snapshot {

std::string encode_types(std::span<const std::uint32_t> types) {
  RecordWriter out;
  for (auto run = types.begin(); run != types.end();) {
    auto end = std::find_if(run, types.end(), [&](std::uint32_t type) { return type != *run; });
    out.number(*run);
    out.number(static_cast<std::uint64_t>(end - run) - 1);
    run = end;
  }
  return out.take();
}

bool decode_types(ByteView payload, std::uint32_t type_count, std::span<std::uint32_t> into) {
  RecordReader in(payload);
  while (!into.empty()) {
    std::uint32_t type = 0;
    std::uint64_t more = 0;
    in.number(type);
    in.number(more);
    if (in.failed() || type >= type_count || more >= into.size()) return false;
    if (type != 0) std::ranges::fill(into.first(more + 1), type);
    into = into.subspan(more + 1);
  }
  return in.at_end();
}

}  // namespace goshawk::snapshot
