#include "dumps/dump_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "dumps/reader.h"

namespace goshawk::dumps {
namespace {

constexpr std::size_t kPieceBytes = 1 << 20;

class OpenFile {
 public:
  explicit OpenFile(const std::string& path)
      : is_input_(path == "-"),
        descriptor_(is_input_ ? STDIN_FILENO
                              : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY)) {}
  ~OpenFile() {
    if (descriptor_ >= 0 && !is_input_) ::close(descriptor_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  int get() const { return descriptor_; }

 private:
  bool is_input_;
  int descriptor_;
};

}  // namespace

Result<Dumps> read_dumps(const std::string& path) {
  auto refuse = [&] {
    return fail(Usage{fmt::format("{} cannot be read: {}", path == "-" ? "standard input" : path,
                                  std::strerror(errno)),
                      "give a file that holds goroutine dumps, or - for standard input"});
  };
  OpenFile file(path);
  if (file.get() < 0) return refuse();
  Reader reader;
  std::vector<char> piece(kPieceBytes);
  for (;;) {
    ssize_t got = ::read(file.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return refuse();
    if (got == 0) return reader.finish();
    reader.feed({piece.data(), static_cast<std::size_t>(got)});
  }
}

}  // namespace goshawk::dumps
