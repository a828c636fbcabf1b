// A text is known by its first line. A message has no mark of its own: its beginning must consist
// of fields that a profile has, of their types, and what small messages are among them must have
// the fields of theirs, which no text and no other file that is known has.
#include "pprof/profile_reader.h"

#include <algorithm>

#include "pprof/message_reader.h"
#include "pprof/text_reader.h"
#include "pprof/word_reader.h"

namespace goshawk::pprof {
namespace {

constexpr unsigned kVarint = 0, kDelimited = 2;
constexpr std::uint64_t kStringTable = 6, kSampleType = 1, kPeriodType = 11, kLastField = 15;

bool is_delimited_field(std::uint64_t number) {
  return number <= kStringTable || number == kPeriodType;
}

// {type, unit}: two small numbers.
bool is_value_type(ByteView bytes) {
  Cursor cursor(bytes);
  while (!cursor.failed() && !cursor.at_end()) {
    std::uint64_t tag = cursor.uvarint();
    if (tag != (1 << 3 | kVarint) && tag != (2 << 3 | kVarint)) return false;
    cursor.uvarint();
  }
  return !cursor.failed();
}

// Each message has its fields from 1 to 10, and begins with one of them.
bool is_small_field(std::uint64_t tag) { return tag >> 3 >= 1 && tag >> 3 <= 10; }

bool is_message(ByteView beginning) {
  Cursor cursor(beginning);
  std::size_t whole_fields = 0;
  bool has_text = false, has_message = false;
  while (!cursor.at_end()) {
    std::uint64_t tag = cursor.uvarint();
    std::uint64_t number = tag >> 3;
    if (cursor.failed()) break;
    bool comments_in_one = number == 13 && (tag & 7) == kDelimited;
    bool delimited = is_delimited_field(number) || comments_in_one;
    if (number == 0 || number > kLastField || (tag & 7) != (delimited ? kDelimited : kVarint))
      return false;
    std::uint64_t length = cursor.uvarint();  // of one that has none: its value
    if (cursor.failed()) break;
    if (!delimited) {
      ++whole_fields;
      continue;
    }
    bool is_whole = length <= cursor.remaining();
    has_message = has_message || (length > 0 && number != kStringTable);
    ByteView content = cursor.bytes(std::min(length, cursor.remaining()));
    if (number == kStringTable) {
      if (!has_text && length != 0) return false;
      has_text = true;
    } else if (number == kSampleType || number == kPeriodType) {
      if (is_whole && !is_value_type(content)) return false;
    } else if (!content.empty() && number < kStringTable) {
      if (!is_small_field(Cursor(content).uvarint())) return false;
    }
    if (!is_whole) break;
    ++whole_fields;
  }
  // A few stray bytes may look like one field; a profile that is cut off before its second is none.
  return has_message &&
         (whole_fields > 1 || (whole_fields == 1 && beginning.size() >= kRecognisedBytes));
}

}  // namespace

bool is_profile(ByteView beginning) {
  return is_profile_text(as_text(beginning)) || is_word_profile(beginning) || is_message(beginning);
}

Result<Profile> read_profile(ByteStream& stream) {
  ByteView beginning = TRY(stream.peek(kRecognisedBytes));
  if (is_profile_text(as_text(beginning))) return read_text(stream);
  return is_word_profile(beginning) ? read_words(stream) : read_message(stream);
}

}  // namespace goshawk::pprof
