// Package under_main leaks in its TestMain and in a test under it.
package under_main

import (
	"os"
	"testing"
)

func forgotten() {
	started := make(chan bool)
	go func() {
		close(started)
		select {}
	}()
	<-started
}

func TestMain(m *testing.M) {
	forgotten()
	os.Exit(m.Run())
}

func TestOneLeak(t *testing.T) { forgotten() }

func TestOther(t *testing.T) {}
