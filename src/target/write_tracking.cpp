// Three traps, all met:
//  - a page that is given back (madvise) is in no list of written ones, for it is in no list at
//    all: what is absent is asked for as such
//  - a mapping that goes and comes again is not tracked: who asks covers the mappings anew each
//    time, and once more in the stop
//  - a scan that fails has protected pages all the same, and says not which
// Whole mappings are registered: pieces would split them, and their number is limited. Holes are
// never protected: the kernel would make page tables for them.
#include "target/write_tracking.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "target/injected_call.h"
#include "target/page_scan.h"

namespace goshawk::target {
namespace {

// As in linux/userfaultfd.h of 6.7, younger than the oldest headers to build with.
constexpr std::uint64_t kUnpopulated = 1 << 13, kAsync = 1 << 15;
constexpr std::uint64_t kUserModeOnly = 1;

int talk(int descriptor) {
  uffdio_api api{};
  api.api = UFFD_API;
  api.features = kAsync | kUnpopulated;
  return ::ioctl(descriptor, UFFDIO_API, &api) == 0 ? 0 : errno;
}

std::string explain_call(std::int64_t error) {
  constexpr std::int64_t kRestart = 512;
  if (error >= kRestart) return "a signal came at that moment";
  if (error == EPERM || error == ENOSYS || error == EACCES)
    return "the system forbids the process to call userfaultfd";
  return fmt::format("userfaultfd: {}", std::strerror(static_cast<int>(error)));
}

bool is_filtered(const ProcessDirectory& directory, std::int64_t tid) {
  auto status = directory.read_file(fmt::format("task/{}/status", tid).c_str()).value_or("");
  return parse_decimal(find_status_field(status, "Seccomp")).value_or(0) != 0;
}

FileDescriptor open_process_handle(const ProcessDirectory& directory) {
  return FileDescriptor(
      static_cast<int>(::syscall(SYS_pidfd_open, static_cast<pid_t>(directory.pid()), 0)));
}

FileDescriptor fetch(const FileDescriptor& process, std::int64_t number) {
  return FileDescriptor(
      static_cast<int>(::syscall(SYS_pidfd_getfd, process.get(), static_cast<int>(number), 0)));
}

// By the thread that made it, which is there already; by another one if a signal came for that one
// meanwhile.
void close_there(const ProcessDirectory& directory, Tracer& tracer, TracedThread& maker,
                 std::span<const AddressRange> resting, std::int64_t number) {
  SystemCall close{SYS_close, {static_cast<std::uint64_t>(number), 0, 0, 0, 0, 0}};
  auto closes = [&](TracedThread& thread) {
    auto instruction = find_resting_call(thread, resting);
    return instruction && inject_call(thread, *instruction, close).has_value();
  };
  if (closes(maker)) return;
  for (TracedThread& thread : tracer.stopped()) {
    if (&thread == &maker) continue;
    thread.filtered = is_filtered(directory, thread.tid);
    if (closes(thread)) return;
  }
}

bool can_be_tracked(const Mapping& mapping) {
  return mapping.writable && !mapping.shared && mapping.inode == 0 && mapping.path != "[vvar]" &&
         mapping.path != "[vsyscall]";
}

}  // namespace

std::optional<std::string> find_reason_against_tracking() {
  if (!can_inject_calls()) return "on this architecture writes are not tracked";
  FileDescriptor descriptor(
      static_cast<int>(::syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | kUserModeOnly)));
  if (!descriptor.is_open()) {
    if (errno != ENOSYS) return std::nullopt;  // what we may not do, the process may
    return "the kernel has no userfaultfd";
  }
  if (talk(descriptor.get()) != 0)
    return "the kernel does not track writes (Linux 6.7 and later do)";
  return std::nullopt;
}

Result<FileDescriptor> borrow_userfaultfd(const ProcessDirectory& directory, Tracer& tracer,
                                          std::span<const AddressRange> resting) {
  if (auto reason = find_reason_against_tracking()) return fail(Denied{*std::move(reason), ""});
  std::optional<Error> refusal;
  FileDescriptor process = open_process_handle(directory);
  for (TracedThread& thread : tracer.stopped()) {
    auto instruction = find_resting_call(thread, resting);
    if (!instruction) continue;
    thread.filtered = is_filtered(directory, thread.tid);
    auto made =
        inject_call(thread, *instruction,
                    {SYS_userfaultfd, {O_CLOEXEC | O_NONBLOCK | kUserModeOnly, 0, 0, 0, 0, 0}});
    if (made && made->result >= 0) {
      FileDescriptor ours = fetch(process, made->result);
      close_there(directory, tracer, thread, resting, made->result);
      if (ours.is_open()) return ours;
      return fail(Denied{"its files may not be looked into by us (pidfd_getfd)", ""});
    }
    refusal = made ? Error(Denied{explain_call(-made->result), ""}) : std::move(made).error();
    if (std::holds_alternative<Denied>(*refusal)) break;  // for the others too
  }
  if (refusal) return fail(*std::move(refusal));
  return fail(Missing{"no thread of it rested at that instant", "a short stop"});
}

Result<WriteTracking> WriteTracking::begin(const ProcessDirectory& directory,
                                           FileDescriptor descriptor) {
  FileDescriptor pagemap = directory.open_file("pagemap", O_RDONLY);
  if (!pagemap.is_open()) return fail(Denied{"its pagemap may not be opened by us", ""});
  if (talk(descriptor.get()) != 0)
    return fail(Denied{"the kernel does not track writes (Linux 6.7 and later do)", ""});
  return WriteTracking(std::move(descriptor), std::move(pagemap));
}

WriteTracking::~WriteTracking() {
  if (!descriptor_.is_open()) return;
  constexpr std::uint64_t kPiece = std::uint64_t{16} << 20;  // a millisecond or two
  for (AddressRange range : covered_)
    for (Address at = range.start; at < range.end; at = at + kPiece) {
      uffdio_range piece{at.value(), std::min(kPiece, range.end - at)};
      ::ioctl(descriptor_.get(), UFFDIO_UNREGISTER, &piece);
    }
}

int WriteTracking::register_range(AddressRange range) const {
  uffdio_register wish{};
  wish.range = {range.start.value(), range.size_bytes()};
  wish.mode = UFFDIO_REGISTER_MODE_WP;
  return ::ioctl(descriptor_.get(), UFFDIO_REGISTER, &wish) == 0 ? 0 : errno;
}

Result<void> WriteTracking::cover(const std::vector<Mapping>& mappings) {
  std::vector<AddressRange> covered;
  bool is_taken = false;
  for (const Mapping& mapping : mappings) {
    if (!can_be_tracked(mapping)) continue;
    int error = register_range(mapping.range);
    if (error == 0) covered.push_back(mapping.range);
    is_taken = is_taken || error == EBUSY;
  }
  covered_ = PageRanges(std::move(covered));
  if (is_taken) return fail(Denied{"somebody else tracks what it writes (userfaultfd)", ""});
  return {};
}

// A scan that ends at a mapping that is not tracked has protected what lies before it, and tells
// none of that.
Result<void> WriteTracking::protect_written(std::vector<AddressRange>& written) {
  constexpr WantedPages kWanted{.all = kPageWritten,
                                .any = kPagePresent | kPageSwapped,  // else holes are written pages
                                .told = kPageWritten,
                                .protects = true};
  std::optional<Error> failure;
  for (AddressRange range : covered_) {
    int error = scan_pages(pagemap_, range, kWanted,
                           [&](const ScannedPages& pages) { written.push_back(pages.range); });
    if (error == 0) continue;
    written.push_back(range);
    failure = Fault{range.start, range.size_bytes(), std::strerror(error)};
  }
  if (failure) return fail(*std::move(failure));
  return {};
}

// Swapped pages that were not written match too, and are told apart.
Result<PagesNow> WriteTracking::list() const {
  constexpr WantedPages kWanted{.any = kPageWritten | kPagePresent,
                                .inverted = kPagePresent,
                                .told = kPageWritten | kPagePresent | kPageSwapped};
  std::vector<AddressRange> written, absent;
  for (AddressRange range : covered_) {
    int error = scan_pages(pagemap_, range, kWanted, [&](const ScannedPages& pages) {
      if ((pages.categories & (kPagePresent | kPageSwapped)) == 0)
        absent.push_back(pages.range);
      else if ((pages.categories & kPageWritten) != 0)
        written.push_back(pages.range);
    });
    if (error != 0) return fail(Fault{range.start, range.size_bytes(), std::strerror(error)});
  }
  return PagesNow{PageRanges(std::move(written)), PageRanges(std::move(absent))};
}

Result<PageRanges> WriteTracking::list_clean() const {
  constexpr WantedPages kWanted{.all = kPageWritten,
                                .any = kPagePresent | kPageSwapped,
                                .inverted = kPageWritten,
                                .told = kPagePresent | kPageSwapped};
  std::vector<AddressRange> clean;
  for (AddressRange range : covered_) {
    int error = scan_pages(pagemap_, range, kWanted,
                           [&](const ScannedPages& pages) { clean.push_back(pages.range); });
    if (error != 0) return fail(Fault{range.start, range.size_bytes(), std::strerror(error)});
  }
  return PageRanges(std::move(clean));
}

}  // namespace goshawk::target
