// A map to which is only added.
// The text of `goshawk explain growing-map`; the Go programs are compiled by explanation_test.cpp.
#include "report/explain/explanation.h"

namespace goshawk::report {

const Explanation kGrowingMapExplanation = {
    .rule = "heap/growing-map",
    .why =
        "A map keeps each entry until it is deleted: sessions whose clients have gone, a cache "
        "without a bound, metrics by a label that never repeats. Nothing is lost by the "
        "program's own logic, so no tool that looks for garbage finds it; it just grows until "
        "the process is killed.",
    .wrong = R"go(package main

import (
	"fmt"
	"net/http"
	"sync"
)

var (
	mutex    sync.Mutex
	visitors = map[string]int{}
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		mutex.Lock()
		defer mutex.Unlock()
		visitors[r.RemoteAddr]++ // with its port: an entry for ever
		fmt.Fprintln(w, "hello")
	})
	_ = http.ListenAndServe("localhost:8080", nil)
}
)go",
    .right = R"go(package main

import (
	"fmt"
	"net"
	"net/http"
	"sync"
)

const most = 10000

var (
	mutex    sync.Mutex
	visitors = map[string]int{}
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		host, _, _ := net.SplitHostPort(r.RemoteAddr)
		mutex.Lock()
		defer mutex.Unlock()
		if len(visitors) >= most {
			visitors = map[string]int{} // bounded; an LRU forgets less
		}
		visitors[host]++
		fmt.Fprintln(w, "hello")
	})
	_ = http.ListenAndServe("localhost:8080", nil)
}
)go",
    .mend =
        "Delete what is over (when the session ends, in a defer), give the cache a size or an "
        "expiry, choose keys of which there are few. Maps do not shrink: after many were "
        "deleted, copy the rest into a new one.",
    .releases = "Every Go release.",
    .certainty =
        "Only live objects are counted, so garbage that waits for the collector is no growth. A "
        "cache or a pool that fills up grows in the same way until it is full. Suspected: it "
        "has more in every picture than in the one before. Likely: so in five pictures or more, "
        "and never at less than a quarter of its mean rate. Take them farther apart than what "
        "the program's caches need to fill. A map is followed by the address of its header; it is "
        "not seen while its tables are smaller than a kilobyte.",
};

}  // namespace goshawk::report
