package testing

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// reportSurvivors writes the goroutines that go.uber.org/goleak's VerifyTestMain would report, by its rule and with its patience,
// to a file of $SURVIVORS that is named by this process. It is called where m.Run ends.
func reportSurvivors() {
	folder := os.Getenv("SURVIVORS")
	if folder == "" || *matchList != "" {
		return
	}
	left := survivors()
	for try := 0; len(left) > 0 && try < 20; try++ {
		time.Sleep(min(time.Microsecond<<try, 100*time.Millisecond))
		left = survivors()
	}
	os.WriteFile(folder+"/"+strconv.Itoa(os.Getpid()), []byte(strings.Join(left, "\n\n")), 0o644)
}

func survivors() (left []string) {
	for size := 1 << 20; ; size *= 2 {
		text := make([]byte, size)
		n := runtime.Stack(text, true)
		if n == size {
			continue
		}
		for _, block := range strings.Split(string(text[:n]), "\n\n")[1:] { // the first is this one
			if !isExpected(block) {
				left = append(left, strings.TrimSpace(block))
			}
		}
		return left
	}
}

// isExpected has what goleak leaves out by itself (options.go: isTestStack, isSyscallStack, isStdLibStack, isTraceStack).
func isExpected(block string) bool {
	head, rest, _ := strings.Cut(block, "\n")
	_, state, _ := strings.Cut(head, "[")
	top, _, _ := strings.Cut(rest, "\n")
	if i := strings.LastIndexByte(top, '('); i >= 0 {
		top = top[:i]
	}
	switch top {
	case "testing.RunTests", "testing.(*T).Run", "testing.(*T).Parallel", "testing.runFuzzing", "testing.runFuzzTests":
		return strings.HasPrefix(state, "chan receive")
	case "os/signal.signal_recv", "os/signal.loop":
		return true
	}
	return strings.Contains(block, "runtime.goexit") && strings.HasPrefix(state, "syscall") ||
		strings.Contains(block, "runtime.ensureSigM") || strings.Contains(block, "runtime.ReadTrace")
}
