// The header Authorization, both ways.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace goshawk::http {

// Of "Bearer TOKEN", or the password of "Basic ...", with which tools log in that know no more of
// it than http://user:TOKEN@host/. nullopt: there is none.
std::optional<std::string> find_presented_token(std::string_view authorization);

// "Basic ..." for "user:password".
std::string basic_authorization(std::string_view user_info);

// Takes as long for a wrong token as for a right one of its length.
bool is_same_secret(std::string_view one, std::string_view other);

}  // namespace goshawk::http
