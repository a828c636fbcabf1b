// A file that appears whole or not at all: written without a name, or under another one in the same
// folder, and put in its place at the end. What is no regular file (/dev/null, a fifo) is written
// to directly.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "base/result.h"

namespace goshawk {

struct WholeFileOptions {
  std::optional<mode_t> mode = {};  // else that of the file it replaces, or what the umask leaves
  bool durable = false;             // on the disk before it is in its place
  bool nameless = true;             // where the file system can; false: for tests
};

class WholeFile {
 public:
  static Result<WholeFile> create(const std::string& path, const WholeFileOptions& options = {});

  WholeFile(WholeFile&& other) noexcept;
  WholeFile& operator=(WholeFile&&) = delete;
  ~WholeFile();  // without commit(): nothing appears, and what was there stays

  int descriptor() const { return descriptor_; }
  // Once, when everything is written.
  Result<void> commit();

 private:
  WholeFile() = default;
  Result<void> open_temporary();
  bool link_nameless();
  std::unexpected<Error> cannot(const std::string& action) const;

  int descriptor_ = -1;
  WholeFileOptions options_;
  std::string name_;            // as it was given, for messages
  std::string path_;            // empty: no regular file, nothing is to be put in place
  std::string temporary_path_;  // empty: the file has no name yet
};

}  // namespace goshawk
