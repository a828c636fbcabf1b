// O_TMPFILE where the file system has it: the file has no name until it is whole, so that nothing
// is left behind however we end, SIGKILL included. A name can only be given, not replaced, by
// linkat(2): an existing file is replaced by rename(2) after the new one got a name of its own;
// signals wait for that moment. Elsewhere (some network file systems, no /proc) the file has a name
// of its own from the beginning, and is removed by a handler when a signal ends us.
#include "base/whole_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <random>
#include <utility>

namespace goshawk {
namespace {

constexpr std::array kEndingSignals = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

// Follows links, so that writing through a link replaces what the link names.
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

std::string folder_of(const std::string& path) {
  std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string name_of_descriptor(int descriptor) {
  return fmt::format("/proc/self/fd/{}", descriptor);
}

Error cannot_create(const std::string& path, int error) {
  std::string action = "cannot write " + path + ": " + std::strerror(error);
  if (error == EACCES || error == EPERM || error == EROFS)
    return Denied{action, "choose another file with -o"};
  return Missing{action, "choose another file with -o"};
}

// The one named temporary file of this program, for the handler.
std::array<char, 4096> removed_on_signal{};

void remove_and_end(int signal) {
  ::unlink(removed_on_signal.data());
  struct sigaction end{};
  end.sa_handler = SIG_DFL;
  ::sigaction(signal, &end, nullptr);
  ::raise(signal);
}

void remove_when_ended(const std::string& path) {
  if (path.size() >= removed_on_signal.size()) return;
  std::ranges::copy(path, removed_on_signal.begin());
  for (int signal : kEndingSignals) {
    struct sigaction before{};
    ::sigaction(signal, nullptr, &before);
    if (before.sa_handler != SIG_DFL) continue;  // ignored by who started us, or ours already
    struct sigaction handler{};
    handler.sa_handler = remove_and_end;
    ::sigaction(signal, &handler, nullptr);
  }
}

class SignalsWait {
 public:
  SignalsWait() {
    sigset_t all{};
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  SignalsWait(const SignalsWait&) = delete;
  ~SignalsWait() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

}  // namespace

Result<WholeFile> WholeFile::create(const std::string& path, const WholeFileOptions& options) {
  WholeFile file;
  file.options_ = options;
  file.name_ = path;
  struct stat existing{};
  bool exists = ::stat(path.c_str(), &existing) == 0;
  if (exists && !S_ISREG(existing.st_mode)) {
    file.descriptor_ = ::open(path.c_str(), O_WRONLY | O_NOCTTY | O_CLOEXEC);
    if (file.descriptor_ < 0) return fail(cannot_create(path, errno));
    return file;
  }
  file.path_ = resolve_links(path);
  TRY_VOID(file.open_temporary());
  mode_t mode = exists ? existing.st_mode & 07777 : mode_from_umask();
  ::fchmod(file.descriptor_, options.mode.value_or(mode));
  return file;
}

Result<void> WholeFile::open_temporary() {
  if (options_.nameless)
    descriptor_ = ::open(folder_of(path_).c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
  if (descriptor_ >= 0) {
    if (::access(name_of_descriptor(descriptor_).c_str(), F_OK) == 0) return {};
    ::close(std::exchange(descriptor_, -1));
  }
  temporary_path_ = path_ + ".XXXXXX";
  descriptor_ = ::mkostemp(temporary_path_.data(), O_CLOEXEC);
  if (descriptor_ < 0) {
    temporary_path_.clear();
    return fail(cannot_create(name_, errno));
  }
  remove_when_ended(temporary_path_);
  return {};
}

WholeFile::WholeFile(WholeFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      options_(other.options_),
      name_(std::exchange(other.name_, {})),
      path_(std::exchange(other.path_, {})),
      temporary_path_(std::exchange(other.temporary_path_, {})) {}

WholeFile::~WholeFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_path_.empty()) ::unlink(temporary_path_.c_str());
}

// True: it is in its place, or has a name of its own now.
bool WholeFile::link_nameless() {
  std::string self = name_of_descriptor(descriptor_);
  auto link_to = [&](const std::string& path) {
    return ::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, path.c_str(), AT_SYMLINK_FOLLOW) == 0;
  };
  if (link_to(path_)) return true;
  std::random_device random;
  for (int attempt = 0; errno == EEXIST && attempt < 100; ++attempt) {
    std::string name = fmt::format("{}.{:06x}", path_, random() & 0xffffff);
    if (!link_to(name)) continue;
    temporary_path_ = name;
    return true;
  }
  return false;
}

Result<void> WholeFile::commit() {
  if (options_.durable && !path_.empty() && ::fsync(descriptor_) != 0) return cannot("write");
  SignalsWait signals_wait;
  if (!path_.empty() && temporary_path_.empty() && !link_nameless()) return cannot("put in place");
  if (::close(std::exchange(descriptor_, -1)) != 0) return cannot("write");
  if (temporary_path_.empty()) return {};
  if (::rename(temporary_path_.c_str(), path_.c_str()) != 0) return cannot("put in place");
  temporary_path_.clear();
  return {};
}

std::unexpected<Error> WholeFile::cannot(const std::string& action) const {
  return fail(Missing{"cannot " + action + " " + name_ + ": " + std::strerror(errno), ""});
}

}  // namespace goshawk
