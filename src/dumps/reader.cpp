// Most of a log is no dump: it is searched for the word with which a goroutine begins. From there
// on lines are looked at one by one, and a little longer than the goroutine is, for what a log that
// was cut has left of the next one. Each writer to the log (log_writer) has its own prefix and its
// own goroutine, so that the lines of several may alternate.
//
// A line goes to the first of these that takes it: writers in the middle of a goroutine, one that
// is new if the line begins a goroutine, the other writers. The writer without a prefix, whose line
// any line can be, is the last of them, always there.
#include "dumps/reader.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "dumps/frame_line.h"
#include "dumps/header.h"
#include "dumps/json_line.h"
#include "dumps/line_prefix.h"
#include "dumps/log_time.h"

namespace goshawk::dumps {
namespace {

constexpr std::string_view kWord = "goroutine ";
constexpr std::size_t kMostLineBytes = 16 << 20;  // then it is cut
constexpr std::size_t kMostPrefixBytes = 512;
constexpr std::size_t kMostTriesInJson = 4;  // each looks at all of the line
constexpr std::size_t kMostOpeningBytes = 300;
constexpr std::size_t kLookBackBytes = 8 << 10;
constexpr std::size_t kLookBackLines = 16;
constexpr std::size_t kLinesBetweenThreads = 4;  // "-----", a blank line, the signal
constexpr std::size_t kMostWriters = 32;
constexpr std::size_t kAttentionLines = 64;

// What the runtime prints before a dump, net/http before the stack of a handler.
std::string_view find_opening(std::string_view line) {
  if (line.starts_with("panic: ") || line.starts_with("fatal error: ")) return line;
  if (std::size_t at = line.find("http: panic serving "); at != std::string_view::npos)
    return line.substr(at);
  std::size_t colon = line.find(": ");
  bool is_signal = line.starts_with("SIG") && colon < 12 &&
                   std::ranges::all_of(
                       line.substr(3, colon - 3),
                       [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
  return is_signal ? line : std::string_view();
}

}  // namespace

Reader::Reader() : attention_(kAttentionLines) { writers_.emplace_back(found_, std::string()); }

void Reader::feed(std::string_view piece) {
  std::size_t kept = std::min(position_, kLookBackBytes);
  buffer_.erase(0, position_ - kept);
  buffer_offset_ += position_ - kept;
  position_ = kept;
  // A line of many pieces is searched once: what is kept of earlier ones has no end.
  std::size_t newline = piece.rfind('\n');
  std::size_t end = newline == std::string_view::npos ? 0 : buffer_.size() + newline + 1;
  buffer_ += piece;
  found_.bytes += piece.size();
  read_lines(end);
}

// Up to there, where a line ends.
void Reader::read_lines(std::size_t end) {
  while (position_ < end) {
    if (!is_attentive()) skip_to_header(end);
    if (position_ == end) break;
    std::size_t newline = buffer_.find('\n', position_);
    take_line(std::string_view(buffer_).substr(position_, newline - position_));
    position_ = newline + 1;
  }
  if (buffer_.size() - position_ <= kMostLineBytes) return;
  take_line(std::string_view(buffer_).substr(position_));
  position_ = buffer_.size();
}

void Reader::skip_to_header(std::size_t end) {
  const char* from = buffer_.data() + position_;
  const void* word = ::memmem(from, end - position_, kWord.data(), kWord.size());
  if (word == nullptr) {
    position_ = end;
    return;
  }
  std::size_t length = static_cast<std::size_t>(static_cast<const char*>(word) - from);
  const void* newline = ::memrchr(from, '\n', length);
  if (newline != nullptr)
    position_ += static_cast<std::size_t>(static_cast<const char*>(newline) - from) + 1;
}

void Reader::take_line(std::string_view raw) {
  if (attention_ > 0) --attention_;
  Line line{.raw = raw,
            .text = without_controls(raw, line_storage_),
            .offset = buffer_offset_ + position_};
  bool awaited = std::exchange(awaits_text_, false);
  pass_on(line);
  if (!awaited) return;
  for (LogWriter& writer : writers_) writer.await_no_text(line.offset);
}

void Reader::pass_on(const Line& line) {
  if (find_first_line(line)) return;
  if (open_ > 0 && offer_to_writers(line, true)) return;
  if (attention_ > 0) offer_to_writers(line, false);
}

// `open`: to those in the middle of a goroutine, else to the others.
bool Reader::offer_to_writers(const Line& line, bool open) {
  for (LogWriter& writer : writers_) {
    if (writer.is_open() != open) continue;
    auto text = writer.find_text(line.text, text_storage_);
    if (!text && open && writer.goes_on_without_prefix(line.text))
      text = writer.find_text(line.text, text_storage_);
    if (text && take_as(writer, line, *text)) return true;
  }
  return false;
}

bool Reader::take_as(LogWriter& writer, const Line& line, std::string_view text) {
  if (begins_as_header(text)) {  // it is none any more, or find_first_line would have taken it
    begin_goroutine(writer, line, {.text = text, .goes_on = true});
    return true;
  }
  bool was_open = writer.is_open();
  bool taken = writer.take(text, line.offset);
  note_open(writer, was_open);
  return taken;
}

void Reader::note_open(LogWriter& writer, bool was_open) {
  if (was_open && !writer.is_open()) attention_ = kAttentionLines;
  open_ += writer.is_open();
  open_ -= was_open;
}

// Of a writer that is known or not.
bool Reader::find_first_line(const Line& line) {
  const std::size_t brace = line.text.substr(0, kMostPrefixBytes).find('{');
  std::size_t tries = brace != std::string_view::npos ? kMostTriesInJson : 0;
  for (std::size_t at = 0; (at = line.text.find(kWord, at)) != std::string_view::npos; ++at) {
    std::string_view text = line.text.substr(at);
    if (!begins_as_header(text)) continue;
    if (tries == 0 && at > kMostPrefixBytes) return false;
    auto key =
        tries > 0 && brace < at ? find_json_key(line.text.substr(brace), at - brace) : std::nullopt;
    if (tries > 0) --tries;
    if (key) {
      LogWriter& writer = writer_of_json(line.text.substr(0, brace), *key, line.text);
      if (auto whole = writer.find_text(line.text, text_storage_))
        take_record(writer, line, *whole);
      return true;
    }
    if (at > kMostPrefixBytes || !parse_header(text))
      continue;  // words in a sentence, or what is left of a first line
    std::string_view prefix = line.text.substr(0, at);
    for (LogWriter& writer : writers_) {
      if (!writer.goes_on_at(prefix, line.offset)) continue;
      begin_goroutine(writer, line, {.text = text, .goes_on = true});
      return true;
    }
    begin_goroutine(writer_of_text(prefix, line.text), line, {.text = text});
    return true;
  }
  return false;
}

void Reader::begin_goroutine(LogWriter& writer, const Line& line, const FirstLine& first) {
  bool was_open = writer.is_open();
  if (was_open) writer.end_goroutine();
  Before before = first.in_record ? Before{.other_text = true} : look_back(writer, line);
  before.time = parse_log_time(writer.is_json() ? line.text : writer.prefix_of(line.text));
  writer.begin(parse_header(first.text), line.offset, std::move(before), first.goes_on);
  awaits_text_ = true;
  note_open(writer, was_open);
}

// A string of JSON with a line of the dump in it, or with all of its lines.
void Reader::take_record(LogWriter& writer, const Line& line, std::string_view text) {
  bool is_whole = text.find('\n') != std::string_view::npos;
  while (true) {
    std::size_t newline = text.find('\n');
    std::string_view one = text.substr(0, newline);
    if (begins_as_header(one)) {
      begin_goroutine(writer, line, {.text = one, .in_record = is_whole});
    } else if (writer.is_open()) {
      writer.take(one, line.offset);
      note_open(writer, true);
    }
    if (newline == std::string_view::npos) break;
    text.remove_prefix(newline + 1);
  }
  if (!is_whole || !writer.is_open()) return;
  writer.end_goroutine();
  note_open(writer, true);
}

// From the line upwards, to where the writer's last goroutine ended.
Before Reader::look_back(const LogWriter& writer, const Line& line) {
  Before before{.gap_bytes = line.offset - std::min(line.offset, writer.last_line_end())};
  std::size_t most_lines = kLookBackLines;
  std::size_t end = static_cast<std::size_t>(line.offset - buffer_offset_);
  const std::size_t least = end - std::min(end, kLookBackBytes);  // what surely is there still
  for (std::size_t n = 0; n < most_lines && end > least; ++n) {
    std::size_t newline = end < 2 ? std::string::npos : buffer_.rfind('\n', end - 2);
    std::size_t begin = newline == std::string::npos ? 0 : newline + 1;
    if (begin < least || buffer_offset_ + begin < writer.last_line_end()) break;
    std::string_view raw = std::string_view(buffer_).substr(begin, end - 1 - begin);
    end = begin;
    auto text = writer.find_text(without_controls(raw, back_line_storage_), back_storage_);
    if (!text || text->empty()) continue;
    if (*text == "-----") {
      before.next_thread = true;
      break;
    }
    before.other_text = true;
    if (!before.opening.empty()) continue;
    before.opening = find_opening(*text).substr(0, kMostOpeningBytes);
    if (!before.opening.empty()) most_lines = std::min(most_lines, n + kLinesBetweenThreads);
  }
  return before;
}

LogWriter& Reader::writer_of_text(std::string_view prefix, std::string_view line) {
  auto found = std::ranges::find_if(writers_, [&](const LogWriter& writer) {
    return !writer.is_json() && writer.prefix().empty() == prefix.empty() &&
           match_prefix(writer.prefix(), line) == prefix.size();
  });
  if (found == writers_.end()) return add_writer(LogWriter(found_, std::string(prefix)));
  return move_to_front(found);
}

LogWriter& Reader::writer_of_json(std::string_view prefix, std::string_view key,
                                  std::string_view line) {
  auto found = std::ranges::find_if(writers_, [&](const LogWriter& writer) {
    return writer.is_json() && writer.find_text(line, back_storage_).has_value();
  });
  if (found == writers_.end())
    return add_writer(LogWriter(found_, std::string(prefix), key, line.substr(prefix.size())));
  return move_to_front(found);
}

LogWriter& Reader::move_to_front(const std::deque<LogWriter>::iterator& found) {
  if (found + 1 == writers_.end()) return *found;
  std::rotate(writers_.begin(), found, found + 1);
  return writers_.front();
}

LogWriter& Reader::add_writer(LogWriter writer) {
  if (writers_.size() >= kMostWriters) drop_oldest_writer();
  writers_.push_front(std::move(writer));
  return writers_.front();
}

void Reader::drop_oldest_writer() {
  auto at = writers_.end() - 2;
  LogWriter& oldest = *at;
  bool was_open = oldest.is_open();
  oldest.end_goroutine();
  note_open(oldest, was_open);
  oldest.end_dump();
  writers_.erase(at);
}

Dumps Reader::finish() {
  bool cut = position_ < buffer_.size();
  if (cut) take_line(std::string_view(buffer_).substr(position_));
  for (LogWriter& writer : writers_) {
    writer.end_goroutine(cut ? End::kInLine : End::kOfFile);
    writer.end_dump();
  }
  std::ranges::stable_sort(found_.dumps, {}, &Dump::offset);
  return std::move(found_);
}

}  // namespace goshawk::dumps
