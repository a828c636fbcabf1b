#include "dumps/dump_file.h"

#include <cstdint>

#include "base/byte_stream.h"
#include "dumps/log_text.h"
#include "dumps/reader.h"

namespace goshawk::dumps {

Result<Dumps> read_dumps(const std::string& path) {
  ByteStream stream = TRY(ByteStream::open(path, UINT64_MAX));
  Reader reader;
  LogText text(reader);
  for (;;) {
    ByteView piece = TRY(stream.peek(1));
    if (piece.empty()) break;
    text.feed(as_text(piece));
    stream.skip(piece.size());
  }
  text.finish();
  return reader.finish();
}

}  // namespace goshawk::dumps
