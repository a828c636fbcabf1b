// "Did you mean ...?": the word that somebody may have wanted to type.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace goshawk {

// The candidate nearest to what was typed; empty when none is near. Case and punctuation do not
// count: "NilChan" is near "nil-channel".
std::string_view find_nearest_word(std::string_view typed,
                                   std::span<const std::string_view> candidates);

// "text, json or pprof"
std::string list_with_or(std::span<const std::string_view> words);

// The parts of "a, b,c" without the blanks around them; empty ones are left out.
std::vector<std::string> split_list(std::string_view list);

}  // namespace goshawk
