// Each kind of text is a header and records: numbers, "@", the return addresses of a stack. Below a
// record Go writes its labels and the names of its frames, as comments; a text without them leaves
// locations without lines. Locations are what was called from: an address less one.
// Follows github.com/google/pprof/profile/legacy_profile.go for headers, scaling and what is a
// malformed record, and runtime/pprof/pprof.go for comments. Memory maps at the end are not read.
#include "pprof/text_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "pprof/profile_builder.h"
#include "pprof/text_labels.h"
#include "pprof/text_lines.h"
#include "pprof/text_symbols.h"
#include "pprof/thread_text_reader.h"

namespace goshawk::pprof {
namespace {

constexpr std::size_t kMostStackEntries = 1 << 28;

enum class Kind { kHeap, kCount, kContention, kThreads, kJavaHeap };

constexpr std::string_view kCountTitle = " profile: total ";

bool is_space_or_comment(std::string_view line) {
  std::string_view text = trim(line);
  return text.empty() || text.front() == '#';
}

bool is_count_title(std::string_view line) {
  std::size_t at = line.find(kCountTitle);
  if (at == 0 || at == std::string_view::npos) return false;
  std::string_view name = line.substr(0, at), total = line.substr(at + kCountTitle.size());
  return name.find(' ') == std::string_view::npos && !total.empty() &&
         std::ranges::all_of(total, [](unsigned char c) { return std::isdigit(c) != 0; });
}

std::optional<Kind> kind_of_title(std::string_view line) {
  if (line.starts_with("heap profile:")) return Kind::kHeap;
  for (std::string_view title : {"--- contention:", "--- mutex:", "--- contentionz "})
    if (line.starts_with(title)) return Kind::kContention;
  if (line.starts_with("--- heapz ")) return Kind::kJavaHeap;
  if (is_count_title(line)) return Kind::kCount;
  if (is_thread_title(line)) return Kind::kThreads;
  return std::nullopt;
}

// What a heap profile's title says of its records.
struct HeapTitle {
  std::int64_t rate_bytes = 1;  // one sample for so many bytes that are allocated
  bool is_scaled = false;       // whether what was sampled is to be scaled up by that
  bool has_allocated = false;   // also what was allocated ever, not only what is in use
};

std::optional<HeapTitle> parse_heap_title(std::string_view line) {
  std::int64_t objects = 0, bytes = 0, allocated_objects = 0, allocated_bytes = 0;
  TextCursor cursor(line);
  cursor.literal("heap profile:").spaces().number(objects).literal(":").spaces().number(bytes);
  cursor.spaces().literal("[").spaces().number(allocated_objects).literal(":").spaces();
  cursor.number(allocated_bytes).spaces().literal("]").spaces().literal("@").spaces();
  if (cursor.failed()) return std::nullopt;
  HeapTitle title;
  std::string_view kind = trim(cursor.rest());
  if (kind.starts_with("growth") || kind.starts_with("fragmentation")) return title;
  std::size_t slash = std::min(kind.find('/'), kind.size());
  std::int64_t rate = 0;
  TextCursor number(kind.substr(slash));
  if (slash < kind.size() && number.literal("/").number(rate).failed()) rate = 0;
  title.has_allocated = (allocated_objects != objects && allocated_objects != 0) ||
                        (allocated_bytes != bytes && allocated_bytes != 0);
  kind = kind.substr(0, slash);
  if (kind == "heapprofile") return title;
  // Go writes twice its rate, as others once did.
  if (kind == "heap") rate /= 2;
  if (kind != "heap" && kind != "heap_v2" && kind != "heapz_v2") return std::nullopt;
  title.rate_bytes = rate;
  title.is_scaled = true;
  return title;
}

// As Go converts; what no integer can hold, which no program has, is the largest.
std::int64_t to_integer(double value) {
  constexpr double kMost = 9.2e18;
  return std::isnan(value) ? 0 : static_cast<std::int64_t>(std::clamp(value, -kMost, kMost));
}

// An object of this size has been sampled with the probability 1 - exp(-size / rate).
std::pair<std::int64_t, std::int64_t> scale(std::int64_t count, std::int64_t bytes,
                                            std::int64_t rate_bytes) {
  if (count == 0 || bytes == 0) return {0, 0};
  if (rate_bytes <= 1) return {count, bytes};
  double average = static_cast<double>(bytes) / static_cast<double>(count);
  double factor = 1 / (1 - std::exp(-average / static_cast<double>(rate_bytes)));
  return {to_integer(static_cast<double>(count) * factor),
          to_integer(static_cast<double>(bytes) * factor)};
}

class TextReader {
 public:
  explicit TextReader(ByteStream& stream) : stream_(stream), lines_(stream) {}

  Result<Profile> read() {
    std::string_view title = TRY(find_title());
    switch (kind_of_title(title).value()) {
      case Kind::kHeap:
        TRY_VOID(read_heap(title));
        break;
      case Kind::kCount:
        TRY_VOID(read_counts(title));
        break;
      case Kind::kContention:
        TRY_VOID(read_contentions());
        break;
      case Kind::kThreads:
        return read_thread_text(stream_);
      case Kind::kJavaHeap:
        return fail(of_java());
    }
    symbols_.finish();
    return builder_.finish();
  }

 private:
  Error of_java() const {
    return Usage{stream_.name() + " is a profile of a Java program",
                 "Goshawk looks at Go programs only: go tool pprof reads it"};
  }

  Result<std::string_view> find_title() {
    for (;;) {
      auto line = TRY(lines_.line());
      if (line && kind_of_title(*line)) return *line;
      if (!line || !is_space_or_comment(*line)) return fail(lines_.malformed("no profile"));
      lines_.next();
    }
  }

  // Hands each record to `add`, which says what is wrong with it, until the text or the part of it
  // with records ends.
  template <typename Add>
  Result<void> read_records(Add add) {
    for (;;) {
      auto line = TRY(lines_.line());
      if (!line || line->starts_with("---") || line->starts_with("MAPPED_LIBRARIES:")) return {};
      if (is_space_or_comment(*line))
        read_comment(*line);
      else if (const char* problem = add(trim(*line)))
        return fail(lines_.malformed(problem));
      if (builder_.profile().stacks.size() > kMostStackEntries)
        return fail(lines_.malformed("the stacks are too long"));
      lines_.next();
    }
  }

  void read_comment(std::string_view line) {
    if (builder_.profile().sample_count() == 0) return;
    if (auto frame = parse_named_frame(line)) return symbols_.add_name(*frame);
    for (const TextLabel& label : parse_labels(line)) builder_.add_label(label.key, label.value);
  }

  // " 0x45d3f1 0x45d2a0"
  bool parse_stack(std::string_view text) {
    addresses_.clear();
    for (TextCursor cursor(text); !cursor.spaces().rest().empty();) {
      std::uint64_t address = 0;
      if (cursor.literal("0x").number(address, 16).failed()) return false;
      if (address != 0) addresses_.emplace_back(address);  // old records are filled up with zeros
    }
    return true;
  }

  void add_sample(std::initializer_list<std::int64_t> values) {
    builder_.add_sample(symbols_.begin_record(addresses_), {values.begin(), values.size()});
  }

  Result<void> read_counts(std::string_view title) {
    std::string name(title.substr(0, title.find(kCountTitle)));
    builder_.add_sample_type(name, "count");
    builder_.set_period(name, "count", 1);
    lines_.next();
    return read_records([this](std::string_view line) -> const char* {
      std::int64_t count = 0;
      TextCursor cursor(line);
      if (cursor.number(count).literal(" @").failed() || !parse_stack(cursor.rest()))
        return "this is no record of a count and a stack";
      add_sample({count});
      return nullptr;
    });
  }

  Result<void> read_heap(std::string_view line) {
    auto title = parse_heap_title(line);
    if (!title) return fail(lines_.malformed("no title of a heap profile that is known"));
    builder_.set_period("space", "bytes", title->rate_bytes);
    if (title->has_allocated) {
      builder_.add_sample_type("alloc_objects", "count");
      builder_.add_sample_type("alloc_space", "bytes");
    }
    builder_.add_sample_type(title->has_allocated ? "inuse_objects" : "objects", "count");
    builder_.add_sample_type(title->has_allocated ? "inuse_space" : "space", "bytes");
    // What only takes memory for its caller is nobody's doing.
    builder_.profile().drop_frames = builder_.text("runtime\\..*");
    builder_.profile().keep_frames =
        builder_.text("runtime\\.panic|runtime\\.reflectcall|runtime\\.call[0-9]*");
    lines_.next();
    return read_records([&](std::string_view record) { return add_heap_record(record, *title); });
  }

  const char* add_heap_record(std::string_view line, const HeapTitle& title) {
    std::int64_t objects = 0, bytes = 0, allocated_objects = 0, allocated_bytes = 0;
    TextCursor cursor(line);
    cursor.number(objects).literal(":").spaces().number(bytes).spaces().literal("[").spaces();
    cursor.number(allocated_objects).literal(":").spaces().number(allocated_bytes);
    cursor.spaces().literal("]").spaces().literal("@");
    if (cursor.failed() || !parse_stack(cursor.rest()))
      return "this is no record of objects, bytes and a stack";
    if ((objects == 0 && bytes != 0) ||
        (title.has_allocated && allocated_objects == 0 && allocated_bytes != 0))
      return "no objects have bytes";
    std::int64_t size = objects != 0             ? bytes / objects
                        : allocated_objects != 0 ? allocated_bytes / allocated_objects
                                                 : 0;
    if (title.is_scaled) {
      std::tie(objects, bytes) = scale(objects, bytes, title.rate_bytes);
      std::tie(allocated_objects, allocated_bytes) =
          scale(allocated_objects, allocated_bytes, title.rate_bytes);
    }
    if (title.has_allocated)
      add_sample({allocated_objects, allocated_bytes, objects, bytes});
    else
      add_sample({objects, bytes});
    builder_.add_label("bytes", size);
    return nullptr;
  }

  Result<void> read_contentions() {
    builder_.add_sample_type("contentions", "count");
    builder_.add_sample_type("delay", "nanoseconds");
    builder_.set_period("contentions", "count", 1);
    lines_.next();
    std::int64_t cycles_per_second = TRY(read_attributes());
    std::int64_t period = builder_.profile().period;
    return read_records([&](std::string_view line) -> const char* {
      std::int64_t cycles = 0, count = 0;
      TextCursor cursor(line);
      cursor.number(cycles).spaces().number(count).spaces().literal("@");
      if (cursor.failed() || !parse_stack(cursor.rest()))
        return "this is no record of cycles, a count and a stack";
      if (period > 0 && cycles_per_second > 0)
        cycles = to_integer(static_cast<double>(cycles) * static_cast<double>(period) /
                            (static_cast<double>(cycles_per_second) / 1e9));
      if (period > 0 && __builtin_mul_overflow(count, period, &count))
        return "a count is too large";
      add_sample({count, cycles});
      return nullptr;
    });
  }

  // "cycles/second=3000000000": lines of that form; gives the value of this one, or 0.
  Result<std::int64_t> read_attributes() {
    std::int64_t cycles_per_second = 0;
    for (;; lines_.next()) {
      auto line = TRY(lines_.line());
      if (!line) return cycles_per_second;
      if (is_space_or_comment(*line)) continue;
      std::size_t equals = line->find('=');
      if (equals == std::string_view::npos || line->starts_with("---")) return cycles_per_second;
      std::string_view key = trim(line->substr(0, equals));
      if (key == "format" || key == "resolution") return fail(of_java());
      std::int64_t value = 0;
      if (TextCursor(trim(line->substr(equals + 1))).number(value).failed())
        return fail(lines_.malformed("an attribute without a number"));
      if (key == "cycles/second") cycles_per_second = value;
      if (key == "sampling period") builder_.profile().period = value;
      if (key == "ms since reset" &&
          __builtin_mul_overflow(value, std::int64_t{1'000'000}, &builder_.profile().duration_ns))
        return fail(lines_.malformed("a time that is too long"));
    }
  }

  ByteStream& stream_;
  TextLines lines_;
  ProfileBuilder builder_;
  TextSymbols symbols_{builder_};
  std::vector<Address> addresses_;  // of one record
};

}  // namespace

bool is_profile_text(std::string_view beginning) {
  while (!beginning.empty()) {
    std::size_t end = std::min(beginning.find('\n'), beginning.size());
    std::string_view line = beginning.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!is_space_or_comment(line)) return kind_of_title(line).has_value();
    beginning.remove_prefix(std::min(end + 1, beginning.size()));
  }
  return false;
}

Result<Profile> read_text(ByteStream& stream) { return TextReader(stream).read(); }

}  // namespace goshawk::pprof
