// Headers, segments, sections and notes of an ELF file. elf(5).
//
// Header and program headers must be right, else the file is Malformed. Section headers are a
// convenience: a table that does not fit in the file counts as none, a name that is not there as
// empty. The file is mapped; an executable that runs cannot be written to, so its pages stay.
#include "binary/elf_file.h"

#include <elf.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "binary/section_contents.h"

namespace goshawk::binary {
namespace {

constexpr std::uint32_t kGnuBuildId = 3, kGoBuildId = 4;

std::uint64_t round_up_4(std::uint64_t size_bytes) { return (size_bytes + 3) & ~std::uint64_t{3}; }

// The description of the first note of that owner and type.
ByteView find_in_notes(ByteView notes, std::string_view owner, std::uint32_t type) {
  Cursor cursor(notes);
  while (cursor.remaining() >= 12) {
    std::uint32_t owner_size = cursor.u32(), size_bytes = cursor.u32(), found = cursor.u32();
    ByteView name = cursor.bytes(owner_size);
    cursor.skip(round_up_4(owner_size) - owner_size);
    ByteView description = cursor.bytes(size_bytes);
    if (cursor.failed()) return {};
    std::string_view text = as_text(name);
    if (found == type && text.substr(0, text.find('\0')) == owner) return description;
    cursor.skip(std::min(round_up_4(size_bytes) - size_bytes, cursor.remaining()));
  }
  return {};
}

struct ClosedAtEnd {
  int fd;
  ~ClosedAtEnd() { ::close(fd); }
};

Result<std::uint64_t> find_size(int fd, const std::string& name) {
  struct stat facts{};
  if (::fstat(fd, &facts) != 0 || !S_ISREG(facts.st_mode) || facts.st_size == 0)
    return fail(Malformed{name, 0, "not a file with contents"});
  return static_cast<std::uint64_t>(facts.st_size);
}

}  // namespace

void UnmapFile::operator()(const std::byte* start) const {
  ::munmap(const_cast<std::byte*>(start), size_bytes);
}

Result<ElfFile> ElfFile::open(int fd, std::string name) {
  ClosedAtEnd closed{fd};
  std::uint64_t size_bytes = TRY(find_size(fd, name));
  void* memory = ::mmap(nullptr, size_bytes, PROT_READ, MAP_PRIVATE, fd, 0);
  return adopt(memory, size_bytes, std::move(name));
}

Result<ElfFile> ElfFile::open_copy(int fd, std::string name, std::uint64_t limit_bytes) {
  ClosedAtEnd closed{fd};
  std::uint64_t size_bytes = TRY(find_size(fd, name));
  if (size_bytes > limit_bytes)
    return fail(Missing{fmt::format("{} has {} MB", name, size_bytes >> 20),
                        fmt::format("only files of up to {} MB are read", limit_bytes >> 20)});
  void* memory =
      ::mmap(nullptr, size_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  auto copy = static_cast<std::byte*>(memory);
  for (std::uint64_t done = 0; memory != MAP_FAILED && done < size_bytes;) {
    ssize_t n = ::pread(fd, copy + done, size_bytes - done, static_cast<off_t>(done));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;  // it became shorter: the rest is zeros
    done += static_cast<std::uint64_t>(n);
  }
  return adopt(memory, size_bytes, std::move(name));
}

// The result of mmap.
Result<ElfFile> ElfFile::adopt(void* memory, std::uint64_t size_bytes, std::string name) {
  int error = errno;
  if (memory == MAP_FAILED)
    return fail(Denied{fmt::format("cannot map {}: {}", name, std::strerror(error)), ""});
  auto start = static_cast<const std::byte*>(memory);
  std::unique_ptr<const std::byte, UnmapFile> mapped(start, UnmapFile{size_bytes});
  auto file = TRY(parse({start, size_bytes}, std::move(name)));
  file.mapped_ = std::move(mapped);
  return file;
}

Result<ElfFile> ElfFile::parse(ByteView bytes, std::string name) {
  ElfFile file;
  file.bytes_ = bytes;
  file.name_ = std::move(name);
  TRY_VOID(file.parse_header());
  return file;
}

Result<void> ElfFile::parse_header() {
  auto header = load<Elf64_Ehdr>(bytes_, 0);
  if (bytes_.size() < SELFMAG || as_text(bytes_.first(SELFMAG)) != ELFMAG)
    return fail(Malformed{name_, 0, "not an ELF file"});
  if (bytes_.size() > EI_CLASS && bytes_[EI_CLASS] == std::byte{ELFCLASS32})
    return fail(Missing{fmt::format("{} is a 32-bit program", name_),
                        "goshawk reads 64-bit programs (x86-64, arm64) only"});
  if (!header || header->e_ident[EI_CLASS] != ELFCLASS64)
    return fail(Malformed{name_, EI_CLASS, "no 64-bit ELF header"});
  if (header->e_ident[EI_DATA] != ELFDATA2LSB)
    return fail(Missing{fmt::format("{} is for a big-endian machine", name_),
                        "goshawk reads x86-64 and arm64 programs only"});
  if (header->e_machine != EM_X86_64 && header->e_machine != EM_AARCH64)
    return fail(
        Missing{fmt::format("{} is for another machine (ELF machine {})", name_, header->e_machine),
                "goshawk reads x86-64 and arm64 programs only"});
  if (header->e_type != ET_EXEC && header->e_type != ET_DYN && header->e_type != ET_CORE)
    return fail(Malformed{
        name_, 16, fmt::format("neither a program nor a core (ELF type {})", header->e_type)});
  machine_ = header->e_machine == EM_X86_64 ? Machine::kX86_64 : Machine::kArm64;
  position_independent_ = header->e_type == ET_DYN;
  core_ = header->e_type == ET_CORE;
  entry_ = Address(header->e_entry);

  // Counts that do not fit stand in the first section header.
  auto first_section = load<Elf64_Shdr>(bytes_, header->e_shoff);
  bool has_sections = header->e_shoff != 0 && first_section;
  std::uint64_t segments = header->e_phnum, sections = header->e_shnum;
  if (segments == PN_XNUM && has_sections) segments = first_section->sh_info;
  if (sections == 0 && has_sections) sections = first_section->sh_size;
  std::uint32_t names = header->e_shstrndx;
  if (names == SHN_XINDEX && has_sections) names = first_section->sh_link;

  TRY_VOID(parse_segments(header->e_phoff, segments, header->e_phentsize));
  if (has_sections) parse_sections(header->e_shoff, sections, header->e_shentsize, names);
  return {};
}

Result<void> ElfFile::parse_segments(std::uint64_t offset, std::uint64_t count,
                                     std::uint64_t entry_size) {
  if (count == 0) return {};
  if (entry_size != sizeof(Elf64_Phdr) || offset > bytes_.size() ||
      count > (bytes_.size() - offset) / entry_size)
    return fail(Malformed{name_, offset, "the program headers are not in the file"});
  segments_.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    auto raw = load_unchecked<Elf64_Phdr>(bytes_.data() + offset + i * entry_size);
    segments_.push_back(
        {raw.p_type, raw.p_flags, raw.p_offset, raw.p_filesz, Address(raw.p_vaddr), raw.p_memsz});
  }
  return {};
}

void ElfFile::parse_sections(std::uint64_t offset, std::uint64_t count, std::uint64_t entry_size,
                             std::uint32_t names_index) {
  if (entry_size != sizeof(Elf64_Shdr) || count > (bytes_.size() - offset) / entry_size) return;
  auto at = [&](std::uint64_t i) {
    return load_unchecked<Elf64_Shdr>(bytes_.data() + offset + i * entry_size);
  };
  ByteView names;
  if (names_index < count && at(names_index).sh_type != SHT_NOBITS)
    names = slice(bytes_, at(names_index).sh_offset, at(names_index).sh_size);
  sections_.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    Elf64_Shdr raw = at(i);
    std::string_view name = Cursor(names, raw.sh_name).c_string();
    sections_.push_back({name, raw.sh_type, raw.sh_flags, Address(raw.sh_addr), raw.sh_offset,
                         raw.sh_size, raw.sh_link, raw.sh_entsize});
  }
}

bool ElfFile::is_debug_file() const {
  constexpr std::uint64_t kCode = SHF_ALLOC | SHF_EXECINSTR;
  return std::ranges::any_of(sections_, [](const Section& section) {
    return section.type == SHT_NOBITS && (section.flags & kCode) == kCode && section.size_bytes > 0;
  });
}

const Section* ElfFile::find_section(std::string_view name) const {
  for (const Section& section : sections_)
    if (section.name == name) return &section;
  return nullptr;
}

ByteView ElfFile::section_bytes(const Section& section) const {
  if (section.type == SHT_NOBITS) return {};
  return slice(bytes_, section.file_offset, section.size_bytes);
}

Result<std::vector<std::byte>> ElfFile::read_section(std::string_view name) const {
  auto contents = TRY(SectionContents::open(*this, name));
  ByteView all = contents.all();
  if (all.size() < contents.size_bytes())
    return fail(Malformed{name_, 0,
                          fmt::format("section {} ends after {} of {} bytes", name, all.size(),
                                      contents.size_bytes())});
  return std::vector<std::byte>(all.begin(), all.end());
}

ByteView ElfFile::find_loaded_bytes(Address address, std::uint64_t size_bytes) const {
  for (const Segment& segment : segments_) {
    if (segment.type != PT_LOAD || address < segment.address) continue;
    std::uint64_t offset = address - segment.address;
    if (offset > segment.file_size_bytes || size_bytes > segment.file_size_bytes - offset) continue;
    if (offset > bytes_.size() || segment.file_offset > bytes_.size() ||
        !fits(bytes_, segment.file_offset + offset, size_bytes))
      continue;
    return bytes_.subspan(segment.file_offset + offset, size_bytes);
  }
  return {};
}

// By sections first: the segments of a debug file say where its notes were in the executable.
ByteView ElfFile::find_note(std::string_view owner, std::uint32_t type) const {
  for (const Section& section : sections_) {
    if (section.type != SHT_NOTE) continue;
    ByteView found = find_in_notes(section_bytes(section), owner, type);
    if (!found.empty()) return found;
  }
  for (const Segment& segment : segments_) {
    if (segment.type != PT_NOTE) continue;
    ByteView found =
        find_in_notes(slice(bytes_, segment.file_offset, segment.file_size_bytes), owner, type);
    if (!found.empty()) return found;
  }
  return {};
}

std::string ElfFile::gnu_build_id() const {
  std::string text;
  for (std::byte byte : find_note("GNU", kGnuBuildId))
    text += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
  return text;
}

std::string ElfFile::go_build_id() const {
  return std::string(as_text(find_note("Go", kGoBuildId)));
}

}  // namespace goshawk::binary
