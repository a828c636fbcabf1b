// The page that tells people what there is.
#pragma once

#include <string>
#include <string_view>

namespace goshawk::frontends::serve {

// `title` is foreign text.
std::string render_index_page(std::string_view title);

}  // namespace goshawk::frontends::serve
