// A core holds what the process had written; what it only read (code, the function tables, names)
// is in the files that it had mapped. The executable is told by AT_PHDR, which points into it, and
// must be the very build that ran: its first page, with the build ids, is in most cores and is
// compared. Where it is not, goruntime's own checks stand alone: the tables' header is in the file,
// the addresses that must fit it in the core. Other files are only believed by their build id, too;
// one without it in the core only if it is a Go library. Follows fs/coredump.c vma_dump_size (what
// the kernel leaves out).
#include "target/core_file.h"

#include <elf.h>
#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <filesystem>
#include <set>

#include "target/core_memory.h"
#include "target/core_notes.h"
#include "target/debug_file.h"
#include "target/memory_use.h"

namespace goshawk::target {
namespace {

using binary::ElfFile;

const char* const kGiveExecutable = "name the executable that made the core with --exe PATH";

// What tells one build from another; both ids empty: nothing but where it starts.
struct Identity {
  std::string gnu_build_id, go_build_id;
  Address entry;

  explicit Identity(const ElfFile& elf)
      : gnu_build_id(elf.gnu_build_id()), go_build_id(elf.go_build_id()), entry(elf.entry()) {}

  // A core has no sections, and Go's linker may leave a note out of its segment: what the core
  // knows must be so in the file, which may know more.
  bool is_of(const Identity& file) const {
    auto none_or = [](const std::string& one, const std::string& other) {
      return one.empty() || one == other;
    };
    return entry == file.entry && none_or(gnu_build_id, file.gnu_build_id) &&
           none_or(go_build_id, file.go_build_id);
  }
  bool has_id() const { return !gnu_build_id.empty() || !go_build_id.empty(); }
  std::string text() const {
    if (!has_id()) return "no build id";
    if (gnu_build_id.empty() || go_build_id.empty())
      return "build id " + gnu_build_id + go_build_id;
    return fmt::format("build ids {} and {}", gnu_build_id, go_build_id);
  }
};

Result<FileDescriptor> open_file(const std::string& path) {
  FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.is_open()) return file;
  if (errno == EACCES || errno == EPERM)
    return fail(Denied{"may not read " + path, "ask its owner, or use sudo"});
  return fail(Missing{fmt::format("{} cannot be opened: {}", path, std::strerror(errno)), ""});
}

Result<ElfFile> open_elf(const std::string& path) {
  return ElfFile::open(TRY(open_file(path)).release(), path);
}

// Its function tables must fit the addresses in the core: goruntime checks that.
bool has_go_tables(const ElfFile& elf) {
  return elf.find_section(".gopclntab") != nullptr ||
         elf.find_section(".data.rel.ro.gopclntab") != nullptr;
}

class CoreStop : public Stop {
 public:
  explicit CoreStop(const std::vector<Thread>& threads) : threads_(threads) {}
  const std::vector<Thread>& threads() const override { return threads_; }
  Result<void> let_go() override { return {}; }
  std::int64_t pause_ns() const override { return 0; }

 private:
  const std::vector<Thread>& threads_;
};

class CoreFile : public Target {
 public:
  CoreFile(ElfFile core, FileDescriptor file, CoreNotes notes)
      : core_(std::move(core)), notes_(std::move(notes)), memory_(std::move(file), core_) {}

  Result<void> find_files(const ExecutableSearch& search);

  std::string kind() const override { return "core"; }
  binary::Machine machine() const override { return core_.machine(); }
  bool goes_on() const override { return false; }
  std::int64_t pid() const override { return notes_.pid; }
  std::string executable_path() const override {
    return recorded_path_.empty() ? notes_.command : recorded_path_;
  }
  Result<int> open_executable() const override;
  Result<int> open_mapped_file(const Mapping& mapping) const override;
  std::string path_of_file(const Mapping& mapping) const override {
    bool found = mapping.path == recorded_path_ && !found_path_.empty();
    return found ? found_path_ : Target::path_of_file(mapping);
  }
  const Memory& memory() const override { return memory_; }
  Result<std::vector<Mapping>> read_mappings() const override;
  Result<MemoryUse> read_memory_use() const override;
  Result<std::unique_ptr<Stop>> stop() override {
    return std::make_unique<CoreStop>(notes_.threads);
  }
  Result<std::int64_t> read_monotonic_ns() const override {
    return fail(Missing{"a clock in the core", "ages"});
  }
  std::optional<Error> why_unreadable() const override { return no_executable_; }
  std::vector<std::string> shortcomings() const override;

 private:
  std::string find_recorded_path() const;
  std::optional<Identity> read_identity(const std::string& recorded_path) const;
  Result<void> find_executable(const ExecutableSearch& search);
  Result<void> try_executable(const std::string& path);
  std::vector<std::string> places_of_executable(const ExecutableSearch& search) const;
  void map_by_segments(const ElfFile& executable);
  void overlay(const std::string& recorded_path, ByteView bytes);
  void add_pieces(const Mapping& whole, std::vector<Mapping>& mappings) const;

  ElfFile core_;
  CoreNotes notes_;
  CoreMemory memory_;
  std::string recorded_path_;         // of the executable, as the process knew it
  std::optional<Identity> recorded_;  // of the executable, from the core
  std::string found_path_;            // of the file that serves as the executable; empty: none does
  std::set<std::string> libraries_;   // the other files that serve, by the path that was mapped
  std::deque<ElfFile> files_;         // what memory_ overlays
  std::optional<Error> no_executable_;
};

std::string CoreFile::find_recorded_path() const {
  for (Address inside : {notes_.program_headers, notes_.entry})
    for (const MappedFile& file : notes_.files)
      if (file.range.contains(inside)) return file.path;
  return "";
}

// From the first page of a file where the core has it: the ELF header, and notes behind it.
std::optional<Identity> CoreFile::read_identity(const std::string& recorded_path) const {
  constexpr std::uint64_t kPageBytes = 4096;
  for (const MappedFile& file : notes_.files) {
    if (file.path != recorded_path || file.file_offset != 0) continue;
    auto bytes = memory_.read_bytes(file.range.start, kPageBytes);
    if (!bytes) continue;
    if (auto elf = ElfFile::parse(*bytes, file.path)) return Identity(*elf);
  }
  return std::nullopt;
}

void CoreFile::overlay(const std::string& recorded_path, ByteView bytes) {
  for (const MappedFile& file : notes_.files)
    if (file.path == recorded_path) memory_.overlay(file, bytes);
}

// For a core that does not say which files were mapped.
void CoreFile::map_by_segments(const ElfFile& executable) {
  std::uint64_t bias = executable.is_position_independent() && !notes_.entry.is_null()
                           ? notes_.entry - executable.entry()
                           : 0;
  constexpr std::uint64_t kPageBytes = 4096;
  for (const binary::Segment& segment : executable.segments()) {
    std::uint64_t before = segment.address.value() % kPageBytes;
    if (segment.type != PT_LOAD || segment.file_size_bytes == 0 || segment.file_offset < before)
      continue;
    Address start = segment.address + bias - before;
    notes_.files.push_back({{start, start + before + segment.file_size_bytes},
                            segment.file_offset - before,
                            recorded_path_});
  }
}

// The file at `path`, if it is what made the core.
Result<void> CoreFile::try_executable(const std::string& path) {
  ElfFile elf = TRY(open_elf(path));
  if (elf.is_core())
    return fail(Usage{path + " is a core, not an executable", "name the program that made it"});
  if (elf.is_debug_file())
    return fail(Missing{path + " is a debug file: it holds none of the program's code and data",
                        kGiveExecutable});
  Identity identity(elf);
  if (elf.machine() != core_.machine() || (recorded_ && !recorded_->is_of(identity)))
    return fail(
        Missing{fmt::format("{} ({}) is another build than the one that made the core ({})", path,
                            identity.text(), recorded_ ? recorded_->text() : "for another machine"),
                kGiveExecutable});
  if (recorded_path_.empty()) recorded_path_ = path;
  if (std::ranges::find(notes_.files, recorded_path_, &MappedFile::path) == notes_.files.end())
    map_by_segments(elf);
  found_path_ = path;
  overlay(recorded_path_, files_.emplace_back(std::move(elf)).bytes());
  return {};
}

std::vector<std::string> CoreFile::places_of_executable(const ExecutableSearch& search) const {
  if (!search.executable.empty()) return {search.executable};
  std::vector<std::string> places;
  if (!recorded_path_.empty()) {
    std::filesystem::path recorded(recorded_path_);
    places.push_back(recorded_path_);
    places.push_back(
        (std::filesystem::path(core_.name()).parent_path() / recorded.filename()).string());
  }
  std::vector<std::string> directories = search.debug_directories;
  directories.emplace_back(kSystemDebugDirectory);
  for (const std::string& directory : directories)
    if (recorded_ && recorded_->gnu_build_id.size() > 2)
      places.push_back(fmt::format("{}/.build-id/{}/{}", directory,
                                   recorded_->gnu_build_id.substr(0, 2),
                                   recorded_->gnu_build_id.substr(2)));
  for (const std::string& directory : directories)
    if (recorded_path_.starts_with('/')) places.push_back(directory + recorded_path_);
  return places;
}

// One that was named must do; of the others the first that does, or why none does.
Result<void> CoreFile::find_executable(const ExecutableSearch& search) {
  std::string wanted = recorded_path_.empty() ? "that made the core" : recorded_path_;
  if (recorded_) wanted += fmt::format(" ({})", recorded_->text());
  no_executable_ = Missing{"the executable " + wanted + " was not found", kGiveExecutable};
  for (const std::string& place : places_of_executable(search)) {
    auto tried = try_executable(place);
    if (tried) {
      no_executable_.reset();
      return {};
    }
    if (!search.executable.empty()) return tried;
    std::error_code ignored;
    if (std::filesystem::exists(place, ignored)) no_executable_ = tried.error();
  }
  return {};
}

Result<void> CoreFile::find_files(const ExecutableSearch& search) {
  recorded_path_ = find_recorded_path();
  recorded_ = read_identity(recorded_path_);
  TRY_VOID(find_executable(search));
  std::set<std::string> others;
  for (const MappedFile& file : notes_.files)
    if (file.path != recorded_path_) others.insert(file.path);
  for (const std::string& path : others) {
    auto recorded = read_identity(path);
    auto elf = open_elf(path);
    if (!elf || elf->machine() != core_.machine() || elf->is_debug_file()) continue;
    bool same_build = recorded && recorded->has_id() && recorded->is_of(Identity(*elf));
    if (!same_build && (recorded || !has_go_tables(*elf))) continue;
    libraries_.insert(path);
    overlay(path, files_.emplace_back(std::move(*elf)).bytes());
  }
  return {};
}

Result<int> CoreFile::open_executable() const {
  if (found_path_.empty()) return fail(*no_executable_);
  return TRY(open_file(found_path_)).release();
}

// Only what the core was completed with.
Result<int> CoreFile::open_mapped_file(const Mapping& mapping) const {
  if (mapping.path == recorded_path_) return open_executable();
  if (!libraries_.contains(mapping.path))
    return fail(
        Missing{"the file " + mapping.path + " that the core was made with", "its symbols"});
  return TRY(open_file(mapping.path)).release();
}

// Cut where a mapped file begins or ends: the kernel merges nothing, but gdb does.
void CoreFile::add_pieces(const Mapping& whole, std::vector<Mapping>& mappings) const {
  auto file = std::ranges::upper_bound(notes_.files, whole.range.start, {},
                                       [](const MappedFile& f) { return f.range.end; });
  for (Address at = whole.range.start; at < whole.range.end;) {
    Mapping piece = whole;
    piece.range.start = at;
    if (file != notes_.files.end() && file->range.contains(at)) {
      piece.path = file->path;
      piece.file_offset = file->file_offset + (at - file->range.start);
      piece.range.end = std::min(whole.range.end, file->range.end);
      ++file;
    } else if (file != notes_.files.end()) {
      piece.range.end = std::min(whole.range.end, file->range.start);
    }
    at = piece.range.end;
    mappings.push_back(std::move(piece));
  }
}

Result<std::vector<Mapping>> CoreFile::read_mappings() const {
  std::vector<Mapping> wholes;
  for (const binary::Segment& segment : core_.segments()) {
    Address end = segment.address + segment.memory_size_bytes;
    if (segment.type != PT_LOAD || segment.address >= end) continue;
    Mapping mapping;
    mapping.range = {segment.address, end};
    mapping.readable = (segment.flags & PF_R) != 0;
    mapping.writable = (segment.flags & PF_W) != 0;
    mapping.executable = (segment.flags & PF_X) != 0;
    wholes.push_back(std::move(mapping));
  }
  std::ranges::sort(wholes, {}, [](const Mapping& m) { return m.range.start; });
  std::vector<Mapping> mappings;
  Address done;
  auto left_out = [&](Address until) {  // gdb leaves whole mappings out
    for (const MappedFile& file : notes_.files) {
      Mapping mapping;
      mapping.range = {std::max(done, file.range.start), std::min(until, file.range.end)};
      mapping.readable = mapping.executable = true;
      if (mapping.range.start < mapping.range.end) add_pieces(mapping, mappings);
    }
  };
  for (Mapping& whole : wholes) {
    if (whole.range.start < done) continue;  // two at the same address: the first counts
    left_out(whole.range.start);
    add_pieces(whole, mappings);
    done = whole.range.end;
  }
  left_out(Address(~std::uint64_t{0}));
  return mappings;
}

// A core does not tell what was resident: what it holds counts, without pages of zeros (those that
// nobody ever touched are in it too, and nothing tells them apart).
Result<MemoryUse> CoreFile::read_memory_use() const {
  std::vector<AddressRange> held;
  for (const binary::Segment& segment : core_.segments()) {
    Address end = segment.address + segment.file_size_bytes;
    if (segment.type == PT_LOAD && segment.address < end) held.push_back({segment.address, end});
  }
  std::ranges::sort(held, {}, &AddressRange::start);
  Address done;  // of two at the same address the first counts
  for (AddressRange& range : held) {
    range.start = std::max(range.start, done);
    done = range.end = std::max(range.start, range.end);
  }
  MemoryUse use;
  for (Mapping& mapping : TRY(read_mappings())) {
    MappingUse& one =
        use.mappings.emplace_back(MappingUse{.mapping = std::move(mapping), .resident = {}});
    AddressRange range = one.mapping.range;
    auto part = std::ranges::upper_bound(held, range.start, {}, &AddressRange::end);
    for (; part != held.end() && part->start < range.end; ++part) {
      AddressRange both{std::max(part->start, range.start), std::min(part->end, range.end)};
      auto pages = find_pages_with_content(memory_, both);
      one.resident.insert(one.resident.end(), pages.begin(), pages.end());
    }
    one.resident_bytes = size_of(one.resident);
  }
  return use;
}

std::vector<std::string> CoreFile::shortcomings() const {
  std::vector<std::string> lacks;
  if (memory_.cut_off_bytes() != 0)
    lacks.push_back(fmt::format("the core file is cut off: {} bytes of memory are missing",
                                memory_.cut_off_bytes()));
  if (no_executable_ && !memory_.read_value<char>(notes_.entry))
    lacks.push_back(describe(*no_executable_));
  return lacks;
}

}  // namespace

Result<std::unique_ptr<Target>> open_core(const std::string& path, const ExecutableSearch& search) {
  ElfFile core = TRY(open_elf(path));
  if (!core.is_core())
    return fail(Usage{path + " is a program, not a core of one",
                      "give the core, or the id of the running process"});
  CoreNotes notes = TRY(parse_core_notes(core));
  FileDescriptor file = TRY(open_file(path));
  auto target = std::make_unique<CoreFile>(std::move(core), std::move(file), std::move(notes));
  TRY_VOID(target->find_files(search));
  return target;
}

}  // namespace goshawk::target
