// What a log is its beginning tells: the mark of UTF-16, the shape of a container runtime's lines.
// Most logs are neither, and their bytes are passed on as they are.
#include "dumps/log_text.h"

namespace goshawk::dumps {
namespace {

constexpr std::size_t kTellingBytes = 1 << 10;
constexpr std::string_view kUtf8Mark = "\xef\xbb\xbf";

}  // namespace

void LogText::feed(std::string_view bytes) {
  if (begun_) return pass_on(bytes);
  beginning_ += bytes;
  if (beginning_.size() >= kTellingBytes) begin();
}

void LogText::begin() {
  begun_ = true;
  std::string_view text = beginning_;
  if (auto order = Utf16Text::order_of(text)) utf16_.emplace(*order);
  if (text.starts_with(kUtf8Mark)) text.remove_prefix(kUtf8Mark.size());
  if (!utf16_ && PartialLines::is_of_runtime(text.substr(0, text.find('\n')))) parts_.emplace();
  pass_on(text);
  beginning_ = {};
}

void LogText::pass_on(std::string_view text) {
  if (utf16_) {
    decoded_.clear();
    utf16_->decode(text, decoded_);
    text = decoded_;
  }
  if (!parts_) return into_->feed(text);
  joined_.clear();
  parts_->join(text, joined_);
  into_->feed(joined_);
}

void LogText::finish() {
  if (!begun_) begin();
  if (!parts_) return;
  joined_.clear();
  parts_->finish(joined_);
  into_->feed(joined_);
}

}  // namespace goshawk::dumps
