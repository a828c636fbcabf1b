// For tests: a Go program's function tables, written function by function the way the linker lays
// them out, in the shape of Go 1.19 or of later releases, for either architecture.
#pragma once

#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "goruntime/symbols/function_tables.h"

namespace goshawk::goruntime {

class SyntheticProgram {
 public:
  static constexpr Address kText{0x401000};
  static constexpr Address kImage{0x600000};

  // {first pc offset behind the value's range, value}, ascending.
  using PcValues = std::vector<std::pair<std::uint32_t, std::int32_t>>;
  using Bits = std::vector<std::string>;  // "0110": bit 0 first; one row for each index

  struct Inlined {
    std::string name;
    std::uint32_t parent_pc = 0;
    std::uint8_t func_id = 0;
  };
  struct Object {
    std::int32_t offset = 0;
    std::int32_t size_bytes = 0;
    std::int32_t pointer_bytes = 0;  // negative: `mask` is a GC program
    std::vector<std::uint8_t> mask = {};
  };
  struct Function {
    std::string name;
    std::uint32_t size_bytes = 0x40;
    std::uint8_t func_id = 0;
    std::uint8_t flag = 0;
    std::int32_t args_bytes = 0;
    std::uint32_t deferreturn = 0;
    PcValues spdelta = {};            // empty: no frame information
    PcValues lines = {}, files = {};  // files: indices into SyntheticProgram::files
    PcValues inline_index = {}, stack_map_index = {};
    std::optional<Bits> locals = {}, args = {};
    std::vector<Object> objects = {};
    std::vector<Inlined> inlined = {};
  };

  explicit SyntheticProgram(int minor, bool arm64 = false) : arm64_(arm64) {
    version_.minor = minor;
    version_.text = "go1." + std::to_string(minor);
    layout_ = FuncLayout::bind(version_);
    put(pctab_, std::uint8_t{0});  // offset 0 means that there is no table
    name("");
  }

  std::vector<std::string> files = {"/src/a.go", "/src/b.go"};
  std::uint32_t entry_key = 0;  // as an obfuscator hides each function's second entry word

  Address add(const Function& function) {
    Address entry = kText + text_bytes_;
    functab_.push_back({static_cast<std::uint32_t>(text_bytes_), 0});
    records_.push_back(function);
    text_bytes_ += function.size_bytes;
    return entry;
  }

  // Views into this: the program must outlive them. Nothing can be added afterwards.
  Functions build() { return Functions(build_tables()); }
  std::unique_ptr<Functions::Tables> build_tables() {
    lay_out();
    auto tables = std::make_unique<Functions::Tables>();
    tables->image = ImageBytes::of(kImage, image_);
    tables->func_ids = FuncIds::bind(version_);
    tables->traceback_rules = TracebackRules::bind(version_);
    tables->arm64 = arm64_;
    tables->modules.push_back({open_pclntab(), 0});
    return tables;
  }
  // After build.
  Pclntab open_pclntab() const { return open_pclntab(layout_); }
  Pclntab open_pclntab(const FuncLayout& layout) const {
    auto view = [this](std::uint64_t from, std::uint64_t to) {
      return slice(image_, from, to - from);
    };
    return {module_,
            {.funcnametab = view(names_at_, cutab_at_),
             .cutab = view(cutab_at_, filetab_at_),
             .filetab = view(filetab_at_, pctab_at_),
             .pctab = view(pctab_at_, pclntable_at_),
             .pclntable = view(pclntable_at_, image_.size())},
            layout};
  }
  std::vector<std::byte>& image() { return image_; }  // after build; for tests that break it
  std::span<std::byte> pclntable() { return std::span(image_).subspan(pclntable_at_); }
  Moduledata& module() { return module_; }
  const GoVersion& version() const { return version_; }

 private:
  using Bytes = std::vector<std::byte>;

  template <typename T>
  static void put(Bytes& into, T value) {
    const auto* bytes = reinterpret_cast<const std::byte*>(&value);
    into.insert(into.end(), bytes, bytes + sizeof value);
  }
  static void put_varint(Bytes& into, std::uint32_t value) {
    for (; value >= 0x80; value >>= 7) put(into, static_cast<std::uint8_t>(value | 0x80));
    put(into, static_cast<std::uint8_t>(value));
  }
  static void align(Bytes& bytes, std::size_t to) {
    while (bytes.size() % to != 0) bytes.push_back(std::byte{0});
  }

  std::uint32_t name(const std::string& text) {
    auto [it, is_new] = name_offsets_.try_emplace(text, static_cast<std::uint32_t>(names_.size()));
    if (is_new) {
      for (char c : text) put(names_, c);
      put(names_, '\0');
    }
    return it->second;
  }

  std::uint32_t pc_values(const PcValues& values) {
    if (values.empty()) return 0;
    auto offset = static_cast<std::uint32_t>(pctab_.size());
    std::int32_t value = -1;
    std::uint32_t pc = 0;
    for (auto [until, next] : values) {
      std::int32_t delta = next - value;
      put_varint(pctab_, (static_cast<std::uint32_t>(delta) << 1) ^ (delta < 0 ? 0xffffffffU : 0));
      put_varint(pctab_, (until - pc) / (arm64_ ? 4 : 1));
      value = next;
      pc = until;
    }
    put(pctab_, std::uint8_t{0});
    return offset;
  }

  // All funcdata is relative to the image's start, as are masks.
  std::uint32_t stack_map(const Bits& rows) {
    align(image_, 4);
    auto offset = static_cast<std::uint32_t>(image_.size());
    put(image_, static_cast<std::int32_t>(rows.size()));
    put(image_, static_cast<std::int32_t>(rows.empty() ? 0 : rows.front().size()));
    for (const std::string& row : rows) {
      for (std::size_t at = 0; at < row.size(); at += 8) {
        unsigned byte = 0;
        for (std::size_t i = at; i < std::min(at + 8, row.size()); ++i)
          byte |= (row[i] == '1' ? 1U : 0U) << (i - at);
        put(image_, static_cast<std::uint8_t>(byte));
      }
    }
    return offset;
  }

  std::uint32_t stack_objects(const std::vector<Object>& objects) {
    std::vector<std::uint32_t> masks;
    for (const Object& object : objects) {
      masks.push_back(static_cast<std::uint32_t>(image_.size()));
      for (std::uint8_t byte : object.mask) put(image_, byte);
    }
    align(image_, 8);
    auto offset = static_cast<std::uint32_t>(image_.size());
    put(image_, std::uint64_t{objects.size()});
    for (std::size_t i = 0; i < objects.size(); ++i) {
      put(image_, objects[i].offset);
      put(image_, objects[i].size_bytes);
      put(image_, objects[i].pointer_bytes);
      put(image_, masks[i]);
    }
    return offset;
  }

  std::uint32_t inline_tree(const std::vector<Inlined>& calls) {
    align(image_, 4);
    auto offset = static_cast<std::uint32_t>(image_.size());
    for (const Inlined& call : calls) {
      Bytes row(layout_.inlined_size_bytes);
      auto set = [&row](std::uint32_t at, auto value) {
        std::memcpy(row.data() + at, &value, sizeof value);
      };
      set(layout_.inlined_func_id, call.func_id);
      set(layout_.inlined_name, name(call.name));
      set(layout_.inlined_parent_pc, call.parent_pc);
      image_.insert(image_.end(), row.begin(), row.end());
    }
    return offset;
  }

  Bytes record(const Function& function, std::uint32_t entry) {
    constexpr std::uint32_t kNone = 0xffffffff;
    std::vector<std::uint32_t> pcdata = {0, pc_values(function.stack_map_index),
                                         pc_values(function.inline_index)};
    std::vector<std::uint32_t> funcdata = {
        function.args ? stack_map(*function.args) : kNone,
        function.locals ? stack_map(*function.locals) : kNone,
        function.objects.empty() ? kNone : stack_objects(function.objects),
        function.inlined.empty() ? kNone : inline_tree(function.inlined)};
    Bytes bytes(layout_.size_bytes);
    auto set = [&bytes](std::uint32_t at, auto value) {
      std::memcpy(bytes.data() + at, &value, sizeof value);
    };
    set(func_head::kEntryOff, entry ^ (name(function.name) * entry_key));
    set(func_head::kNameOff, name(function.name));
    set(func_head::kArgs, function.args_bytes);
    set(func_head::kDeferreturn, function.deferreturn);
    set(func_head::kPcsp, pc_values(function.spdelta));
    set(func_head::kPcfile, pc_values(function.files));
    set(func_head::kPcln, pc_values(function.lines));
    set(func_head::kNpcdata, static_cast<std::uint32_t>(pcdata.size()));
    set(layout_.func_id, function.func_id);
    set(layout_.flag, function.flag);
    set(layout_.funcdata_count, static_cast<std::uint8_t>(funcdata.size()));
    for (std::uint32_t offset : pcdata) put(bytes, offset);
    for (std::uint32_t offset : funcdata) put(bytes, offset);
    return bytes;
  }

  void lay_out() {
    if (std::exchange(laid_out_, true)) return;
    std::vector<Bytes> bodies;
    for (std::size_t i = 0; i < records_.size(); ++i)
      bodies.push_back(record(records_[i], functab_[i].first));
    Bytes cutab, filetab;
    for (const std::string& file : files) {
      put(cutab, static_cast<std::uint32_t>(filetab.size()));
      for (char c : file) put(filetab, c);
      put(filetab, '\0');
    }
    Bytes pclntable((records_.size() + 1) * 8);
    for (std::size_t i = 0; i < bodies.size(); ++i) {
      functab_[i].second = static_cast<std::uint32_t>(pclntable.size());
      pclntable.insert(pclntable.end(), bodies[i].begin(), bodies[i].end());
    }
    functab_.push_back({static_cast<std::uint32_t>(text_bytes_), 0});
    std::memcpy(pclntable.data(), functab_.data(), functab_.size() * 8);
    auto append = [this](const Bytes& table) {
      align(image_, 8);
      std::size_t at = image_.size();
      image_.insert(image_.end(), table.begin(), table.end());
      return at;
    };
    names_at_ = append(names_);
    cutab_at_ = append(cutab);
    filetab_at_ = append(filetab);
    pctab_at_ = append(pctab_);
    pclntable_at_ = append(pclntable);
    module_.pclntab.function_count = static_cast<std::uint32_t>(records_.size());
    module_.pclntab.pc_quantum = arm64_ ? 4 : 1;
    module_.text = module_.functions = {kText, kText + text_bytes_};
    module_.gofunc = module_.rodata = kImage;
  }

  bool arm64_;
  bool laid_out_ = false;
  GoVersion version_;
  FuncLayout layout_;
  std::vector<Function> records_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> functab_;
  std::uint64_t text_bytes_ = 0;
  Bytes image_ = Bytes(8), names_, pctab_;
  std::map<std::string, std::uint32_t> name_offsets_;
  std::uint64_t names_at_ = 0, cutab_at_ = 0, filetab_at_ = 0, pctab_at_ = 0, pclntable_at_ = 0;
  Moduledata module_;
};

}  // namespace goshawk::goruntime
