// Which releases wrote a pclntab, by its first word. The .cpp has the history.
#pragma once

#include <cstdint>
#include <string_view>

namespace goshawk::goruntime {

// "Go 1.2 to 1.15"; "" for a word that no release wrote.
std::string_view pclntab_releases(std::uint32_t magic);

// Its tables are laid out as this program reads them (1.18 and later).
bool is_readable_pclntab(std::uint32_t magic);

}  // namespace goshawk::goruntime
