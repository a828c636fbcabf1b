// Writing a report so that no failure goes unseen: every write() is checked, a full disk is an
// error, a closed pipe is a quiet end. The caller ignores SIGPIPE, so that it shows as EPIPE.
#include "report/output.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace goshawk::report {
namespace {

constexpr std::size_t kBufferBytes = 64 << 10;

}  // namespace

std::unique_ptr<FileOutput> FileOutput::to_descriptor(int descriptor, std::string name) {
  std::unique_ptr<FileOutput> output(new FileOutput);
  output->descriptor_ = descriptor;
  output->name_ = std::move(name);
  return output;
}

Result<std::unique_ptr<FileOutput>> FileOutput::to_file(const std::string& path) {
  std::unique_ptr<FileOutput> output(new FileOutput);
  output->name_ = path;
  output->file_.emplace(TRY(WholeFile::create(path)));
  output->descriptor_ = output->file_->descriptor();
  return output;
}

void FileOutput::write(std::string_view text) {
  if (error_ != 0) return;
  buffer_ += text;
  if (buffer_.size() >= kBufferBytes) flush();
}

void FileOutput::flush() {
  std::string_view rest = buffer_;
  while (!rest.empty() && error_ == 0) {
    ssize_t written = ::write(descriptor_, rest.data(), rest.size());
    if (written >= 0)
      rest.remove_prefix(static_cast<std::size_t>(written));
    else if (errno != EINTR)
      fail_with(errno);
  }
  buffer_.clear();
}

void FileOutput::fail_with(int error) {
  if (error_ == 0) error_ = error;
}

bool FileOutput::reader_has_gone() const { return error_ == EPIPE; }

Result<void> FileOutput::finish() {
  if (error_ == 0) flush();
  if (error_ != 0) return fail(Missing{"cannot write " + name_ + ": " + std::strerror(error_), ""});
  if (file_) return file_->commit();
  return {};
}

}  // namespace goshawk::report
