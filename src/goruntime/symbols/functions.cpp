// Functions over all modules. Opening costs the same for a small and a huge program: the tables
// are views into the executable file (see image_bytes), and nothing walks over all functions until
// somebody looks for one by name.
#include "goruntime/symbols/functions.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "goruntime/facts/pclntab_magic.h"
#include "goruntime/symbols/function_tables.h"
#include "goruntime/symbols/inline_tree.h"

namespace goshawk::goruntime {
namespace {

std::vector<AddressRange> wanted_ranges(const Moduledata& module) {
  return {{module.pclntab.header.start, module.pclntab.pclntable.end},
          {module.gofunc, module.gofunc + 1},
          {module.rodata, module.rodata + 1}};
}

// The same in the file and in the process whatever the link mode: no relocated word is in them.
std::vector<AddressRange> proof_ranges(const Moduledata& module) {
  const PclntabRanges& tables = module.pclntab;
  Address header = tables.header.start;
  return {{header, header + 24},  // then textStart, which is relocated
          {header + 32, tables.header.end},
          tables.funcnametab,
          tables.pclntable,
          {tables.pclntable.end - std::min<std::uint64_t>(tables.pclntable.size_bytes(), 4096),
           tables.pclntable.end}};
}

Result<Pclntab> open_pclntab(const ImageBytes& image, const Moduledata& module,
                             const GoVersion& version) {
  const PclntabRanges& tables = module.pclntab;
  Pclntab::Bytes bytes{.funcnametab = image.range(tables.funcnametab),
                       .cutab = image.range(tables.cutab),
                       .filetab = image.range(tables.filetab),
                       .pctab = image.range(tables.pctab),
                       .pclntable = image.range(tables.pclntable)};
  Pclntab pclntab(module, bytes, FuncLayout::bind(version));
  if (!pclntab.has_shape())
    return fail(
        Missing{fmt::format("the function table of {} does not have the shape known for {}",
                            module.name.empty() ? "the program" : module.name, version.text),
                "without it no stack can be read; a newer goshawk may know this Go release"});
  return pclntab;
}

// An obfuscator writes a magic number of its own, so that tools do not find the table, and hides
// the entries in it. A magic number alone may be that of a Go release to come.
bool is_obfuscated(const ImageBytes& image, const Moduledata& module, const Pclntab& pclntab) {
  auto magic = load<std::uint32_t>(image.range(module.pclntab.header), 0);
  return magic && !is_readable_pclntab(*magic) && pclntab.find_entry_key().value_or(0) != 0;
}

SourceFrame to_source_frame(const Functions::Tables& tables, const Pclntab& pclntab,
                            const FunctionRecord& function, const LogicalFrame& logical) {
  SourceFrame frame;
  frame.function = pclntab.name(logical.name_offset);
  FileLine line = pclntab.file_line(function, logical.pc);
  frame.file = line.file;
  frame.line = line.line;
  frame.inlined = logical.inlined;
  frame.kind = tables.func_ids.kind(logical.func_id, frame.function);
  frame.wrapper = frame.kind == FunctionKind::kWrapper;
  return frame;
}

}  // namespace

Result<Functions> Functions::read(const target::Target& target,
                                  const std::vector<target::Mapping>& mappings,
                                  const Modules& modules) {
  auto tables = std::make_unique<Tables>();
  tables->traceback_rules = TracebackRules::bind(modules.build.version);
  tables->func_ids = FuncIds::bind(modules.build.version);
  tables->arm64 = modules.build.arch == "arm64";
  std::vector<AddressRange> wanted;
  for (const Moduledata& module : modules.all)
    std::ranges::copy(wanted_ranges(module), std::back_inserter(wanted));
  std::vector<AddressRange> proof;
  if (!modules.all.empty()) proof = proof_ranges(modules.all.front());
  tables->image = TRY(ImageBytes::open(target, mappings, wanted, proof));

  FunctionId first = 0;
  for (const Moduledata& module : modules.all) {
    Pclntab pclntab = TRY(open_pclntab(tables->image, module, modules.build.version));
    tables->obfuscated = tables->obfuscated || is_obfuscated(tables->image, module, pclntab);
    std::uint32_t count = pclntab.function_count();
    tables->modules.push_back({std::move(pclntab), first});
    first += count;
  }
  return Functions(std::move(tables));
}

Functions::Functions(std::unique_ptr<Tables> tables) : tables_(std::move(tables)) {}
Functions::Functions(Functions&&) noexcept = default;
Functions& Functions::operator=(Functions&&) noexcept = default;
Functions::~Functions() = default;

std::uint32_t Functions::count() const {
  if (tables_->modules.empty()) return 0;
  const Tables::Module& last = tables_->modules.back();
  return last.first + last.pclntab.function_count();
}

bool Functions::are_obfuscated() const { return tables_->obfuscated; }

FunctionId Functions::find(Address pc) const {
  for (const Tables::Module& module : tables_->modules)
    if (auto index = module.pclntab.find(pc)) return module.first + *index;
  return kNoFunction;
}

Address Functions::entry(FunctionId function) const {
  auto place = tables_->place(function);
  return place ? place->pclntab->entry(place->index) : Address();
}

std::string_view Functions::name(FunctionId function) const {
  auto place = tables_->place(function);
  return place ? place->pclntab->name(place->pclntab->name_offset(place->index))
               : std::string_view();
}

FunctionKind Functions::kind(FunctionId function) const {
  auto place = tables_->place(function);
  if (!place) return FunctionKind::kNormal;
  return tables_->func_ids.kind(place->pclntab->func_id(place->index), name(function));
}

bool Functions::is_assembly(FunctionId function) const {
  auto place = tables_->place(function);
  auto record = place ? place->pclntab->record(place->index) : std::nullopt;
  return record && (record->flag & kFlagAsm) != 0;
}

bool Functions::writes_sp(FunctionId function) const {
  auto place = tables_->place(function);
  auto record = place ? place->pclntab->record(place->index) : std::nullopt;
  return !record || (record->flag & kFlagSpWrite) != 0;
}

bool Functions::has_name(std::string_view name) const {
  return std::ranges::any_of(tables_->modules, [&](const Tables::Module& module) {
    return module.pclntab.find_name(name) != 0;
  });
}

std::optional<FunctionId> Functions::find_by_name(std::string_view name) const {
  return find_by_names(std::span(&name, 1)).front();
}

std::vector<FunctionId> Functions::find_all_by_name(std::string_view name) const {
  std::vector<FunctionId> found;
  for (const Tables::Module& module : tables_->modules) {
    std::uint32_t offset = module.pclntab.find_name(name);
    for (std::uint32_t i = 0; offset != 0 && i < module.pclntab.function_count(); ++i)
      if (module.pclntab.name_offset(i) == offset &&
          kind(module.first + i) != FunctionKind::kWrapper)
        found.push_back(module.first + i);
  }
  return found;
}

std::vector<std::optional<FunctionId>> Functions::find_by_names(
    std::span<const std::string_view> names) const {
  std::vector<std::optional<FunctionId>> found(names.size());
  for (const Tables::Module& module : tables_->modules) {
    const Pclntab& pclntab = module.pclntab;
    std::unordered_multimap<std::uint32_t, std::size_t> sought;  // name offset -> position in names
    for (std::size_t i = 0; i < names.size(); ++i)
      if (std::uint32_t offset = found[i] ? 0 : pclntab.find_name(names[i]))
        sought.emplace(offset, i);
    if (sought.empty()) continue;
    for (std::uint32_t index = 0; index < pclntab.function_count(); ++index) {
      auto [begin, end] = sought.equal_range(pclntab.name_offset(index));
      for (auto it = begin; it != end; ++it) {
        // An ABI wrapper has the name of what it wraps: the function itself is meant.
        auto& place = found[it->second];
        if (!place || kind(*place) == FunctionKind::kWrapper) place = module.first + index;
      }
    }
  }
  return found;
}

std::vector<SourceFrame> Functions::source_frames(FunctionId function, Address pc) const {
  std::vector<SourceFrame> frames;
  auto place = tables_->place(function);
  auto record = place ? place->pclntab->record(place->index) : std::nullopt;
  if (!record) return {SourceFrame{.function = "?", .file = "?"}};
  auto tree = place->pclntab->funcdata(*record, kFuncdataInlTree);
  ByteView tree_bytes = tree ? tables_->image.from(*tree) : ByteView{};
  for (const LogicalFrame& logical : expand_inlining(*place->pclntab, *record, tree_bytes, pc))
    frames.push_back(to_source_frame(*tables_, *place->pclntab, *record, logical));
  return frames;
}

std::optional<SourceFrame> Functions::creation_frame(Address gopc) const {
  FunctionId function = find(gopc);
  if (function == kNoFunction) return std::nullopt;
  auto place = *tables_->place(function);
  auto record = place.pclntab->record(place.index);
  if (!record) return std::nullopt;
  Address pc = gopc > record->entry ? gopc - 1 : gopc;
  return to_source_frame(
      *tables_, *place.pclntab, *record,
      {.name_offset = record->name_offset, .func_id = record->func_id, .inlined = false, .pc = pc});
}

}  // namespace goshawk::goruntime
