// A loop that nothing ends.
// The text of `goshawk explain runaway`; the Go programs are compiled by explanation_test.cpp.
#include "report/explain/explanation.h"

namespace goshawk::report {

const Explanation kRunawayExplanation = {
    .rule = "goroutine/runaway",
    .why =
        "A goroutine that polls, sleeps or waits for a ticker in a loop goes on until the loop "
        "ends. Where it has no exit, or one that nobody uses, every call that starts such a "
        "goroutine leaves one behind: it keeps all that it refers to, and works for nobody.",
    .wrong = R"go(package main

import (
	"fmt"
	"time"
)

func watch(user string) {
	go func() {
		for {
			time.Sleep(time.Minute) // for ever, also when the user has gone
			fmt.Println("news for", user)
		}
	}()
}

func main() {
	watch("ann")
	watch("bob")
}
)go",
    .right = R"go(package main

import (
	"context"
	"fmt"
	"time"
)

func watch(ctx context.Context, user string) {
	go func() {
		every := time.NewTicker(time.Minute)
		defer every.Stop()
		for {
			select {
			case <-every.C:
				fmt.Println("news for", user)
			case <-ctx.Done():
				return
			}
		}
	}()
}

func main() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	watch(ctx, "ann")
	watch(ctx, "bob")
}
)go",
    .mend =
        "Give the loop an end that its owner uses: a context, cancelled when the user leaves, "
        "or a channel that is closed.",
    .releases = "Every Go release.",
    .certainty =
        "Never proven: such a goroutine does run again. Likely when several pictures (goshawk "
        "leaks PID --samples 3) show more of them each time and nearly none has ended; two "
        "pictures make it suspected. In a test binary one picture makes it likely where a ticker "
        "wakes it in a select, nobody else can reach the channel that would end it, and who "
        "started it has ended.",
};

}  // namespace goshawk::report
