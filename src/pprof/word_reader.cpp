// A head {0, 3, 0, period in microseconds, 0}, then samples {count, length of the stack,
// addresses}, the last of which is {0, 1, 0}; a memory map may follow and is not read. All
// addresses but the innermost are return addresses. There are no names. Follows
// github.com/google/pprof/profile/legacy_profile.go (parseCPU, cpuProfile): a second frame that
// nearly all samples share is the signal handler's and left out, twice; so is one that is the
// innermost again.
#include "pprof/word_reader.h"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <cstring>
#include <optional>
#include <unordered_map>
#include <vector>

#include "pprof/profile_builder.h"

namespace goshawk::pprof {
namespace {

constexpr std::size_t kMostStack = 1 << 16;
constexpr std::size_t kMostStackEntries = 1 << 26;
constexpr std::size_t kHeadWords = 5;
constexpr std::size_t kHandlerFrames = 2;    // that are left out at most
constexpr std::size_t kOneMayDifferOf = 32;  // samples, for a frame of all

struct Format {
  std::size_t size_bytes;
  bool is_big_endian;
};
constexpr Format kFormats[] = {{4, false}, {4, true}, {8, false}, {8, true}};

std::uint64_t load_word(const std::byte* from, Format format) {
  if (format.size_bytes == 4) {
    auto word = load_unchecked<std::uint32_t>(from);
    return format.is_big_endian ? __builtin_bswap32(word) : word;
  }
  auto word = load_unchecked<std::uint64_t>(from);
  return format.is_big_endian ? __builtin_bswap64(word) : word;
}

std::optional<Format> find_format(ByteView beginning) {
  for (Format format : kFormats) {
    if (beginning.size() < kHeadWords * format.size_bytes) continue;
    std::array<std::uint64_t, kHeadWords> words{};
    for (std::size_t i = 0; i < kHeadWords; ++i)
      words[i] = load_word(beginning.data() + i * format.size_bytes, format);
    if (words[0] == 0 && words[1] == 3 && words[2] == 0 && words[3] > 0 && words[4] == 0)
      return format;
  }
  return std::nullopt;
}

struct Sample {
  std::int64_t count = 0;
  std::vector<std::uint64_t> addresses;  // innermost first, inside of the calls
};

class WordReader {
 public:
  WordReader(ByteStream& stream, Format format) : stream_(stream), format_(format) {}

  Result<Profile> read() {
    for (std::size_t i = 0; i < kHeadWords; ++i) {
      std::uint64_t word = TRY(next());
      if (i == 3) period_us_ = word;
    }
    TRY_VOID(read_samples());
    for (std::size_t i = 0; i < kHandlerFrames; ++i) remove_handler_frame();
    return build();
  }

 private:
  Result<std::uint64_t> next() {
    ByteView bytes = TRY(stream_.peek(format_.size_bytes));
    if (bytes.size() < format_.size_bytes)
      return fail(stream_.malformed("the profile ends in the middle of a sample"));
    std::uint64_t word = load_word(bytes.data(), format_);
    stream_.skip(format_.size_bytes);
    return word;
  }

  Result<void> read_samples() {
    std::size_t entries = 0;
    for (;;) {
      if (ByteView rest = TRY(stream_.peek(1)); rest.empty()) return {};
      Sample sample{.count = static_cast<std::int64_t>(TRY(next())), .addresses = {}};
      std::uint64_t length = TRY(next());
      entries += length;
      if (length > kMostStack || entries > kMostStackEntries)
        return fail(stream_.malformed(fmt::format("a stack claims {} frames", length)));
      for (std::uint64_t i = 0; i < length; ++i)
        sample.addresses.push_back(TRY(next()) - (i > 0 ? 1 : 0));
      if (sample.count == 0 && length == 1 && sample.addresses[0] == 0) return {};
      samples_.push_back(std::move(sample));
    }
  }

  void remove_handler_frame() {
    std::unordered_map<std::uint64_t, std::size_t> seen;
    for (const Sample& sample : samples_)
      if (sample.addresses.size() > 1) ++seen[sample.addresses[1]];
    for (auto [address, times] : seen) {
      if (times < samples_.size() - samples_.size() / kOneMayDifferOf) continue;
      for (Sample& sample : samples_)
        if (sample.addresses.size() > 1 && sample.addresses[1] == address)
          sample.addresses.erase(sample.addresses.begin() + 1);
      return;
    }
  }

  Profile build() {
    // As much as 64 bits hold; a period of years is nobody's.
    auto period_ns = static_cast<std::int64_t>(period_us_ * 1000);
    builder_.add_sample_type("samples", "count");
    builder_.add_sample_type("cpu", "nanoseconds");
    builder_.set_period("cpu", "nanoseconds", period_ns);
    for (Sample& sample : samples_) {
      std::vector<std::uint64_t>& addresses = sample.addresses;
      if (addresses.size() > 1 && addresses[0] == addresses[1] + 1)
        addresses.erase(addresses.begin() + 1);
      std::vector<LocationId> stack;
      for (std::uint64_t address : addresses) stack.push_back(location_of(Address(address)));
      auto time_ns = static_cast<std::int64_t>(static_cast<std::uint64_t>(sample.count) *
                                               static_cast<std::uint64_t>(period_ns));
      std::int64_t values[] = {sample.count, time_ns};
      builder_.add_sample(stack, values);
    }
    return builder_.finish();
  }

  LocationId location_of(Address address) {
    auto [found, is_new] = locations_.try_emplace(address, kNone);
    if (is_new) found->second = builder_.add_location(address, kNone, {});
    return found->second;
  }

  ByteStream& stream_;
  Format format_;
  std::uint64_t period_us_ = 0;
  std::vector<Sample> samples_;
  ProfileBuilder builder_;
  std::unordered_map<Address, LocationId> locations_;
};

}  // namespace

bool is_word_profile(ByteView beginning) { return find_format(beginning).has_value(); }

Result<Profile> read_words(ByteStream& stream) {
  auto format = find_format(TRY(stream.peek(kHeadWords * sizeof(std::uint64_t))));
  if (!format) return fail(stream.malformed("no CPU profile"));
  return WordReader(stream, *format).read();
}

}  // namespace goshawk::pprof
