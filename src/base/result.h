// The error rule of the whole program: whatever can fail returns Result<T>; an error is one of
// five kinds, and its text names the next step. Mistakes of ours are asserts, not errors.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <utility>
#include <variant>

#include "base/address.h"

namespace goshawk {

// The target's memory could not be read there.
struct Fault {
  Address address;
  std::uint64_t size_bytes = 0;
  std::string reason;
};

// Bytes that are not what they claim to be.
struct Malformed {
  std::string file;  // or what else holds the bytes
  std::uint64_t offset = 0;
  std::string what;
};

// A fact or a thing that is not there, and what cannot be done without it.
struct Missing {
  std::string name;
  std::string feature;
};

// The system forbids it; remedy is what the user can do.
struct Denied {
  std::string action;
  std::string remedy;
};

// The command line asks for something that makes no sense.
struct Usage {
  std::string problem;
  std::string hint;
};

using Error = std::variant<Fault, Malformed, Missing, Denied, Usage>;

template <typename T>
using Result = std::expected<T, Error>;

// One line without a full stop at the end; the remedy or hint follows after "; ".
std::string describe(const Error& error);

inline std::unexpected<Error> fail(Error error) { return std::unexpected<Error>(std::move(error)); }

}  // namespace goshawk

// auto x = TRY(read_something());   returns the error to the caller, or yields the value.
// (libstdc++ 12 has std::expected without its monadic members.)
#define TRY(expression)                                                                         \
  ({                                                                                            \
    auto try_result_ = (expression);                                                            \
    if (!try_result_) return std::unexpected<::goshawk::Error>(std::move(try_result_).error()); \
    std::move(*try_result_);                                                                    \
  })

// The same for Result<void>.
#define TRY_VOID(expression)                                                    \
  do {                                                                          \
    if (auto&& try_result_ = (expression); !try_result_)                        \
      return std::unexpected<::goshawk::Error>(std::move(try_result_).error()); \
  } while (false)
