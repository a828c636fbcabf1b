// Go function names as they are compared and folded: without what changes from build to build.
#pragma once

#include <string>
#include <string_view>

namespace goshawk::findings {

// "main.handle[go.shape.int].func2.1" -> "main.handle[...].func.#": type arguments and the
// compiler's counters of closures, wrappers and range bodies are taken out.
std::string normalize_function(std::string_view name);

// The type arguments as the runtime prints them: "main.handle[...]".
std::string shorten_type_arguments(std::string_view name);

// "net/http" of "net/http.(*conn).serve"; empty when the name has no package.
std::string_view package_of(std::string_view name);

// Of the runtime and of the packages that only wait on its behalf: where a goroutine blocks, but
// never why. Their names differ between releases.
bool is_waiting_machinery(std::string_view name);

// Made by the compiler to call another function: "main.start.gowrap1" of "go f(x)" (since Go 1.22),
// "main.start.deferwrap2", "main.(*T).Method-fm" of a method value. The runtime leaves them out of
// dumps, but not of those that a signal or GOTRACEBACK=system makes.
bool is_wrapper(std::string_view name);

// Of package main or of a module (its path begins with a host's name): not of Go's own library. A
// module whose path has no dot in its first part is taken for the library.
bool is_of_a_module(std::string_view name);

}  // namespace goshawk::findings
