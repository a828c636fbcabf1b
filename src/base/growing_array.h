// A growing array of plain values for millions of them. Growing moves pages instead of copying them
// (realloc of large blocks is mremap), so that it never needs the old and the new block at once.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

namespace goshawk {

template <typename T>
class GrowingArray {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  GrowingArray() = default;
  GrowingArray(const GrowingArray& other) { append(other); }
  GrowingArray(GrowingArray&& other) noexcept { swap(other); }
  GrowingArray& operator=(GrowingArray other) noexcept {
    swap(other);
    return *this;
  }
  ~GrowingArray() { std::free(data_); }

  void push_back(const T& value) {
    T copy = value;  // it may lie in this array
    if (size_ == capacity_) grow_to(size_ + 1);
    data_[size_++] = copy;
  }
  // Of another array.
  void append(std::span<const T> values) {
    if (values.size() > capacity_ - size_) grow_to(size_ + values.size());
    std::copy(values.begin(), values.end(), data_ + size_);
    size_ += values.size();
  }
  void resize(std::size_t size, T value = T()) {
    if (size > capacity_) grow_to(size);
    if (size > size_) std::fill(data_ + size_, data_ + size, value);
    size_ = size;
  }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  const T* data() const { return data_; }
  T& operator[](std::size_t i) { return data_[i]; }
  const T& operator[](std::size_t i) const { return data_[i]; }
  T& back() { return data_[size_ - 1]; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }

  operator std::span<const T>() const { return {data_, size_}; }

 private:
  void grow_to(std::size_t least) {
    std::size_t capacity = std::max<std::size_t>({least, capacity_ * 2, 8});
    void* grown = std::realloc(static_cast<void*>(data_), capacity * sizeof(T));
    if (grown == nullptr) throw std::bad_alloc();
    data_ = static_cast<T*>(grown);
    capacity_ = capacity;
  }
  void swap(GrowingArray& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }

  T* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace goshawk
