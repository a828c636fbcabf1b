// A dump may stand anywhere in a log, so that only reading all of it tells whether there is one;
// what is recognised by its first bytes is not read.
#include "inspection/dump_source.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/byte_stream.h"
#include "dumps/dump_file.h"
#include "inspection/source.h"

namespace goshawk::inspection {

using dumps::Dump;

namespace {

// What says that it is packed and is not, is nothing to read.
bool can_be_unpacked(const std::string& path) {
  auto stream = ByteStream::open(path, UINT64_MAX);
  return stream && stream->peek(1);
}

bool may_be_text(const std::string& target) {
  if (target == "-") return true;
  if (target.find_first_not_of("0123456789") == std::string::npos) return false;
  struct stat status{};
  if (::stat(target.c_str(), &status) != 0) return false;
  if (S_ISFIFO(status.st_mode)) return true;
  return S_ISREG(status.st_mode) && status.st_size > 0 && !recognise_file(target) &&
         can_be_unpacked(target);
}

// A stack that a program logs is of the goroutine that does it, and so is running.
bool is_whole(const dumps::Dumps& dumps, const Dump& dump) {
  if (dump.count + dump.damaged > 1) return true;
  return dumps.text(dumps.goroutines_of(dump).front().state) != "running";
}

void choose_whole(DumpFile& file) {
  const std::vector<Dump>& all = file.dumps.dumps;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (is_whole(file.dumps, all[i])) file.whole.push_back(i);
  file.traces = all.size() - file.whole.size();
  if (!file.whole.empty()) return;
  file.whole.push_back(all.size() - 1);
  --file.traces;
}

}  // namespace

Result<std::optional<DumpFile>> read_if_dump(const std::string& target, const std::string& name) {
  if (!may_be_text(target)) return std::nullopt;
  DumpFile file{
      .name = name.empty() ? target : name, .dumps = TRY(dumps::read_dumps(target)), .whole = {}};
  if (file.dumps.dumps.empty()) {
    if (target != "-") return std::nullopt;
    return fail(Usage{"standard input has no goroutine dump in it",
                      "pipe a log into it, or the answer of /debug/pprof/goroutine?debug=2"});
  }
  choose_whole(file);
  file.lives = analyses::profile::find_lives(file.dumps, file.whole);
  return file;
}

}  // namespace goshawk::inspection
