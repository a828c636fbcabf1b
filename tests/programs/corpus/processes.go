package main

// Pipes, signals and child processes.

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"goshawk.test/programs/truth"
)

func init() {
	truth.Program("pipe_reader_gone", pipeReaderGone)
	truth.Program("pipe_writer_returned", pipeWriterReturned)
	truth.Program("command_never_waited_for", commandNeverWaitedFor)
	truth.Program("command_output_unread", commandOutputUnread)
	truth.Program("signals_stopped_not_closed", signalsStoppedNotClosed)
	truth.Program("signals_for_each_request", signalsForEachRequest)
}

// Who decodes the stream met an error and does not read on; CloseWithError would tell the writer.
func pipeReaderGone(fixed bool) {
	truth.Expect(1)
	reader, writer := io.Pipe()
	go func() {
		leakedUnless(fixed, selecting)
		defer writer.Close()
		for line := 0; line < 3; line++ {
			if _, err := io.WriteString(writer, "line\n"); err != nil {
				return
			}
		}
	}()
	_, _ = bufio.NewReader(reader).ReadString('\n')
	if fixed {
		later(func() { reader.CloseWithError(errBroken) })
	}
}

// The writer returned on its error path without closing.
func pipeWriterReturned(fixed bool) {
	truth.Expect(1)
	reader, writer := io.Pipe()
	write := func() {
		if _, err := work(!fixed); err != nil {
			return
		}
		writer.Close()
	}
	if fixed {
		later(write)
	} else {
		write()
	}
	go func() {
		leakedUnless(fixed, selecting)
		_, _ = io.Copy(io.Discard, reader)
	}()
}

// Started with a context and not waited for: the goroutine that would kill it waits for one or the other.
func commandNeverWaitedFor(fixed bool) {
	foreignUnless(fixed, 2, "os/exec.(*Cmd).", lostCancel)
	for i := 0; i < 2; i++ {
		ctx, cancel := context.WithCancel(context.Background())
		command := exec.CommandContext(ctx, "true")
		if err := command.Start(); err != nil {
			panic(err)
		}
		if fixed {
			later(func() { _ = command.Wait(); cancel() })
		}
	}
}

// Held by: the network poller, on the pipe from a child that goes on. Its output is copied by a goroutine until it ends.
func commandOutputUnread(fixed bool) {
	claim := truth.Claim{Verdict: "growing", Rules: []string{ioWait}, Why: "the child process may still write or end"}
	if fixed {
		claim = truth.Claim{Verdict: "wakes"}
	}
	truth.Foreign(1, "os/exec.(*Cmd).", claim)
	command := exec.Command("cat")
	input, err := command.StdinPipe()
	if err != nil {
		panic(err)
	}
	command.Stdout = &counting{}
	if err := command.Start(); err != nil {
		panic(err)
	}
	if fixed {
		later(func() { input.Close(); _ = command.Wait() })
		return
	}
	keptOpen = append(keptOpen, input)
}

var keptOpen []io.Closer

type counting struct{ bytes int }

func (c *counting) Write(b []byte) (int, error) {
	c.bytes += len(b)
	return len(b), nil
}

// signal.Stop takes the channel out of the runtime's hands and does not close it. The package keeps the one that was stopped last in an
// array, behind the end of its slice (in 1.19 to 1.23 at least), which is why another one is stopped after those that are leaked.
func signalsStoppedNotClosed(fixed bool) {
	truth.Expect(2)
	for i := 0; i < 2; i++ {
		signals := make(chan os.Signal, 1)
		signal.Notify(signals, syscall.SIGUSR2)
		go func() {
			leakedUnless(fixed, receive)
			for range signals {
			}
		}()
		signal.Stop(signals)
		if fixed {
			later(func() { close(signals) })
		}
	}
	another := make(chan os.Signal, 1)
	signal.Notify(another, syscall.SIGUSR2)
	signal.Stop(another)
}

// Held by: the table of package os/signal. Each request listens to a signal that could still come, and never stops to.
func signalsForEachRequest(fixed bool) {
	truth.Expect(2)
	for i := 0; i < 2; i++ {
		signals := make(chan os.Signal, 1)
		signal.Notify(signals, syscall.SIGUSR1)
		go func() {
			growingUnless(fixed, "the signal may still come", receive)
			for range signals {
			}
		}()
		if fixed {
			later(func() {
				signal.Stop(signals)
				close(signals)
			})
		}
	}
}
