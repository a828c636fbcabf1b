package main

// Everywhere that a program may keep what nobody else should read: $GOSHAWK_SECRET.

import (
	"context"
	"os"
	"runtime"
	"runtime/pprof"

	"goshawk.test/programs/truth"
)

func init() { truth.Program("keeps_secrets", keepsSecrets) }

type vault struct {
	text   string
	bytes  []byte
	array  [64]byte
	boxed  interface{}
	byName map[string]string
	queue  chan string
}

var onlyVault *vault

func keepsSecrets(fixed bool) {
	truth.Expect(1)
	secret := os.Getenv("GOSHAWK_SECRET")
	if secret == "" {
		secret = "nothing to hide"
	}
	v := &vault{text: secret + "!", bytes: []byte(secret), boxed: secret + "?", queue: make(chan string, 1)}
	copy(v.array[:], secret)
	v.byName = map[string]string{secret: secret}
	v.queue <- secret
	onlyVault = v
	s := shape{fixed, make(chan *holder)}
	go pprof.Do(context.Background(), pprof.Labels("secret "+secret, secret), func(context.Context) {
		onStack := v.array
		s.wait()
		runtime.KeepAlive(&onStack)
	})
	if fixed {
		truth.OnWake(func() { close(s.ch) })
	}
}
