// A small slice or string that keeps a large array.
// The text of `goshawk explain pinned-array`; the Go programs are compiled by explanation_test.cpp.
#include "report/explain/explanation.h"

namespace goshawk::report {

const Explanation kPinnedArrayExplanation = {
    .rule = "heap/pinned-array",
    .why =
        "A slice and a string refer to an array, and the collector keeps all of it as long as "
        "one of them refers to any part. Ten bytes cut out of a file that was read whole keep "
        "the whole file; s = s[:1] keeps what was behind; a pointer to one element keeps its "
        "neighbours.",
    .wrong = R"go(package main

import "os"

var headers [][]byte

func remember(name string) {
	content, err := os.ReadFile(name)
	if err == nil && len(content) >= 16 {
		headers = append(headers, content[:16]) // keeps all of content
	}
}

func main() {
	for _, name := range os.Args[1:] {
		remember(name)
	}
}
)go",
    .right = R"go(package main

import "os"

var headers [][]byte

func remember(name string) {
	content, err := os.ReadFile(name)
	if err == nil && len(content) >= 16 {
		headers = append(headers, append([]byte(nil), content[:16]...))
	}
}

func main() {
	for _, name := range os.Args[1:] {
		remember(name)
	}
}
)go",
    .mend =
        "Keep a copy of the part: bytes.Clone, strings.Clone, slices.Clone, or append to nil. "
        "The rest is then freed with the next collection.",
    .releases = "Every Go release.",
    .certainty =
        "Every word that refers to such an array was found to be a slice, a string or a "
        "pointer to a value in it; an array to which a stack or a word of unknown type refers "
        "is not told. Likely: the rest lies outside of every length and capacity, so that no "
        "code can get at it (but by unsafe). Suspected: it lies between length and capacity, "
        "as in a buffer that is kept to be filled again.",
};

}  // namespace goshawk::report
