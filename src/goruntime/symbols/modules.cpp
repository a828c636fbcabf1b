// How the moduledata is found without symbols or sections: the writable memory of the image is
// searched for its head, nine pointers that must equal the pclntab's address plus the offsets that
// the pclntab's own header gives. No program was seen to have a second match, whatever its link
// mode, and it also finds obfuscated programs that carry a pclntab magic of their own. Everything
// is read from the process: in a PIE the file holds addresses before relocation.
//
// The fields behind the head differ between releases: they come from the release's table. For a
// release that no table knows, or between two, the known shapes are tried from the newest on. In
// either case a shape is believed only when the fields agree with each other (check_shape). Not
// handled: a text split in over 64 sections, an image of over 1 GB of data. Follows
// runtime/symtab.go moduledata, moduledataverify1, modulesinit.
#include "goruntime/symbols/modules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "binary/elf_file.h"
#include "goruntime/facts/moduledata.h"
#include "goruntime/layout/table_layout.h"
#include "goruntime/symbols/build_facts.h"
#include "goruntime/symbols/program_kind.h"

namespace goshawk::goruntime {
namespace {

using target::Mapping;
using target::Memory;

constexpr int kOldestMinor = 19;
constexpr std::uint64_t kPcHeaderBytes = 72;
constexpr std::uint64_t kMaxTableBytes = 1ULL << 32;
constexpr std::uint64_t kChunkBytes = 1 << 20;
constexpr std::uint64_t kMaxAnonymousBytes = 64 << 20;
constexpr std::uint64_t kMaxImageDataBytes = 1ULL << 30;
constexpr std::size_t kMaxModules = 1000;
constexpr std::uint64_t kMaxTextSections = 64;
constexpr std::uint64_t kMaxNameBytes = 4096;

std::uint64_t word(ByteView bytes, std::uint64_t offset) {
  return load<std::uint64_t>(bytes, offset).value_or(0);
}

AddressRange range_of(ByteView bytes, std::uint32_t offset) {
  return {Address(word(bytes, offset)), Address(word(bytes, offset + 8))};
}

// A slice header as a range of bytes; an empty range when length and capacity differ.
AddressRange slice_of(ByteView bytes, std::uint32_t offset, std::uint64_t element_bytes) {
  std::uint64_t length = word(bytes, offset + 8);
  Address start(word(bytes, offset));
  if (length > kMaxTableBytes || length != word(bytes, offset + 16)) return {start, start};
  return {start, start + length * element_bytes};
}

// ---- The head ----

// Cheap enough for every word of the image; what passes is checked in full.
bool may_be_moduledata(const std::byte* at) {
  namespace head = moduledata_head;
  auto value = [at](std::uint32_t offset) { return load_unchecked<std::uint64_t>(at + offset); };
  std::uint64_t pclntab = value(head::kPcHeader);
  if (pclntab < 4096 || pclntab % 8 != 0) return false;
  std::uint64_t names = value(head::kFuncnametab) - pclntab;
  if (names < kPcHeaderBytes || names > kMaxTableBytes) return false;
  if (value(head::kFuncnametab + 8) != value(head::kFuncnametab + 16)) return false;
  return value(head::kFtab) == value(head::kPclntable) && value(head::kText) <= value(head::kEtext);
}

struct Head {
  PclntabRanges pclntab;
  AddressRange text, functions, noptrdata, data, bss, noptrbss;
};

// runtime.pcHeader since 1.18: magic u32, two zeros, minLC, ptrSize, nfunc, nfiles, textStart,
// then the offsets of the five tables.
std::optional<Head> check_head(const Memory& memory, ByteView bytes) {
  namespace head = moduledata_head;
  Address start(word(bytes, head::kPcHeader));
  auto header = memory.read_bytes(start, kPcHeaderBytes);
  if (!header) return std::nullopt;
  Cursor cursor{ByteView(*header)};
  cursor.skip(4);  // the magic: any, see above
  if (cursor.u16() != 0) return std::nullopt;
  std::uint8_t pc_quantum = cursor.u8();
  if ((pc_quantum != 1 && pc_quantum != 4) || cursor.u8() != 8) return std::nullopt;
  std::uint64_t function_count = cursor.u64();
  cursor.skip(16);
  if (function_count == 0 || function_count > 10'000'000) return std::nullopt;

  Head found;
  found.pclntab.header = {start, start + kPcHeaderBytes};
  found.pclntab.function_count = static_cast<std::uint32_t>(function_count);
  found.pclntab.pc_quantum = pc_quantum;
  struct Table {
    std::uint32_t offset;
    AddressRange* range;
    std::uint64_t element_bytes;
  };
  const Table tables[] = {{head::kFuncnametab, &found.pclntab.funcnametab, 1},
                          {head::kCutab, &found.pclntab.cutab, 4},
                          {head::kFiletab, &found.pclntab.filetab, 1},
                          {head::kPctab, &found.pclntab.pctab, 1},
                          {head::kPclntable, &found.pclntab.pclntable, 1}};
  std::uint64_t before = 0;
  for (const Table& table : tables) {
    std::uint64_t offset = cursor.u64();
    *table.range = slice_of(bytes, table.offset, table.element_bytes);
    if (offset <= before || table.range->start != start + offset) return std::nullopt;
    before = offset;
  }
  if (word(bytes, head::kFtab + 8) != function_count + 1) return std::nullopt;
  if (found.pclntab.pclntable.size_bytes() < (function_count + 1) * 8) return std::nullopt;

  found.text = range_of(bytes, head::kText);
  found.functions = range_of(bytes, head::kMinpc);
  found.noptrdata = range_of(bytes, head::kNoptrdata);
  found.data = range_of(bytes, head::kData);
  found.bss = range_of(bytes, head::kBss);
  found.noptrbss = range_of(bytes, head::kNoptrbss);
  if (found.text.start != found.functions.start || found.functions.end > found.text.end)
    return std::nullopt;
  for (const AddressRange& range :
       {found.text, found.functions, found.noptrdata, found.data, found.bss, found.noptrbss})
    if (range.start > range.end || range.end - range.start > kMaxTableBytes) return std::nullopt;
  return found;
}

// ---- The search ----

struct Found {
  std::optional<Address> moduledata;
  std::optional<Address> build_information;
};

// Unreadable parts read as zeros.
std::vector<std::byte> read_chunk(const Memory& memory, AddressRange range) {
  constexpr std::uint64_t kPieceBytes = 64 << 10;
  std::vector<std::byte> bytes(range.size_bytes());
  std::vector<Memory::Piece> pieces;
  for (std::uint64_t at = 0; at < bytes.size(); at += kPieceBytes)
    pieces.push_back({range.start + at, bytes.data() + at,
                      std::min<std::uint64_t>(kPieceBytes, bytes.size() - at)});
  memory.read_pieces(pieces);
  return bytes;
}

void search(const Memory& memory, AddressRange range, Found& found) {
  constexpr std::uint64_t kOverlap = moduledata_head::kSizeBytes;
  for (Address at = range.start; at < range.end; at = at + kChunkBytes) {
    Address end = std::min(at + kChunkBytes + kOverlap, range.end);
    std::vector<std::byte> bytes = read_chunk(memory, {at, end});
    if (!found.build_information)
      if (auto offset = find_build_information(bytes)) found.build_information = at + *offset;
    for (std::uint64_t i = 0; !found.moduledata && i + kOverlap <= bytes.size(); i += 8)
      if (may_be_moduledata(bytes.data() + i) && check_head(memory, slice(bytes, i, kOverlap)))
        found.moduledata = at + i;
    if (found.moduledata && found.build_information) return;
  }
}

std::string_view without_deleted(std::string_view path) {
  constexpr std::string_view kDeleted = " (deleted)";
  if (path.ends_with(kDeleted)) path.remove_suffix(kDeleted.size());
  return path;
}

bool is_file(const Mapping& mapping) { return mapping.path.starts_with('/'); }

// The executable's data first; then other files' (a Go shared library); then what no file backs (a
// packed program unpacks itself there).
Found search_image(const target::Target& target, const std::vector<Mapping>& mappings) {
  std::string path = target.executable_path();
  std::string_view executable = without_deleted(path);
  Found found;
  for (int pass = 0; pass < 3 && !found.moduledata; ++pass) {
    std::uint64_t budget = pass == 2 ? kMaxAnonymousBytes : kMaxImageDataBytes;
    for (const Mapping& mapping : mappings) {
      if (!mapping.readable || !mapping.writable || mapping.shared) continue;
      bool of_executable = is_file(mapping) && without_deleted(mapping.path) == executable;
      int kind = of_executable ? 0 : is_file(mapping) ? 1 : 2;
      if (kind != pass || mapping.range.size_bytes() > budget) continue;
      budget -= mapping.range.size_bytes();
      search(target.memory(), mapping.range, found);
      if (found.moduledata && found.build_information) return found;
    }
  }
  return found;
}

// ---- The rest of the structure ----

// Its bits end with the last pointer in the range; progToPointerMask made room in whole bytes.
bool is_mask_of(Bitvector mask, AddressRange range) {
  std::uint64_t words = (range.size_bytes() + 7) / 8;
  return mask.bits <= (words + 7) / 8 * 8 && !mask.bytes.is_null();
}

// The name of the first field that contradicts the others; empty when none does.
std::string_view check_shape(const Moduledata& module, Address next, std::uint64_t hasmain,
                             const std::vector<Mapping>& mappings) {
  auto is_in_image = [&](Address address) {
    return std::ranges::any_of(mappings, [&](const Mapping& mapping) {
      return mapping.readable && mapping.range.contains(address);
    });
  };
  if (!is_mask_of(module.gcdata_mask, module.data)) return "gcdatamask";
  if (!is_mask_of(module.gcbss_mask, module.bss)) return "gcbssmask";
  if (hasmain > 1) return "hasmain";
  if (module.types.start >= module.types.end || !is_in_image(module.types.start)) return "types";
  if (!is_in_image(module.rodata)) return "rodata";
  if (!is_in_image(module.gofunc)) return "gofunc";
  if (!next.is_null() && (!next.is_aligned(8) || !is_in_image(next))) return "next";
  return "";
}

std::string read_name(const Memory& memory, ByteView bytes, std::uint32_t offset) {
  std::uint64_t size = word(bytes, offset + 8);
  if (size == 0 || size > kMaxNameBytes) return "";
  auto text = memory.read_bytes(Address(word(bytes, offset)), size);
  return text ? std::string(as_text(*text)) : "";
}

std::vector<TextSection> read_text_sections(const Memory& memory, ByteView bytes,
                                            std::uint32_t offset) {
  std::uint64_t count = word(bytes, offset + 8);
  if (count < 2 || count > kMaxTextSections) return {};
  auto table = memory.read_bytes(Address(word(bytes, offset)), count * 24);
  if (!table) return {};
  std::vector<TextSection> sections;
  for (std::uint64_t i = 0; i < count; ++i) {
    TextSection section{word(*table, i * 24), word(*table, i * 24 + 8),
                        Address(word(*table, i * 24 + 16))};
    if (section.first_offset > section.last_offset) return {};
    sections.push_back(section);
  }
  return sections;
}

struct ReadModule {
  Moduledata module;
  Address next;
};

Result<ReadModule> read_module(const Memory& memory, const std::vector<Mapping>& mappings,
                               Address address, const ModuledataLayout& layout) {
  constexpr std::uint64_t kMaxSize = 4096;
  if (layout.size_bytes > kMaxSize || layout.size_bytes < moduledata_head::kSizeBytes)
    return fail(Missing{"a size of runtime.moduledata that makes sense", ""});
  std::vector<std::byte> bytes = TRY(memory.read_bytes(address, layout.size_bytes));
  auto head = check_head(memory, bytes);
  if (!head) return fail(Malformed{"runtime.moduledata", address.value(), "not a moduledata"});

  ReadModule read;
  Moduledata& module = read.module;
  module.address = address;
  module.next_field = address + layout.next;
  module.pc_header = head->pclntab.header.start;
  module.pclntab = head->pclntab;
  module.text = head->text;
  module.functions = head->functions;
  module.noptrdata = head->noptrdata;
  module.data = head->data;
  module.bss = head->bss;
  module.noptrbss = head->noptrbss;
  auto mask = [&](std::uint32_t offset) {
    return Bitvector{load<std::uint32_t>(bytes, offset).value_or(0),
                     Address(word(bytes, offset + 8))};
  };
  module.gcdata_mask = mask(layout.gcdatamask);
  module.gcbss_mask = mask(layout.gcbssmask);
  module.types = {Address(word(bytes, layout.types)), Address(word(bytes, layout.etypes))};
  module.rodata = Address(word(bytes, layout.rodata));
  module.gofunc = Address(word(bytes, layout.gofunc));
  module.text_sections = read_text_sections(memory, bytes, layout.textsectmap);
  module.name = read_name(memory, bytes, layout.modulename);
  auto hasmain = load<std::uint8_t>(bytes, layout.hasmain).value_or(2);
  module.has_main = hasmain == 1;
  read.next = Address(word(bytes, layout.next));

  if (module.gcdata_mask.bits == 0 && module.gcbss_mask.bits == 0 && module.data.size_bytes() > 0)
    return fail(Missing{"the masks of the program's globals",
                        "the Go runtime is still starting; try again in a moment"});
  if (auto field = check_shape(module, read.next, hasmain, mappings); !field.empty())
    return fail(
        Missing{fmt::format("runtime.moduledata.{} as the table of this Go release has it", field),
                "goshawk cannot read a runtime with a changed moduledata"});
  return read;
}

Result<std::vector<Moduledata>> read_chain(const Memory& memory,
                                           const std::vector<Mapping>& mappings, Address first,
                                           const ModuledataLayout& layout) {
  std::vector<Moduledata> modules;
  for (Address at = first; !at.is_null();) {
    if (modules.size() == kMaxModules)
      return fail(Missing{"an end of the chain of modules", "the globals of all plugins"});
    ReadModule read = TRY(read_module(memory, mappings, at, layout));
    modules.push_back(std::move(read.module));
    at = read.next;
    if (std::ranges::find(modules, at, &Moduledata::address) != modules.end()) break;
  }
  std::ranges::stable_partition(modules, &Moduledata::has_main);
  return modules;
}

// ---- What the binary says of itself ----

Error too_old(const std::string& path, const std::string& version) {
  return Missing{fmt::format("{} was built with {}", path, version),
                 "goshawk reads programs built with Go 1.19 or later"};
}

// The linker lays it out: no experiment of the runtime's changes it.
Result<ModuledataLayout> bind_layout(GoVersion version, const std::string& arch) {
  version.text = fmt::format("go1.{}.{}", version.minor, version.patch);
  std::unique_ptr<LayoutSource> table = TRY(table_layout(version, arch));
  return ModuledataLayout::bind(*table);
}

Result<std::vector<Moduledata>> read_with_any_shape(const Memory& memory,
                                                    const std::vector<Mapping>& mappings,
                                                    Address first, const BuildFacts& build) {
  std::optional<Error> first_error;
  for (int minor = TableLayout::newest_minor(); minor >= kOldestMinor; --minor) {
    auto layout = bind_layout(
        GoVersion{.minor = minor, .patch = 0, .text = fmt::format("go1.{}", minor)}, build.arch);
    if (!layout) continue;
    auto modules = read_chain(memory, mappings, first, *layout);
    if (modules && modules->front().has_main) return modules;
    if (!modules && !first_error) first_error = modules.error();
  }
  if (first_error) return fail(std::move(*first_error));
  return fail(Missing{fmt::format("a table for {} {}", build.version.text, build.arch),
                      "goshawk does not know this Go release"});
}

// Functions are told in steps of the processor's least instruction. An emulator is a process of
// this processor with a program of another one in its memory: its threads' registers are its own.
Result<void> check_processor(const target::Target& target, Address moduledata) {
  std::vector<std::byte> bytes =
      TRY(target.memory().read_bytes(moduledata, moduledata_head::kSizeBytes));
  auto head = check_head(target.memory(), bytes);
  const std::uint32_t expected = target.machine() == binary::Machine::kArm64 ? 4 : 1;
  if (!head || head->pclntab.pc_quantum == expected) return {};
  return fail(
      Missing{fmt::format("{} is an emulator with a Go program for another processor in it",
                          target.executable_path()),
              "goshawk cannot look into an emulator; have the emulated program leave a core "
              "(GOTRACEBACK=crash, then SIGQUIT) and give that"});
}

}  // namespace

Result<int> open_image(const target::Target& target, const Modules& modules) {
  return is_file(modules.image) ? target.open_mapped_file(modules.image) : target.open_executable();
}

Result<Modules> read_modules(const target::Target& target, const std::vector<Mapping>& mappings) {
  const Memory& memory = target.memory();
  Modules modules;
  modules.build.arch = arch_of(target.machine());
  Found found = search_image(target, mappings);

  std::optional<BuildInformation> build;
  if (found.build_information) build = read_build_information(memory, *found.build_information);
  modules.build.by_build_information = build.has_value();
  if (!build && found.moduledata) {
    auto bytes = TRY(memory.read_bytes(*found.moduledata, moduledata_head::kSizeBytes));
    if (auto text = find_build_version(memory, range_of(bytes, moduledata_head::kData)))
      build = BuildInformation{std::move(*text), ""};
  }
  auto version = build ? parse_go_version(build->version) : std::nullopt;
  if (version && version->minor != 0 && version->minor < kOldestMinor)
    return fail(too_old(target.executable_path(), version->text));
  if (!found.moduledata) return fail(explain_unreadable_program(target, mappings));
  TRY_VOID(check_processor(target, *found.moduledata));
  if (!version && build) version = GoVersion{.text = build->version};
  if (!version)
    return fail(Missing{"the Go release that the program was built with",
                        "neither build information nor runtime.buildVersion was found"});

  modules.build.version = *version;
  modules.build.main_path = build->main_path;
  modules.build.newer_than_tables =
      version->minor == 0 || version->minor > TableLayout::newest_minor();
  if (modules.build.newer_than_tables || version->development) {
    modules.all = TRY(read_with_any_shape(memory, mappings, *found.moduledata, modules.build));
  } else {
    ModuledataLayout layout = TRY(bind_layout(*version, modules.build.arch));
    modules.all = TRY(read_chain(memory, mappings, *found.moduledata, layout));
  }
  auto image = std::ranges::find_if(mappings, [&](const Mapping& mapping) {
    return mapping.range.contains(modules.all.front().address);
  });
  if (image != mappings.end()) modules.image = *image;
  return modules;
}

}  // namespace goshawk::goruntime
