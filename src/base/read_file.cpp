// At most so many bytes are ever held, whatever the file claims to be: a device without an end, a
// file that grows meanwhile.
#include "base/read_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace goshawk {
namespace {

constexpr std::size_t kBlockBytes = 1 << 16;

class OpenFile {
 public:
  explicit OpenFile(const std::string& path)
      : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY)) {}
  ~OpenFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

}  // namespace

Result<std::string> read_file(const std::string& path, std::uint64_t most_bytes,
                              const std::string& hint) {
  auto refuse = [&](const std::string& why) {
    return fail(Usage{fmt::format("{} cannot be read: {}", path, why), hint});
  };
  OpenFile file(path);
  if (file.get() < 0) return refuse(std::strerror(errno));
  std::string text;
  for (;;) {
    std::size_t before = text.size();
    std::size_t wanted = std::min<std::uint64_t>(kBlockBytes, most_bytes - before + 1);
    text.resize(before + wanted);
    ssize_t got = ::read(file.get(), text.data() + before, wanted);
    if (got < 0 && errno != EINTR) return refuse(std::strerror(errno));
    text.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got == 0) return text;
    if (text.size() > most_bytes)
      return refuse(fmt::format("it is longer than {} KB", most_bytes >> 10));
  }
}

}  // namespace goshawk
