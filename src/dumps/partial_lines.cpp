// Follows the log format of the container runtime interface: a time, a stream, tags, the text. A
// joined line keeps the time of its first part.
#include "dumps/partial_lines.h"

#include <algorithm>
#include <optional>

namespace goshawk::dumps {
namespace {

constexpr std::size_t kMostLineBytes = 16 << 20;  // then it goes on as another one
constexpr std::string_view kStreams[] = {"stdout", "stderr"};

struct Record {
  std::size_t stream = 0;  // of kStreams
  char tag = 'F';
  std::size_t at_tag = 0, at_text = 0;  // in its line
};

std::optional<Record> parse_record(std::string_view line) {
  constexpr std::size_t kMostTimeBytes = 40, kStreamBytes = 6;
  if (line.empty() || line[0] < '0' || line[0] > '9') return std::nullopt;
  std::size_t space = line.substr(0, kMostTimeBytes).find(' ');
  std::size_t at_tag = space + 1 + kStreamBytes + 1;
  if (space == std::string_view::npos || line.size() < at_tag + 1 || line[at_tag - 1] != ' ')
    return std::nullopt;
  auto stream = std::ranges::find(kStreams, line.substr(space + 1, kStreamBytes));
  char tag = line[at_tag];
  bool ends_tag = line.size() == at_tag + 1 || line[at_tag + 1] == ' ' || line[at_tag + 1] == ':';
  if (stream == std::end(kStreams) || (tag != 'P' && tag != 'F') || !ends_tag) return std::nullopt;
  std::size_t text = std::min(line.find(' ', at_tag), line.size());
  return Record{static_cast<std::size_t>(stream - std::begin(kStreams)), tag, at_tag,
                std::min(text + 1, line.size())};
}

}  // namespace

bool PartialLines::is_of_runtime(std::string_view first_line) {
  return parse_record(first_line).has_value();
}

void PartialLines::take_line(std::string_view line, std::string& text) {
  auto record = parse_record(line);
  std::string* begun = record ? &begun_[record->stream] : nullptr;
  if (begun == nullptr || (record->tag == 'F' && begun->empty())) {
    text += line;
    text += '\n';
    return;
  }
  bool is_first = begun->empty();
  *begun += is_first ? line : line.substr(record->at_text);
  if (is_first) (*begun)[record->at_tag] = 'F';
  if (record->tag == 'P' && begun->size() < kMostLineBytes) return;
  text += *begun;
  text += '\n';
  begun->clear();
}

void PartialLines::join(std::string_view piece, std::string& text) {
  for (std::size_t end; (end = piece.find('\n')) != std::string_view::npos;) {
    if (rest_.empty()) {
      take_line(piece.substr(0, end), text);
    } else {
      rest_ += piece.substr(0, end);
      take_line(rest_, text);
      rest_.clear();
    }
    piece.remove_prefix(end + 1);
  }
  rest_ += piece;
  if (rest_.size() < kMostLineBytes) return;
  take_line(rest_, text);
  rest_.clear();
}

void PartialLines::finish(std::string& text) {
  for (std::string& begun : begun_) {
    if (begun.empty()) continue;
    text += begun;
    text += '\n';
    begun.clear();
  }
  text += rest_;
  rest_.clear();
}

}  // namespace goshawk::dumps
