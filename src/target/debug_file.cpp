// In the order that gdb documents ("Debugging Information in Separate Files"): by GNU build id in
// each debug directory, then by the executable's link beside it, in .debug there, and in each debug
// directory at the executable's path; last, which gdb does not do, right in a directory that the
// user named. A path that the target knows is looked for in the target's own root first.
//
// Debug information of another build would make wrong answers look right. A file that was found by
// its build id has that id; one that a link names has the link's checksum; and no build id that
// both files hold, GNU's or Go's, may differ. The file is copied, so that nobody changes it between
// these checks and its use. What it says of code and data is never asked for: it has none.
#include "target/debug_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "binary/debug_link.h"
#include "target/file_descriptor.h"

namespace goshawk::target {
namespace {

using binary::ElfFile;

constexpr std::uint64_t kMostBytes = 2ULL << 30;

struct Place {
  std::string path;
  bool of_target = false;  // a path that the target knows, not only ours
  bool by_link = false;
};

std::string folder_of(const std::string& path) {
  std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

void add_places_by_build_id(const std::string& id, const std::string& directory,
                            std::vector<Place>& places) {
  if (id.size() <= 2) return;
  places.push_back(
      {fmt::format("{}/.build-id/{}/{}.debug", directory, id.substr(0, 2), id.substr(2)),
       directory == kSystemDebugDirectory, false});
}

void add_places_by_link(const std::string& name, const std::string& path,
                        std::span<const std::string> directories, std::vector<Place>& places) {
  std::string folder = folder_of(path);
  places.push_back({fmt::format("{}/{}", folder, name), true, true});
  places.push_back({fmt::format("{}/.debug/{}", folder, name), true, true});
  for (const std::string& directory : directories)
    if (folder.starts_with('/'))
      places.push_back({fmt::format("{}{}/{}", directory, folder, name),
                        directory == kSystemDebugDirectory, true});
  for (const std::string& directory : directories)
    if (directory != kSystemDebugDirectory)
      places.push_back({fmt::format("{}/{}", directory, name), false, true});
}

std::string ids_of(const ElfFile& elf) {
  std::string gnu = elf.gnu_build_id(), go = elf.go_build_id();
  if (gnu.empty() && go.empty()) return "no build id";
  if (gnu.empty() || go.empty()) return "build id " + gnu + go;
  return fmt::format("build ids {} and {}", gnu, go);
}

// Opens and judges one place after another; each file once, whatever leads to it.
class Search {
 public:
  Search(const Target& target, const ElfFile& image, std::optional<binary::DebugLink> link)
      : target_(target), image_(image), link_(std::move(link)) {}

  bool try_place(const Place& place);
  DebugFileSearch release() && {
    if (found_.found != nullptr) found_.rejected.clear();
    return std::move(found_);
  }

 private:
  bool try_file(FileDescriptor file, const Place& place);
  std::string find_objection(const ElfFile& file, const Place& place) const;

  const Target& target_;
  const ElfFile& image_;
  std::optional<binary::DebugLink> link_;
  std::set<std::pair<std::uint64_t, std::uint64_t>> seen_;
  DebugFileSearch found_;
};

bool Search::try_place(const Place& place) {
  if (place.of_target)
    if (auto file = target_.open_in_root(place.path))
      if (try_file(FileDescriptor(*file), place)) return true;
  return try_file(FileDescriptor(::open(place.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)),
                  place);
}

bool Search::try_file(FileDescriptor file, const Place& place) {
  struct stat status{};
  if (!file.is_open() || ::fstat(file.get(), &status) != 0) return false;
  if (!seen_.emplace(status.st_dev, status.st_ino).second) return false;
  auto elf = ElfFile::open_copy(file.release(), place.path, kMostBytes);
  std::string objection = elf ? find_objection(*elf, place) : describe(elf.error());
  if (objection.empty()) {
    found_.found = std::make_unique<ElfFile>(std::move(*elf));
    return true;
  }
  found_.rejected.push_back(
      fmt::format("the debug file {} was not used: {}", place.path, objection));
  return false;
}

std::string Search::find_objection(const ElfFile& file, const Place& place) const {
  if (std::ranges::equal(file.bytes(), image_.bytes())) return "it is the program itself";
  if (file.machine() != image_.machine() || file.is_core() ||
      file.is_position_independent() != image_.is_position_independent())
    return "it is of another kind of program";
  auto differ = [](const std::string& one, const std::string& other) {
    return !one.empty() && !other.empty() && one != other;
  };
  if (differ(file.gnu_build_id(), image_.gnu_build_id()) ||
      differ(file.go_build_id(), image_.go_build_id()) ||
      (!place.by_link && file.gnu_build_id() != image_.gnu_build_id()))
    return fmt::format("it is of another build ({}) than the program ({})", ids_of(file),
                       ids_of(image_));
  std::uint32_t crc = place.by_link ? binary::compute_debug_link_crc(file.bytes()) : 0;
  if (place.by_link && crc != link_->crc)
    return fmt::format(
        "it is of another build, or damaged (its CRC is {:08x}, the program's link to it has "
        "{:08x}; {})",
        crc, link_->crc, ids_of(file));
  return "";
}

}  // namespace

DebugFileSearch find_debug_file(const Target& target, const ElfFile& image, const std::string& path,
                                std::span<const std::string> directories) {
  std::vector<std::string> all(directories.begin(), directories.end());
  all.emplace_back(kSystemDebugDirectory);
  auto link = binary::find_debug_link(image);
  std::vector<Place> places;
  for (const std::string& directory : all)
    add_places_by_build_id(image.gnu_build_id(), directory, places);
  if (link) add_places_by_link(link->name, path, all, places);
  Search search(target, image, std::move(link));
  for (const Place& place : places)
    if (search.try_place(place)) break;
  return std::move(search).release();
}

}  // namespace goshawk::target
