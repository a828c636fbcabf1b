// Writing a report so that no failure goes unseen: every write() is checked, a full disk is an
// error, a closed pipe is a quiet end. The caller ignores SIGPIPE, so that it shows as EPIPE.
// A file is written under another name in the same folder and renamed when whole; its permissions
// are those of the file it replaces, or what the umask leaves.
#include "report/output.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace goshawk::report {
namespace {

constexpr std::size_t kBufferBytes = 64 << 10;

// Follows links, so that -o through a link replaces what the link names.
std::string resolve_links(const std::string& path) {
  char* resolved = ::realpath(path.c_str(), nullptr);
  if (resolved == nullptr) return path;  // new, or not reachable: open() says which
  std::string out = resolved;
  std::free(resolved);
  return out;
}

mode_t mode_from_umask() {
  mode_t mask = ::umask(0);
  ::umask(mask);
  return 0666 & ~mask;
}

Error cannot_create(const std::string& path, int error) {
  std::string action = "cannot write " + path + ": " + std::strerror(error);
  if (error == EACCES || error == EPERM || error == EROFS)
    return Denied{action, "choose another file with -o"};
  return Missing{action, "choose another file with -o"};
}

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
  output->owned_ = true;
  struct stat existing{};
  bool exists = ::stat(path.c_str(), &existing) == 0;
  if (exists && !S_ISREG(existing.st_mode)) {
    output->descriptor_ = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (output->descriptor_ < 0) return fail(cannot_create(path, errno));
    return output;
  }
  output->final_path_ = resolve_links(path);
  std::string temporary = output->final_path_ + ".XXXXXX";
  output->descriptor_ = ::mkostemp(temporary.data(), O_CLOEXEC);
  if (output->descriptor_ < 0) return fail(cannot_create(path, errno));
  output->temporary_path_ = temporary;
  ::fchmod(output->descriptor_, exists ? existing.st_mode & 07777 : mode_from_umask());
  return output;
}

FileOutput::~FileOutput() {
  if (owned_ && descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_path_.empty()) ::unlink(temporary_path_.c_str());
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

Error FileOutput::describe_failure(std::string_view action) const {
  return Missing{std::string(action) + " " + name_ + ": " + std::strerror(error_), ""};
}

Result<void> FileOutput::finish() {
  if (error_ == 0) flush();
  if (owned_ && descriptor_ >= 0) {
    if (::close(descriptor_) != 0) fail_with(errno);
    descriptor_ = -1;
  }
  if (error_ != 0) return fail(describe_failure("cannot write"));
  if (temporary_path_.empty()) return {};
  if (::rename(temporary_path_.c_str(), final_path_.c_str()) != 0) {
    fail_with(errno);
    return fail(describe_failure("cannot put in place"));
  }
  temporary_path_.clear();
  return {};
}

}  // namespace goshawk::report
