// Values of one type that become more and more.
// The text of `goshawk explain growing-type`; the Go programs are compiled by explanation_test.cpp.
#include "report/explain/explanation.h"

namespace goshawk::report {

const Explanation kGrowingTypeExplanation = {
    .rule = "heap/growing-type",
    .why =
        "Values of one type become more and more, and something reaches them all: a linked "
        "list, a tree, the children of a context, a sync.Map, many small maps. The finding "
        "names one of those that most of them are held with.",
    .wrong = R"go(package main

import (
	"context"
	"time"
)

func main() {
	serving, stop := context.WithCancel(context.Background())
	defer stop()
	for range time.Tick(time.Millisecond) {
		request, cancel := context.WithCancel(serving)
		_ = request
		_ = cancel // never called: serving keeps each of its children
	}
}
)go",
    .right = R"go(package main

import (
	"context"
	"time"
)

func handle(serving context.Context) {
	request, cancel := context.WithCancel(serving)
	defer cancel()
	<-request.Done()
}

func main() {
	serving, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	handle(serving)
}
)go",
    .mend =
        "Follow the path: goshawk heap PID --object TYPE shows all that hold such values, and "
        "--allocations which line makes them. Then have the one that should let go do so.",
    .releases = "Every Go release.",
    .certainty =
        "Only live objects are counted, so garbage that waits for the collector is no growth. A "
        "cache or a pool that fills up grows in the same way until it is full. Suspected: it "
        "has more in every picture than in the one before. Likely: so in five pictures or more, "
        "and never at less than a quarter of its mean rate. Take them farther apart than what "
        "the program's caches need to fill. What a map or slices have that grow is told with "
        "these, as growing-map or growing-slice. Types that grew by less than 16 KB and a "
        "four-hundredth of the live heap are not told.",
};

}  // namespace goshawk::report
