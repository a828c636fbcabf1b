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
#include <set>

#include "binary/elf_file.h"
#include "goruntime/facts/moduledata.h"
#include "goruntime/layout/table_layout.h"
#include "goruntime/symbols/build_facts.h"
#include "goruntime/symbols/program_kind.h"
#include "goruntime/symbols/runtime_choice.h"
#include "goruntime/symbols/unnamed_release.h"

namespace goshawk::goruntime {
namespace {

using target::Mapping;
using target::Memory;
using target::without_deleted;

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

// A file as it is mapped, and what was found in its data.
struct Image {
  std::string path;  // empty: no file
  std::vector<Mapping> data;
  std::optional<Address> moduledata;
  std::optional<Address> build_information;
};

// Unreadable parts read as zeros. False when none of it can be read: what a hostile core only
// claims to have is not searched.
bool read_chunk(const Memory& memory, Address from, std::vector<std::byte>& bytes) {
  constexpr std::uint64_t kPieceBytes = 64 << 10;
  std::vector<Memory::Piece> pieces;
  for (std::uint64_t at = 0; at < bytes.size(); at += kPieceBytes)
    pieces.push_back(
        {from + at, bytes.data() + at, std::min<std::uint64_t>(kPieceBytes, bytes.size() - at)});
  return memory.read_pieces(pieces) < pieces.size();
}

void search(const Memory& memory, AddressRange range, Image& found) {
  constexpr std::uint64_t kOverlap = moduledata_head::kSizeBytes;
  std::vector<std::byte> bytes;
  for (Address at = range.start; at < range.end; at = at + kChunkBytes) {
    Address end = std::min(at + kChunkBytes + kOverlap, range.end);
    bytes.resize(end - at);
    if (!read_chunk(memory, at, bytes)) continue;
    if (!found.build_information)
      if (auto offset = find_build_information(at, bytes)) found.build_information = at + *offset;
    for (std::uint64_t i = 0; !found.moduledata && i + kOverlap <= bytes.size(); i += 8)
      if (may_be_moduledata(bytes.data() + i) && check_head(memory, slice(bytes, i, kOverlap)))
        found.moduledata = at + i;
    if (found.moduledata && found.build_information) return;
  }
}

bool is_file(const Mapping& mapping) { return mapping.path.starts_with('/'); }

bool may_have_moduledata(const Mapping& mapping) {
  return mapping.readable && mapping.writable && !mapping.shared;
}

// By file; one that is mapped as a whole twice (dlmopen) is there twice.
std::vector<Image> list_images(const std::vector<Mapping>& mappings) {
  std::vector<Image> images;
  for (const Mapping& mapping : mappings) {
    if (!may_have_moduledata(mapping) || !is_file(mapping)) continue;
    std::string path(without_deleted(mapping.path));
    auto known = std::ranges::find_if(images, [&](const Image& image) {
      return image.path == path && image.data.back().file_offset < mapping.file_offset;
    });
    if (known == images.end())
      known = images.insert(known, Image{std::move(path), {}, std::nullopt, std::nullopt});
    known->data.push_back(mapping);
  }
  return images;
}

void search_image(const Memory& memory, Image& image, std::uint64_t& budget) {
  for (const Mapping& mapping : image.data) {
    if (mapping.range.size_bytes() > budget) continue;
    budget -= mapping.range.size_bytes();
    search(memory, mapping.range, image);
    if (image.moduledata && image.build_information) return;
  }
}

// What no file backs: a packed program unpacks itself there.
Image search_anonymous(const Memory& memory, const std::vector<Mapping>& mappings) {
  Image image;
  for (const Mapping& mapping : mappings)
    if (may_have_moduledata(mapping) && !is_file(mapping)) image.data.push_back(mapping);
  std::uint64_t budget = kMaxAnonymousBytes;
  search_image(memory, image, budget);
  return image;
}

// Those in which anything was found: the executable, then other files (Go shared libraries) by
// their path. One file holds one runtime.
std::vector<Image> search_images(const target::Target& target,
                                 const std::vector<Mapping>& mappings) {
  std::string path = target.executable_path();
  auto is_executable = [&](const Image& image) { return image.path == without_deleted(path); };
  std::vector<Image> images = list_images(mappings);
  std::ranges::stable_sort(std::ranges::stable_partition(images, is_executable), {}, &Image::path);
  std::uint64_t of_executable = kMaxImageDataBytes, of_libraries = kMaxImageDataBytes;
  for (Image& image : images)
    search_image(target.memory(), image, is_executable(image) ? of_executable : of_libraries);
  std::erase_if(images,
                [](const Image& image) { return !image.moduledata && !image.build_information; });
  if (std::ranges::any_of(images, [](const Image& image) { return image.moduledata.has_value(); }))
    return images;
  Image anonymous = search_anonymous(target.memory(), mappings);
  if (!anonymous.build_information && !images.empty())
    anonymous.build_information = images.front().build_information;
  images.push_back(std::move(anonymous));
  return images;
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

struct FittingModules {
  int minor = 0;
  std::vector<Moduledata> modules;
};

// The releases as whose moduledata this one can be read, the newest first; else the first error.
Result<std::vector<FittingModules>> find_fitting(const Memory& memory,
                                                 const std::vector<Mapping>& mappings,
                                                 Address first, const BuildFacts& build) {
  std::vector<FittingModules> fitting;
  std::optional<Error> first_error;
  for (int minor = TableLayout::newest_minor(); minor >= kOldestMinor; --minor) {
    auto layout = bind_layout(
        GoVersion{.minor = minor, .patch = 0, .text = fmt::format("go1.{}", minor)}, build.arch);
    if (!layout) continue;
    auto modules = read_chain(memory, mappings, first, *layout);
    if (!modules && !first_error) first_error = modules.error();
    if (modules && modules->front().has_main) fitting.push_back({minor, std::move(*modules)});
  }
  if (!fitting.empty()) return fitting;
  if (first_error) return fail(std::move(*first_error));
  return fail(Missing{fmt::format("a table for {} {}", build.version.text, build.arch),
                      "goshawk does not know this Go release"});
}

// The version's text names no release.
Result<GoVersion> identify_build(const Memory& memory, const std::vector<Mapping>& mappings,
                                 Address first, const BuildFacts& build) {
  std::vector<FittingModules> fitting = TRY(find_fitting(memory, mappings, first, build));
  std::vector<FittingShape> shapes;
  for (const FittingModules& as : fitting) shapes.push_back({as.minor, as.modules.front().types});
  return identify_release(memory, build.arch, shapes);
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

std::optional<BuildInformation> read_build(const Memory& memory, const Image& image) {
  std::optional<BuildInformation> build;
  if (image.build_information) build = read_build_information(memory, *image.build_information);
  if (build || !image.moduledata) return build;
  auto bytes = memory.read_bytes(*image.moduledata, moduledata_head::kSizeBytes);
  if (!bytes) return std::nullopt;
  auto text = find_build_version(memory, range_of(*bytes, moduledata_head::kData));
  return text ? std::optional(BuildInformation{
                    .version = std::move(*text), .main_path = "", .from_data = true})
              : std::nullopt;
}

bool is_too_old(const std::optional<GoVersion>& version) {
  return version && version->minor != 0 && version->minor < kOldestMinor;
}

Result<Modules> read_runtime(const target::Target& target, const std::vector<Mapping>& mappings,
                             const Image& image, const std::optional<BuildInformation>& build) {
  const Memory& memory = target.memory();
  auto version = build ? parse_go_version(build->version) : std::nullopt;
  if (is_too_old(version))
    return fail(too_old(image.path.empty() ? target.executable_path() : image.path, version->text));
  TRY_VOID(check_processor(target, *image.moduledata));

  Modules modules;
  modules.build.arch = arch_of(target.machine());
  if (!version) {
    version = TRY(identify_build(memory, mappings, *image.moduledata, modules.build));
    modules.build.unnamed = true;
  }
  modules.build.version = *version;
  modules.build.by_build_information = build && !build->from_data;
  if (build) modules.build.main_path = build->main_path;
  modules.build.newer_than_tables =
      version->minor == 0 || version->minor > TableLayout::newest_minor();
  if (modules.build.newer_than_tables || version->development) {
    modules.all =
        TRY(find_fitting(memory, mappings, *image.moduledata, modules.build)).front().modules;
  } else {
    ModuledataLayout layout = TRY(bind_layout(*version, modules.build.arch));
    modules.all = TRY(read_chain(memory, mappings, *image.moduledata, layout));
  }
  auto mapping = std::ranges::find_if(mappings, [&](const Mapping& one) {
    return one.range.contains(modules.all.front().address);
  });
  if (mapping != mappings.end()) modules.image = *mapping;
  return modules;
}

Error explain_no_runtime(const target::Target& target, const std::vector<Mapping>& mappings,
                         const std::vector<Image>& images) {
  for (const Image& image : images) {
    auto build = read_build(target.memory(), image);
    auto version = build ? parse_go_version(build->version) : std::nullopt;
    if (is_too_old(version)) return too_old(target.executable_path(), version->text);
  }
  return explain_unreadable_program(target, mappings);
}

}  // namespace

Result<int> open_image(const target::Target& target, const Modules& modules) {
  return is_file(modules.image) ? target.open_mapped_file(modules.image) : target.open_executable();
}

// What is in the chain of modules of one runtime (a plugin) is no runtime of its own.
Result<std::vector<Runtime>> find_runtimes(const target::Target& target,
                                           const std::vector<target::Mapping>& mappings) {
  std::vector<Image> images = search_images(target, mappings);
  std::vector<Runtime> runtimes;
  std::set<Address> known;
  for (const Image& image : images) {
    if (!image.moduledata || known.contains(*image.moduledata)) continue;
    auto build = read_build(target.memory(), image);
    auto modules = read_runtime(target, mappings, image, build);
    if (modules)
      for (const Moduledata& module : modules->all) known.insert(module.address);
    runtimes.push_back({{image.path, build ? build->version : ""}, std::move(modules)});
  }
  if (runtimes.empty()) return fail(explain_no_runtime(target, mappings, images));
  return runtimes;
}

Result<Modules> read_modules(const target::Target& target,
                             const std::vector<target::Mapping>& mappings,
                             std::string_view wanted) {
  std::vector<Runtime> runtimes = TRY(find_runtimes(target, mappings));
  std::size_t chosen = TRY(choose_runtime(runtimes, wanted));
  Modules modules = TRY(std::move(runtimes[chosen].modules));
  for (std::size_t i = 0; i < runtimes.size(); ++i)
    if (i != chosen) modules.other_runtimes.push_back(std::move(runtimes[i].name));
  return modules;
}

}  // namespace goshawk::goruntime
