// Notes come in one PT_NOTE segment: NT_PRPSINFO, NT_AUXV and NT_FILE for the process, and for each
// thread NT_PRSTATUS followed by its other register sets. gdb writes NT_FPREGSET only where the
// kernel also writes NT_X86_XSTATE: then the upper halves of the vector registers are not known.
// Follows fs/binfmt_elf.c fill_note_info, fill_files_note and gdb's linux-tdep.c.
#include "target/core_notes.h"

#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "target/registers.h"

namespace goshawk::target {
namespace {

constexpr std::size_t kMaxThreads = 1 << 20;
constexpr std::size_t kMaxFiles = 1 << 20;
constexpr std::uint64_t kPidInStatus = 32;                                   // elf_prstatus.pr_pid
constexpr std::uint64_t kRegistersInStatus = 112;                            // elf_prstatus.pr_reg
constexpr std::uint64_t kPidInInfo = 24, kNameInInfo = 40, kNameBytes = 16;  // elf_prpsinfo

struct Note {
  std::string_view owner;
  std::uint32_t type = 0;
  ByteView content;
};

std::optional<Note> next_note(Cursor& cursor) {
  std::uint32_t name_bytes = cursor.u32(), content_bytes = cursor.u32();
  Note note;
  note.type = cursor.u32();
  auto aligned = [](std::uint64_t size) { return (size + 3) / 4 * 4; };
  std::string_view owner = as_text(cursor.bytes(aligned(name_bytes)));
  note.owner = owner.substr(0, owner.find('\0'));
  note.content = cursor.bytes(content_bytes);
  cursor.skip(std::min(aligned(content_bytes) - content_bytes, cursor.remaining()));
  return cursor.failed() ? std::nullopt : std::optional(note);
}

class Reader {
 public:
  explicit Reader(const binary::ElfFile& core) : core_(core) {}

  Result<CoreNotes> read();

 private:
  Result<void> take(const Note& note);
  Result<void> take_status(ByteView content);
  void take_info(ByteView content);
  void take_auxiliary(ByteView content);
  Result<void> take_files(ByteView content);
  Result<void> malformed(std::string what) const {
    return fail(Malformed{core_.name(), 0, std::move(what)});
  }
  bool is_x86() const { return core_.machine() == binary::Machine::kX86_64; }

  const binary::ElfFile& core_;
  CoreNotes notes_;
};

Result<CoreNotes> Reader::read() {
  for (const binary::Segment& segment : core_.segments()) {
    if (segment.type != PT_NOTE) continue;
    ByteView bytes = slice(core_.bytes(), segment.file_offset, segment.file_size_bytes);
    if (bytes.size() < segment.file_size_bytes)
      return fail(Malformed{core_.name(), segment.file_offset,
                            "the core is cut off before its notes: no thread is in it"});
    Cursor cursor(bytes);
    while (cursor.remaining() >= sizeof(Elf64_Nhdr)) {
      auto note = next_note(cursor);
      if (!note)
        return fail(Malformed{core_.name(), segment.file_offset, "a note that never ends"});
      TRY_VOID(take(*note));
    }
  }
  if (notes_.threads.empty())
    return fail(Missing{core_.name() + " has no thread in it", "it is not the core of a process"});
  std::ranges::sort(notes_.files, {}, [](const MappedFile& file) { return file.range.start; });
  for (std::size_t i = 1; i < notes_.files.size(); ++i)
    if (notes_.files[i].range.start < notes_.files[i - 1].range.end)
      return fail(Malformed{core_.name(), 0, "two files are mapped at the same address"});
  return std::move(notes_);
}

Result<void> Reader::take(const Note& note) {
  if (note.owner == "CORE") {
    if (note.type == NT_PRSTATUS) return take_status(note.content);
    if (note.type == NT_PRPSINFO) take_info(note.content);
    if (note.type == NT_AUXV) take_auxiliary(note.content);
    if (note.type == NT_FILE) return take_files(note.content);
  }
  if (notes_.threads.empty()) return {};
  Thread& thread = notes_.threads.back();
  if (note.type == NT_FPREGSET && note.owner == "CORE" && thread.vector_words.empty()) {
    append_vector_state(thread, note.content);
    thread.vectors_complete = !is_x86() && note.content.size() >= kArm64VectorBytes;
  }
  if (note.type == NT_X86_XSTATE && note.owner == "LINUX" && is_x86()) {
    thread.vector_words.clear();
    append_vector_state(thread, note.content);
    thread.vectors_complete = true;
  }
  if (note.type == NT_ARM_TLS && note.owner == "LINUX" && !is_x86())
    thread.tls = Address(load<std::uint64_t>(note.content, 0).value_or(0));
  return {};
}

Result<void> Reader::take_status(ByteView content) {
  auto tid = load<std::int32_t>(content, kPidInStatus);
  auto thread = decode_general_registers(core_.machine(), tid.value_or(0),
                                         slice(content, kRegistersInStatus, content.size()));
  if (!tid || !thread) return malformed("a thread without 64-bit registers");
  if (notes_.threads.size() == kMaxThreads) return malformed("over a million threads");
  thread->vectors_complete = false;  // until their note comes
  notes_.threads.push_back(*std::move(thread));
  return {};
}

void Reader::take_info(ByteView content) {
  notes_.pid = load<std::int32_t>(content, kPidInInfo).value_or(0);
  std::string_view name = as_text(slice(content, kNameInInfo, kNameBytes));
  notes_.command = name.substr(0, name.find('\0'));
}

void Reader::take_auxiliary(ByteView content) {
  Cursor cursor(content);
  while (cursor.remaining() >= 16) {
    std::uint64_t type = cursor.u64(), value = cursor.u64();
    if (type == AT_PHDR) notes_.program_headers = Address(value);
    if (type == AT_ENTRY) notes_.entry = Address(value);
    if (type == AT_NULL) return;
  }
}

// count, page size, then {start, end, offset in pages} for each, then the paths.
Result<void> Reader::take_files(ByteView content) {
  Cursor cursor(content);
  std::uint64_t count = cursor.u64(), page_bytes = cursor.u64();
  if (count > kMaxFiles || count * 24 > cursor.remaining() || page_bytes > 1 << 20)
    return malformed("a list of mapped files that is too long for its note");
  for (std::uint64_t i = 0; i < count; ++i) {
    MappedFile file;
    file.range.start = Address(cursor.u64());
    file.range.end = Address(cursor.u64());
    file.file_offset = cursor.u64() * page_bytes;
    if (file.range.start >= file.range.end)
      return malformed("a mapped file that ends before it begins");
    notes_.files.push_back(std::move(file));
  }
  for (std::uint64_t i = notes_.files.size() - count; i < notes_.files.size(); ++i)
    notes_.files[i].path = cursor.c_string();
  return cursor.failed() ? malformed("the names of mapped files are cut off") : Result<void>{};
}

}  // namespace

Result<CoreNotes> parse_core_notes(const binary::ElfFile& core) { return Reader(core).read(); }

}  // namespace goshawk::target
