// CPU profiles as gperftools writes them, and as Go did before 1.9: a sequence of words, each of 32
// or 64 bits, of either byte order.
#pragma once

#include "base/byte_stream.h"
#include "base/byte_view.h"
#include "base/result.h"
#include "pprof/profile.h"

namespace goshawk::pprof {

// By its first five words; not of Java, which has its functions behind them as text.
bool is_word_profile(ByteView beginning);

Result<Profile> read_words(ByteStream& stream);

}  // namespace goshawk::pprof
