// Where a page's bytes come from is asked in this order: is it mapped, is it constant, is it
// absent, is there a copy, is it clean. A copy is removed when its page was written, so what is
// there holds; and once the picture has it, where it can be had again.
#include "target/tracked_memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <mutex>

namespace goshawk::target {
namespace {

// A larger object is not copied as a whole.
constexpr std::uint64_t kLargeBytes = std::uint64_t{128} << 10;

std::uint64_t page_of(Address address) { return address.value() / kPageBytes; }
Address start_of(std::uint64_t page) { return Address(page * kPageBytes); }

void sort_and_unite(std::vector<std::uint64_t>& pages) {
  std::ranges::sort(pages);
  pages.erase(std::ranges::unique(pages).begin(), pages.end());
}

template <typename Visit>
void for_each_page(Address from, std::uint64_t size_bytes, Visit&& visit) {
  if (size_bytes == 0) return;
  for (std::uint64_t page = page_of(from); page <= page_of(from + (size_bytes - 1)); ++page)
    visit(page);
}

const AddressRange* find_range(const std::vector<AddressRange>& ranges, Address address) {
  auto after = std::ranges::upper_bound(ranges, address, {}, &AddressRange::start);
  if (after == ranges.begin() || (after - 1)->end <= address) return nullptr;
  return &*(after - 1);
}

}  // namespace

// ---- reading ----

Result<void> TrackedMemory::read(Address from, std::span<std::byte> into) const {
  Piece piece{from, into.data(), into.size()};
  if (serve(std::span(&piece, 1), true) == 0) return {};
  // Where it ends: page by page.
  for (std::uint64_t done = 0; done < into.size();) {
    std::uint64_t part =
        std::min(into.size() - done, kPageBytes - (from + done).value() % kPageBytes);
    Piece page{from + done, into.data() + done, part};
    if (serve(std::span(&page, 1), true) != 0)
      return fail(Fault{from + done, into.size() - done, "Bad address"});
    done += part;
  }
  return {};
}

TrackedMemory::Part TrackedMemory::find_part(Address address) const {
  bool frozen = phase_ == Phase::kFrozen;
  Address page_end = start_of(page_of(address) + 1);
  auto mapped = mapped_.find_from(address);
  if (mapped == mapped_.end() || address < mapped->start)
    return {frozen ? Source::kUnreadable : Source::kDirect, page_end};
  if (auto constant = constant_.find_from(address);
      constant != constant_.end() && constant->start <= address)
    return {Source::kDirect, constant->end};
  bool tracked = tracking_.covers(address);
  if (tracked)
    if (auto absent = absent_.find_from(address);
        absent != absent_.end() && absent->start <= address)
      return {Source::kZero, absent->end};
  const std::byte* copy = (tracked ? store_ : untracked_).find(page_of(address));
  if (copy != nullptr) return {Source::kStored, page_end, copy};
  if (!frozen) return {Source::kDirect, page_end};
  bool clean = tracked && !written_.contains(address);
  return {clean ? Source::kClean : Source::kLost, page_end};
}

std::size_t TrackedMemory::serve(std::span<Piece> pieces, bool keep) const {
  if (phase_ == Phase::kStopped || given_up_) return own_.read_pieces(pieces);
  if (keep && phase_ == Phase::kAhead) keep_missing(pieces);
  std::vector<Piece> live;
  std::vector<std::size_t> owners;  // which piece each is a part of
  std::vector<std::uint64_t> lost;
  std::vector<std::uint64_t> served;  // whole pages that nobody asks for again
  bool drops = !keep && phase_ == Phase::kFrozen;
  {
    std::shared_lock lock(mutex_);
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      Piece& piece = pieces[i];
      Address end = piece.address + piece.size_bytes;
      piece.ok = end >= piece.address;
      for (Address at = piece.address; piece.ok && at < end;) {
        Part part = find_part(at);
        std::uint64_t size = std::min(part.end, end) - at;
        std::byte* into = piece.into + (at - piece.address);
        switch (part.source) {
          case Source::kStored:
            std::memcpy(into, part.stored + at.value() % kPageBytes, size);
            if (drops && size == kPageBytes) served.push_back(page_of(at));
            break;
          case Source::kZero:
            std::memset(into, 0, size);
            break;
          case Source::kLost:
            lost.push_back(page_of(at));
            piece.ok = false;
            break;
          case Source::kUnreadable:
            piece.ok = false;
            break;
          case Source::kDirect:
          case Source::kClean: {
            // Told apart again below, by the phase and the place.
            bool goes_on = !live.empty() && owners.back() == i &&
                           live.back().address + live.back().size_bytes == at;
            if (goes_on)
              live.back().size_bytes += size;
            else {
              live.push_back({at, into, size});
              owners.push_back(i);
            }
          }
        }
        at = at + size;
      }
    }
  }
  if (!served.empty()) drop(std::move(served));
  if (!live.empty()) read_live(pieces, live, owners);
  if (!lost.empty()) {
    std::unique_lock lock(mutex_);
    lost_.insert(lost_.end(), lost.begin(), lost.end());
  }
  if (witness_ != nullptr && phase_ == Phase::kFrozen) compare(pieces);
  std::size_t failed = 0;
  for (const Piece& piece : pieces) {
    if (piece.ok) continue;
    std::memset(piece.into, 0, piece.size_bytes);
    ++failed;
  }
  return failed;
}

// Their copies go, unless nothing but the copy tells what was there in the stop, it is an object's
// (one may be looked at once more by itself), or a picture was lost for it before.
void TrackedMemory::drop(std::vector<std::uint64_t> pages) const {
  std::erase_if(pages, [&](std::uint64_t page) {
    Address start = start_of(page);
    return !tracking_.covers(start) || written_.contains(start) ||
           find_range(heap_.objects, start) != nullptr || std::ranges::binary_search(wanted_, page);
  });
  if (pages.empty()) return;
  std::unique_lock lock(mutex_);
  store_.let_go_of(pages);
}

// What was clean must be asked about again; a page of it that is gone is lost.
void TrackedMemory::read_live(std::span<Piece> pieces, std::vector<Piece>& live,
                              const std::vector<std::size_t>& owners) const {
  own_.read_pieces(live);
  std::vector<AddressRange> clean;
  std::vector<std::uint64_t> lost;
  for (std::size_t i = 0; i < live.size(); ++i) {
    const Piece& part = live[i];
    if (!part.ok) pieces[owners[i]].ok = false;
    if (phase_ != Phase::kFrozen) continue;
    Address end = part.address + part.size_bytes;
    clean.push_back({part.address, end});
    if (!part.ok)
      for_each_page(part.address, part.size_bytes, [&](std::uint64_t page) {
        if (tracking_.covers(start_of(page))) lost.push_back(page);
      });
  }
  if (clean.empty()) return;
  std::unique_lock lock(mutex_);
  lost_.insert(lost_.end(), lost.begin(), lost.end());
  for (AddressRange range : clean) {
    if (!read_clean_.empty() && read_clean_.back().end == range.start)
      read_clean_.back().end = range.end;
    else
      read_clean_.push_back(range);
  }
}

// Whole pages of what is asked for and not kept yet.
void TrackedMemory::keep_missing(std::span<const Piece> pieces) const {
  std::vector<std::uint64_t> missing;
  {
    std::shared_lock lock(mutex_);
    if (store_.size_bytes() + untracked_.size_bytes() > kMostKeptAhead) return;
    for (const Piece& piece : pieces) {
      Address end = piece.address + piece.size_bytes;
      for (Address at = piece.address; at < end;) {
        Part part = find_part(at);
        bool kept = part.source != Source::kDirect || constant_.contains(at);
        if (!kept) missing.push_back(page_of(at));
        at = part.end;
      }
    }
  }
  if (missing.empty()) return;
  sort_and_unite(missing);
  constexpr std::size_t kPagesAtOnce = 256;
  std::vector<std::byte> buffer(std::min(missing.size(), kPagesAtOnce) * kPageBytes);
  for (std::size_t first = 0; first < missing.size(); first += kPagesAtOnce) {
    std::size_t count = std::min(kPagesAtOnce, missing.size() - first);
    std::vector<Piece> pages;
    for (std::size_t i = 0; i < count; ++i)
      pages.push_back({start_of(missing[first + i]), buffer.data() + i * kPageBytes, kPageBytes});
    own_.read_pieces(pages);
    std::unique_lock lock(mutex_);
    for (const Piece& page : pages) {
      PageStore& store = tracking_.covers(page.address) ? store_ : untracked_;
      if (page.ok && store.find(page_of(page.address)) == nullptr)
        std::memcpy(store.add(page_of(page.address)), page.into, kPageBytes);
    }
  }
}

// ---- rounds and the stop; nobody reads meanwhile ----

void TrackedMemory::copy_pages(const std::vector<std::uint64_t>& pages, PageStore& into) const {
  std::vector<Piece> pieces;
  pieces.reserve(pages.size());
  for (std::uint64_t page : pages) pieces.push_back({start_of(page), into.add(page), kPageBytes});
  if (own_.read_pieces(pieces) == 0) return;
  for (const Piece& piece : pieces)
    if (!piece.ok) into.remove(page_of(piece.address));
}

void TrackedMemory::learn_mappings(std::vector<Mapping> mappings) {
  std::vector<AddressRange> mapped, constant;
  for (const Mapping& mapping : mappings) {
    mapped.push_back(mapping.range);
    if (!mapping.writable) constant.push_back(mapping.range);
  }
  mapped_ = PageRanges(std::move(mapped));
  constant_ = PageRanges(std::move(constant));
  mappings_ = std::move(mappings);
}

// Writable, and nobody tells what is written there.
PageRanges TrackedMemory::find_untracked() const {
  std::vector<AddressRange> untracked;
  for (const Mapping& mapping : mappings_)
    if (mapping.writable && !tracking_.covers(mapping.range.start))
      untracked.push_back(mapping.range);
  return PageRanges(std::move(untracked));
}

Result<void> TrackedMemory::begin_round() {
  constexpr int kAttempts = 8;
  std::vector<AddressRange> written;
  for (int attempt = 1;; ++attempt) {
    learn_mappings(TRY(read_mappings_()));
    TRY_VOID(tracking_.cover(mappings_));
    auto done = tracking_.protect_written(written);
    if (done) break;
    if (attempt == kAttempts) return done;
  }
  PagesNow now = TRY(tracking_.list());
  PageRanges changed = PageRanges(std::move(written));
  std::vector<std::uint64_t> again = store_.find_in(changed);
  if (rounds_ > 0) {
    // Written once, it will be written again.
    std::vector<std::uint64_t> more = find_needed({changed, now.absent}, kMostKeptAhead);
    if (more.size() * kPageBytes < kMostKeptAhead / 4)
      again.insert(again.end(), more.begin(), more.end());
  }
  for (std::uint64_t page : store_.find_in(now.absent)) store_.remove(page);
  std::erase_if(again, [&](std::uint64_t page) { return now.absent.contains(start_of(page)); });
  sort_and_unite(again);
  copy_pages(again, store_);
  copy_pages(untracked_.find_in(mapped_), untracked_);
  changed_ = changed.joined(now.absent).joined(find_untracked());
  absent_ = std::move(now.absent);
  ++rounds_;
  return {};
}

std::uint64_t TrackedMemory::count_changed_bytes() const {
  auto now = tracking_.list();
  return now ? find_needed(*now, kLargeBytes).size() * kPageBytes : 0;
}

// Of what was written: all but what has no pointers; of an object's span its other pages too, for
// it will be decoded as a whole, unless it is that large.
std::vector<std::uint64_t> TrackedMemory::find_needed(const PagesNow& now,
                                                      std::uint64_t most_span_bytes) const {
  std::vector<std::uint64_t> pages;
  for (AddressRange range : now.written) {
    for (Address at = range.start; at < range.end;) {
      if (const AddressRange* unneeded = find_range(heap_.unneeded, at)) {
        Address end = std::min(unneeded->end, range.end);
        for_each_page(at, end - at, [&](std::uint64_t page) {
          if (store_.find(page) != nullptr) pages.push_back(page);
        });
        at = end;
      } else if (const AddressRange* span = find_range(heap_.objects, at);
                 span != nullptr && span->size_bytes() <= most_span_bytes) {
        for_each_page(span->start, span->size_bytes(), [&](std::uint64_t page) {
          Address start = start_of(page);
          if (now.written.contains(start) ||
              (store_.find(page) == nullptr && !now.absent.contains(start)))
            pages.push_back(page);
        });
        at = span->end;
      } else {
        pages.push_back(page_of(at));
        at = at + kPageBytes;
      }
    }
  }
  sort_and_unite(pages);
  return pages;
}

Result<void> TrackedMemory::freeze(std::uint64_t most_bytes) {
  std::vector<Mapping> mappings = TRY(read_mappings_());
  TRY_VOID(tracking_.cover(mappings));
  PagesNow now = TRY(tracking_.list());
  std::vector<std::uint64_t> needed = find_needed(now, kLargeBytes);
  if (needed.size() * kPageBytes > most_bytes)
    return fail(Missing{
        fmt::format("{} MB were written since it was read last", needed.size() * kPageBytes >> 20),
        "a short stop"});
  for (std::uint64_t page : wanted_) {
    bool here = tracking_.covers(start_of(page)) && !now.absent.contains(start_of(page));
    if (here) needed.push_back(page);
  }
  sort_and_unite(needed);
  for (AddressRange range : now.written)
    for_each_page(range.start, range.size_bytes(),
                  [&](std::uint64_t page) { store_.remove(page); });
  learn_mappings(std::move(mappings));
  copy_pages(needed, store_);
  copy_pages(untracked_.find_in(mapped_), untracked_);
  changed_ = now.written.joined(now.absent).joined(find_untracked());
  written_ = std::move(now.written);
  absent_ = std::move(now.absent);
  phase_ = Phase::kFrozen;
  return {};
}

// ---- afterwards ----

// A page that is clean now was so all the time: what is mapped anew at the same place is not.
bool TrackedMemory::validate() const {
  auto clean = tracking_.list_clean();
  auto mappings = read_mappings_();
  if (!clean || !mappings) return false;
  std::vector<AddressRange> constant;
  for (const Mapping& mapping : *mappings)
    if (!mapping.writable) constant.push_back(mapping.range);
  PageRanges still_constant(std::move(constant));
  std::unique_lock lock(mutex_);
  for (AddressRange range : read_clean_)
    for_each_page(range.start, range.size_bytes(), [&](std::uint64_t page) {
      Address start = start_of(page);
      const PageRanges& holding = constant_.contains(start) ? still_constant : *clean;
      if (!holding.contains(start)) lost_.push_back(page);
    });
  sort_and_unite(lost_);
  return lost_.empty();
}

void TrackedMemory::compare(std::span<const Piece> pieces) const {
  std::vector<std::byte> expected;
  for (const Piece& piece : pieces)
    for (std::uint64_t done = 0; done < piece.size_bytes;) {
      Address at = piece.address + done;
      std::uint64_t size = std::min(piece.size_bytes - done, kPageBytes - at.value() % kPageBytes);
      expected.resize(size);
      bool there = witness_->read(at, expected).has_value();
      bool same = piece.ok ? there && std::memcmp(expected.data(), piece.into + done, size) == 0
                           : true;  // which part of it failed is not known
      if (!same) {
        std::unique_lock lock(mutex_);
        contradicted_.push_back(page_of(at));
      }
      done += size;
    }
}

std::optional<std::string> TrackedMemory::find_contradiction() const {
  std::unique_lock lock(mutex_);
  sort_and_unite(contradicted_);
  std::vector<std::uint64_t> wrong;
  std::ranges::set_difference(contradicted_, lost_, std::back_inserter(wrong));
  if (wrong.empty()) return std::nullopt;
  return fmt::format("{} pages differ from the stopped process, the first one at {:#x}",
                     wrong.size(), start_of(wrong.front()).value());
}

}  // namespace goshawk::target
