// The first bytes tell: nothing rests on a name. What a user may well try, a compressed core or the
// program itself, is named for what it is, with the next step.
#include "inspection/source.h"

#include <elf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>
#include <string_view>
#include <vector>

#include "base/byte_stream.h"
#include "base/byte_view.h"
#include "inspection/foreign_dump.h"
#include "pprof/profile_reader.h"
#include "snapshot/heap_dump_records.h"
#include "snapshot/snapshot_file.h"
#include "target/file_descriptor.h"
#include "target/process.h"

namespace goshawk::inspection {
namespace {

struct Packing {
  std::string_view magic, name, command;
};
constexpr Packing kPackings[] = {{"\x28\xb5\x2f\xfd", "zstd", "zstd -d"},
                                 {"\x1f\x8b", "gzip", "gzip -d"},
                                 {"\xfd"
                                  "7zXZ",
                                  "xz", "xz -d"},
                                 {"\x04\x22\x4d\x18", "lz4", "lz4 -d"},
                                 {"BZh", "bzip2", "bzip2 -d"}};

const char* const kUnderstood =
    "a target is the id of a running process (`goshawk ps` lists them), a core, a snapshot, a "
    "pprof "
    "profile, a log with a goroutine dump in it, or host:port of an endpoint";

Result<std::vector<std::byte>> read_beginning(const std::string& path) {
  target::FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.is_open() && (errno == EACCES || errno == EPERM))
    return fail(Denied{"may not read " + path, "ask its owner, or use sudo"});
  if (!file.is_open())
    return fail(Missing{fmt::format("{} cannot be opened: {}", path, std::strerror(errno)), ""});
  struct stat status{};
  if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode))
    return fail(Usage{path + " is no regular file", kUnderstood});
  std::vector<std::byte> beginning(64);
  ssize_t got = ::read(file.get(), beginning.data(), beginning.size());
  if (got < 0) return fail(Missing{fmt::format("{}: {}", path, std::strerror(errno)), ""});
  beginning.resize(static_cast<std::size_t>(got));
  return beginning;
}

const Packing* find_packing(std::string_view beginning) {
  for (const Packing& packing : kPackings)
    if (beginning.starts_with(packing.magic)) return &packing;
  return nullptr;
}

// What ByteStream unpacks by itself is a file of its own, so that only a core or a picture, which
// are read here and there, must be unpacked before.
Error why_not_packed(const std::string& path, const Packing& packing) {
  Error unpack = Usage{fmt::format("{} is compressed with {}", path, packing.name),
                       fmt::format("unpack it first: {} {}", packing.command, path)};
  if (!ByteStream::is_packed(packing.magic)) return unpack;
  auto stream = ByteStream::open(path, UINT64_MAX);
  if (!stream) return stream.error();
  auto beginning = stream->peek(sizeof(Elf64_Ehdr));
  if (!beginning) return beginning.error();
  if (as_text(*beginning).starts_with(ELFMAG) || snapshot::is_snapshot_file(*beginning))
    return unpack;
  return Usage{
      fmt::format("{}, unpacked, is neither a profile nor has it a goroutine dump in it", path),
      kUnderstood};
}

std::string_view find_foreign_dump(const std::string& path) {
  constexpr std::size_t kTellingBytes = 64 << 10;
  auto stream = ByteStream::open(path, UINT64_MAX);
  if (!stream) return {};
  auto beginning = stream->peek(kTellingBytes);
  return beginning ? name_of_foreign_dump(as_text(*beginning)) : std::string_view();
}

bool is_profile_file(const std::string& path) {
  auto stream = ByteStream::open(path, pprof::kMostProfileBytes);
  if (!stream) return false;
  auto beginning = stream->peek(pprof::kRecognisedBytes);
  if (!beginning) beginning = stream->peek(1);  // what came before it was cut off or broke
  return beginning && pprof::is_profile(*beginning);
}

}  // namespace

Result<std::unique_ptr<target::Target>> open_process(const Source& source, Wanted wanted) {
  begin_stage(source.stages, "open the process");
  if (source.stages != nullptr) source.stages->note_bytes_read(0);  // it may be the second one
  std::optional<target::PauseLimit> limit;
  if (source.max_pause_ns > 0) limit = {std::chrono::nanoseconds(source.max_pause_ns), wanted.heap};
  return target::open_process(source.pid, {.way = source.way,
                                           .limit = limit,
                                           .counts_pages = wanted.pages,
                                           .checked = source.compared});
}

Result<FileKind> recognise_file(const std::string& path) {
  std::vector<std::byte> bytes = TRY(read_beginning(path));
  std::string_view beginning = as_text(bytes);
  if (beginning.starts_with(ELFMAG)) {
    if (load<std::uint16_t>(bytes, offsetof(Elf64_Ehdr, e_type)) != ET_CORE)
      return fail(Usage{path + " is a program, and nothing of it runs",
                        "start it and give its process id, or give a core that it left"});
    return FileKind::kCore;
  }
  if (snapshot::is_snapshot_file(bytes)) return FileKind::kSnapshot;
  if (snapshot::is_heap_dump(bytes)) return FileKind::kHeapDump;
  if (is_profile_file(path)) return FileKind::kProfile;
  if (const Packing* packing = find_packing(beginning)) return fail(why_not_packed(path, *packing));
  if (beginning.empty()) return fail(Usage{path + " is empty", kUnderstood});
  if (std::string_view foreign = find_foreign_dump(path); !foreign.empty())
    return fail(
        Usage{fmt::format("{} has {} in it, and Goshawk looks at Go programs only", path, foreign),
              kUnderstood});
  return fail(
      Usage{path + " is neither a core, a snapshot, a profile nor has it a goroutine dump in it",
            kUnderstood});
}

}  // namespace goshawk::inspection
