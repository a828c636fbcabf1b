// A growing array of plain values in address space that is reserved at once and committed page by
// page as it is written: it never moves, so several threads can write their own parts of it, and
// growing copies nothing. Huge pages are asked for.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

namespace goshawk {

template <typename T>
class ReservedArray {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  ReservedArray() = default;
  explicit ReservedArray(std::uint64_t capacity) : capacity_(capacity) {
    if (capacity == 0) return;
    void* memory = ::mmap(nullptr, bytes(), PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    ::madvise(memory, bytes(), MADV_HUGEPAGE);
    data_ = static_cast<T*>(memory);
  }
  ReservedArray(ReservedArray&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), capacity_(std::exchange(other.capacity_, 0)) {}
  ReservedArray& operator=(ReservedArray&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(capacity_, other.capacity_);
    return *this;
  }
  ~ReservedArray() {
    if (data_ != nullptr) ::munmap(data_, bytes());
  }

  // Zero until written.
  T* data() { return data_; }
  const T* data() const { return data_; }
  T& operator[](std::uint64_t i) { return data_[i]; }
  const T& operator[](std::uint64_t i) const { return data_[i]; }
  std::uint64_t capacity() const { return capacity_; }

 private:
  std::size_t bytes() const { return capacity_ * sizeof(T); }

  T* data_ = nullptr;
  std::uint64_t capacity_ = 0;
};

}  // namespace goshawk
