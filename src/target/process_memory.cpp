// Reads many pieces with few system calls.
//
// A batch of up to IOV_MAX pieces (and 1 GB) goes to one process_vm_readv; pieces that are adjacent
// in the target, or both there and here, share a vector element. The call stops at the first page
// that it cannot read and tells how many bytes it copied before: the piece in which that falls
// failed, and the rest is asked for again. The mem file serves the same way, piece by piece.
//
// The descriptors of the maps and mem files belong to one address space: after an exec they read
// nothing, while process_vm_readv would read the new program. is_alive() asks the maps.
//
// The mem file may be read by the process' own user, so another one (the root of a container that
// has CAP_SYS_PTRACE and nothing else) cannot open it though it may read the memory.
#include "target/process_memory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>

namespace goshawk::target {
namespace {

constexpr std::uint64_t kBatchBytes = 1ULL << 30;  // below the kernel's MAX_RW_COUNT
constexpr std::size_t kMaxVectors = IOV_MAX;

void append(std::array<iovec, kMaxVectors>& vectors, std::size_t& count, std::uint64_t start,
            std::uint64_t size_bytes) {
  if (count != 0) {
    iovec& last = vectors[count - 1];
    if (reinterpret_cast<std::uint64_t>(last.iov_base) + last.iov_len == start) {
      last.iov_len += size_bytes;
      return;
    }
  }
  // An address of another process: it is nothing that this one could read.
  auto* base = reinterpret_cast<void*>(start);  // NOLINT(performance-no-int-to-ptr)
  vectors[count++] = {base, size_bytes};
}

// Nothing is mapped at 0, so a kernel that lets us read answers EFAULT.
bool may_read_vectors(std::int64_t pid) {
  std::byte unused;
  iovec local{&unused, 1}, remote{nullptr, 1};
  return ::process_vm_readv(static_cast<pid_t>(pid), &local, 1, &remote, 1, 0) >= 0 ||
         errno == EFAULT;
}

}  // namespace

std::optional<MemoryFiles> open_memory(const ProcessDirectory& directory) {
  MemoryFiles files{.maps = directory.open_file("maps", O_RDONLY), .mem = {}};
  if (!files.maps.is_open()) return std::nullopt;
  files.mem = directory.open_file("mem", O_RDONLY);
  int error = errno;
  if (files.mem.is_open() || may_read_vectors(directory.pid())) return files;
  errno = error;
  return std::nullopt;
}

struct ProcessMemory::Batch {
  std::span<Piece> pieces;
  std::uint64_t size_bytes = 0;
  int error = 0;
};

ProcessMemory::ProcessMemory(std::int64_t pid, MemoryFiles files, Way way, std::string name)
    : pid_(pid),
      name_(name.empty() ? fmt::format("process {}", pid) : std::move(name)),
      files_(std::move(files)),
      way_(way) {}

Result<void> ProcessMemory::read(Address from, std::span<std::byte> into) const {
  std::uint64_t done = 0;
  while (done < into.size()) {
    Piece piece{from + done, into.data() + done, std::min(into.size() - done, kBatchBytes)};
    Batch batch{std::span(&piece, 1), piece.size_bytes};
    std::uint64_t copied = read_some(batch);
    if (copied == 0)
      return fail(Fault{from + done, into.size() - done,
                        batch.error == ESRCH ? explain_failure() : std::strerror(batch.error)});
    done += copied;
  }
  return {};
}

std::size_t ProcessMemory::read_pieces(std::span<Piece> pieces) const {
  std::size_t failed = 0, next = 0;
  while (next < pieces.size()) {
    Batch batch;
    std::size_t end = next;
    while (end < pieces.size() && end - next < kMaxVectors &&
           (end == next || batch.size_bytes + pieces[end].size_bytes <= kBatchBytes))
      batch.size_bytes += pieces[end++].size_bytes;
    if (batch.size_bytes > kBatchBytes) {  // one giant alone
      pieces[next].ok =
          read(pieces[next].address, {pieces[next].into, pieces[next].size_bytes}).has_value();
    } else {
      batch.pieces = pieces.subspan(next, end - next);
      std::uint64_t copied = read_some(batch);
      for (; next < end && pieces[next].size_bytes <= copied; ++next) {
        copied -= pieces[next].size_bytes;
        pieces[next].ok = true;
      }
      if (next == end) continue;
      pieces[next].ok = false;
    }
    if (!pieces[next].ok) {
      std::memset(pieces[next].into, 0, pieces[next].size_bytes);
      ++failed;
    }
    ++next;
  }
  return failed;
}

// Bytes copied from the batch's beginning on; less than all of it: the next byte cannot be read,
// and batch.error says why.
std::uint64_t ProcessMemory::read_some(Batch& batch) const {
  if (batch.size_bytes == 0) return 0;
  std::uint64_t copied = 0;
  if (way_.load(std::memory_order_relaxed) == Way::kVector) {
    copied = read_vectors(batch);
    if (copied == 0 && files_.mem.is_open() &&
        (batch.error == EPERM || batch.error == ENOSYS || batch.error == EACCES)) {
      way_.store(Way::kMemFile, std::memory_order_relaxed);
      copied = read_mem_file(batch);
    }
  } else {
    copied = read_mem_file(batch);
  }
  bytes_read_.fetch_add(copied, std::memory_order_relaxed);
  return copied;
}

std::uint64_t ProcessMemory::read_vectors(Batch& batch) const {
  std::array<iovec, kMaxVectors> local, remote;  // NOLINT(*-member-init): as many as are counted
  std::size_t local_count = 0, remote_count = 0;
  for (const Piece& piece : batch.pieces) {
    if (piece.size_bytes == 0) continue;
    append(local, local_count, reinterpret_cast<std::uint64_t>(piece.into), piece.size_bytes);
    append(remote, remote_count, piece.address.value(), piece.size_bytes);
  }
  ssize_t n = ::process_vm_readv(static_cast<pid_t>(pid_), local.data(), local_count, remote.data(),
                                 remote_count, 0);
  batch.error = n < 0 ? errno : EFAULT;
  return n < 0 ? 0 : static_cast<std::uint64_t>(n);
}

std::uint64_t ProcessMemory::read_mem_file(Batch& batch) const {
  std::uint64_t copied = 0;
  for (const Piece& piece : batch.pieces) {
    std::uint64_t done = 0;
    while (done < piece.size_bytes) {
      // An offset that is negative to pread is refused by it: no address of a program is there.
      ssize_t n = ::pread(files_.mem.get(), piece.into + done, piece.size_bytes - done,
                          static_cast<off_t>((piece.address + done).value()));
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) {
        batch.error = n < 0 ? (errno == EIO ? EFAULT : errno) : ESRCH;
        return copied + done;
      }
      done += static_cast<std::uint64_t>(n);
    }
    copied += done;
  }
  return copied;
}

bool ProcessMemory::is_alive() const {
  std::byte unused;
  return ::pread(files_.maps.get(), &unused, 1, 0) > 0;
}

std::string ProcessMemory::explain_failure() const { return name_ + " exited while being read"; }

}  // namespace goshawk::target
