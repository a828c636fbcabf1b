package main

// The groups, semaphores and shared flights of golang.org/x/sync, misused.

import (
	"context"

	"goshawk.test/programs/corpus/errgroup"
	"goshawk.test/programs/corpus/semaphore"
	"goshawk.test/programs/corpus/singleflight"
	"goshawk.test/programs/truth"
)

func init() {
	truth.Program("group_member_ignores_context", groupMemberIgnoresContext)
	truth.Program("group_without_context", groupWithoutContext)
	truth.Program("group_limit_inside_member", groupLimitInsideMember)
	truth.Program("group_never_waited_for", groupNeverWaitedFor)
	truth.Program("semaphore_never_released", semaphoreNeverReleased)
	truth.Program("semaphore_acquired_in_parts", semaphoreAcquiredInParts)
	truth.Program("flight_leader_stuck", flightLeaderStuck)
	truth.Program("global_flight_leader_stuck", globalFlightLeaderStuck)
	truth.Once("global_flight_leader_stuck")
}

// One member fails, which cancels the context; the other one sends without looking at it.
func groupMemberIgnoresContext(fixed bool) {
	truth.Expect(2)
	g, ctx := errgroup.WithContext(context.Background())
	rows := make(chan *job)
	g.Go(func() error {
		leakedUnless(fixed, send, selecting, lostCancel, abandoned)
		for {
			if !fixed {
				rows <- &job{}
				continue
			}
			select {
			case rows <- &job{}:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	})
	g.Go(func() error {
		<-rows
		if fixed {
			<-truth.Wake
		}
		return errBroken
	})
	go func() {
		leakedUnless(fixed, waitgroup)
		_ = g.Wait()
	}()
}

// The same with a group that has no context to look at: the consumer's error ends nobody.
func groupWithoutContext(fixed bool) {
	truth.Expect(2)
	g, rows := &errgroup.Group{}, make(chan *job)
	g.Go(func() error {
		leakedUnless(fixed, send, abandoned)
		for i := 0; i < 3; i++ {
			rows <- &job{id: i}
		}
		return nil
	})
	g.Go(func() error {
		<-rows
		if !fixed {
			return errBroken
		}
		<-truth.Wake
		<-rows
		<-rows
		return nil
	})
	go func() {
		leakedUnless(fixed, waitgroup)
		_ = g.Wait()
	}()
}

// A member starts another one, while the limit is reached, by itself.
func groupLimitInsideMember(fixed bool) {
	truth.Expect(2)
	g := &errgroup.Group{}
	g.SetLimit(1)
	g.Go(func() error {
		leakedUnless(fixed, send)
		if fixed {
			<-truth.Wake
			return nil
		}
		g.Go(func() error { return nil })
		return nil
	})
	go func() {
		leakedUnless(fixed, waitgroup)
		_ = g.Wait()
	}()
}

// Nobody waits for the group, so that nobody cancels its context; a member waits for that.
func groupNeverWaitedFor(fixed bool) {
	truth.Expect(1)
	g, ctx := errgroup.WithContext(context.Background())
	g.Go(func() error {
		leakedUnless(fixed, lostCancel)
		waitFor(ctx)
		return nil
	})
	if fixed {
		g.Go(func() error {
			<-truth.Wake
			return errBroken
		})
		go g.Wait()
	}
}

// Each error path keeps its share.
func semaphoreNeverReleased(fixed bool) {
	truth.Expect(3)
	s := semaphore.NewWeighted(2)
	for i := 0; i < 2; i++ {
		_ = s.Acquire(context.Background(), 1)
		if _, err := work(true); err != nil {
			continue
		}
		s.Release(1)
	}
	for i := 0; i < 3; i++ {
		go func() {
			leakedUnless(fixed, selecting, receive)
			_ = s.Acquire(context.Background(), 1)
			s.Release(1)
		}()
	}
	if fixed {
		later(func() { s.Release(2) })
	}
}

// Both want all of it and have half.
func semaphoreAcquiredInParts(fixed bool) {
	truth.Expect(2)
	s := semaphore.NewWeighted(2)
	ctx := context.Background()
	_ = s.Acquire(ctx, 1)
	_ = s.Acquire(ctx, 1)
	for i := 0; i < 2; i++ {
		go func(has int64) {
			leakedUnless(fixed, selecting, receive)
			_ = s.Acquire(ctx, 1)
			s.Release(has + 1)
		}(int64(i)) // the twin's first one has given its half back
	}
	if fixed {
		later(func() { s.Release(1) })
	}
}

// Who flies first waits for an answer that does not come, the others for him.
func flightLeaderStuck(fixed bool) { fly(&singleflight.Group{}, fixed, leakedUnless) }

var flights, flightsOfTwins singleflight.Group

// The leader is leaked for certain.
// The others are held by: flights (global) -> its map -> the call -> its counter. Only the leader would count it down, who is leaked.
// Holder rule: owner is leaked (its stack has the call).
func globalFlightLeaderStuck(fixed bool) {
	group := &flights
	if fixed {
		group = &flightsOfTwins
	}
	fly(group, fixed, func(fixed bool, rules ...string) { likelyUnless(fixed, truth.OwnerLeaked, rules...) })
}

func fly(group *singleflight.Group, fixed bool, declareFollower func(bool, ...string)) {
	truth.Expect(3)
	answer, flying := make(chan *job), make(chan struct{})
	go func() {
		leakedUnless(fixed, receive)
		_, _ = group.Do("key", func() (interface{}, error) {
			close(flying)
			return <-answer, nil
		})
	}()
	<-flying
	for i := 0; i < 2; i++ {
		go func() {
			declareFollower(fixed, waitgroup)
			_, _ = group.Do("key", nil)
		}()
	}
	if fixed {
		later(func() { answer <- &job{} })
	}
}
