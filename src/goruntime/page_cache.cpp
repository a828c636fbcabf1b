// The cache is emptied when it is full: the walks that use it have their locality in time.
#include "goruntime/page_cache.h"

#include <algorithm>
#include <cstring>

namespace goshawk::goruntime {

const PageCache::Page* PageCache::find_page(std::uint64_t number) {
  if (number == last_number_) return last_page_;
  auto found = pages_.find(number);
  if (found == pages_.end()) {
    if (pages_.size() >= max_pages_) pages_.clear();
    auto page = std::make_unique<Page>();
    if (!memory_.read(Address(number * kPageBytes), *page)) page = nullptr;
    found = pages_.emplace(number, std::move(page)).first;
  }
  last_number_ = number;
  last_page_ = found->second.get();
  return last_page_;
}

bool PageCache::read(Address from, std::span<std::byte> into) {
  std::uint64_t at = from.value();
  while (!into.empty()) {
    const Page* page = find_page(at / kPageBytes);
    if (page == nullptr) return false;
    std::uint64_t offset = at % kPageBytes;
    std::size_t part = std::min<std::size_t>(into.size(), kPageBytes - offset);
    std::memcpy(into.data(), page->data() + offset, part);
    into = into.subspan(part);
    at += part;
  }
  return true;
}

}  // namespace goshawk::goruntime
