// A slip of the finger is one or two edits (Levenshtein) away. What is longer than that is often a
// word cut short ("nilchan") or its telling part ("channel"): a beginning or a part of exactly one
// candidate.
#include "base/nearest_word.h"

#include <algorithm>
#include <cctype>

namespace goshawk {
namespace {

constexpr std::size_t kMostSlips = 2;      // more is another word
constexpr std::size_t kLongestTyped = 64;  // nobody mistypes one so long
constexpr std::size_t kLeastPart = 3;      // letters that tell something

std::string letters_of(std::string_view word) {
  std::string letters;
  for (unsigned char c : word)
    if (std::isalnum(c) != 0) letters += static_cast<char>(std::tolower(c));
  return letters;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({substituted, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

std::string_view find_by_slips(std::string_view typed,
                               std::span<const std::string_view> candidates) {
  std::string_view nearest;
  std::size_t least = kMostSlips + 1;
  for (std::string_view candidate : candidates) {
    std::string letters = letters_of(candidate);
    std::size_t distance = edit_distance(typed, letters);
    // Two slips in a word of three letters are another word.
    if (distance < least && 2 * distance < std::max(typed.size(), letters.size()))
      least = distance, nearest = candidate;
  }
  return nearest;
}

// The only candidate of which the typed letters are a part; a beginning goes before an inner part.
std::string_view find_by_part(std::string_view typed,
                              std::span<const std::string_view> candidates) {
  if (typed.size() < kLeastPart) return "";
  std::vector<std::string_view> beginning, inside;
  for (std::string_view candidate : candidates) {
    std::size_t at = letters_of(candidate).find(typed);
    if (at == 0) beginning.push_back(candidate);
    if (at != std::string::npos) inside.push_back(candidate);
  }
  if (beginning.size() == 1) return beginning.front();
  return inside.size() == 1 ? inside.front() : "";
}

}  // namespace

std::string_view find_nearest_word(std::string_view typed,
                                   std::span<const std::string_view> candidates) {
  if (typed.size() > kLongestTyped) return "";
  std::string letters = letters_of(typed);
  std::string_view nearest = find_by_slips(letters, candidates);
  return nearest.empty() ? find_by_part(letters, candidates) : nearest;
}

std::string list_with_or(std::span<const std::string_view> words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

std::vector<std::string> split_list(std::string_view list) {
  std::vector<std::string> parts;
  for (std::size_t start = 0; start <= list.size();) {
    std::size_t comma = std::min(list.find(',', start), list.size());
    std::string_view part = list.substr(start, comma - start);
    std::size_t first = part.find_first_not_of(' ');
    if (first != std::string_view::npos)
      parts.emplace_back(part.substr(first, part.find_last_not_of(' ') + 1 - first));
    start = comma + 1;
  }
  return parts;
}

}  // namespace goshawk
