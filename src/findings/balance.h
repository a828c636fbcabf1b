// A balance sheet of memory: each byte in one line.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace goshawk::findings {

struct BalanceLine {
  std::string_view name;  // for scripts; stays
  std::string_view text;  // for people
  std::uint64_t bytes = 0;
  std::optional<std::uint64_t> count;  // of `unit`
  std::string_view unit = {};
  std::string_view advice = {};  // what to look at when it is large
};

// A line's text without its last words: "free heap pages", not ", not given back to the kernel".
inline std::string_view line_in_short(std::string_view text) {
  text = text.substr(0, text.find(','));
  return text.substr(0, text.find(" ("));
}

struct Balance {
  bool by_kernel = false;  // the lines' sum is the kernel's RSS; else what a core holds
  std::uint64_t total_bytes = 0;
  std::uint64_t live_bytes = 0;         // of objects in use, resident or not
  std::uint64_t absent_live_bytes = 0;  // of these what is not resident: in no line
  std::uint64_t kernel_rss_bytes = 0;   // what /proc/PID/status said; 0: not known
  std::uint64_t swapped_bytes = 0;      // not in the lines
  std::uint64_t page_table_bytes = 0;   // not in the lines; 0: not known
  std::vector<BalanceLine> lines;       // all there are, the largest first
};

}  // namespace goshawk::findings
