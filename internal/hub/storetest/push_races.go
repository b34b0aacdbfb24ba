package storetest

import (
	"errors"
	"fmt"
	stdsync "sync"
	"sync/atomic"
	"testing"

	"thidua/internal/hub"
	"thidua/sync"
)

// together runs a function some times at once and waits for all.
func together(n int, do func(i int)) {
	var wg stdsync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			do(i)
		})
	}
	close(start)
	wg.Wait()
}

func tokenWantedByMany(t *testing.T, s Push) {
	var people []sync.PersonID
	for i := range 4 {
		people = append(people, sync.PersonID(fmt.Sprint(i)))
	}
	together(len(people), func(i int) {
		token := hub.PushToken{Device: sync.DeviceID(fmt.Sprint("d", i)), Person: people[i], Token: "t", Set: int64(i)}
		if err := s.PutToken(t.Context(), token); err != nil {
			t.Error(err)
		}
	})
	got, err := s.Tokens(t.Context(), people)
	wants(t, "tokens", err, nil)
	if len(got) != 1 || got[0].Token != "t" {
		t.Errorf("the token belongs to %v", got)
	}
}

func messageClaimedByOne(t *testing.T, s Push) {
	const claimers, messages = 4, 10
	for i := range messages {
		wants(t, "enqueue", s.Enqueue(t.Context(), []hub.Message{silent(fmt.Sprint("m", i), int64(i))}), nil)
	}
	var mu stdsync.Mutex
	taken := map[string]int{}
	together(claimers, func(int) {
		for range 100 { // one that comes too late for what it saw asks again
			got, err := s.Claim(t.Context(), messages, 100, 3)
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			for _, m := range got {
				taken[m.ID]++
			}
			done := len(taken) == messages
			mu.Unlock()
			if done {
				return
			}
		}
	})
	for id, n := range taken {
		if n != 1 {
			t.Errorf("%s was taken %d times", id, n)
		}
	}
	claimed(t, s, messages, 100, 10)
	queued(t, s, 100, map[string]int{hub.PushWaiting: messages})
}

// Each of several numbers what there is to sync and then arms; others claim,
// note the number and finish. When all is quiet the last number was noted.
func armedWhileSent(t *testing.T, s Push) {
	const arming, each, sending = 2, 4, 2
	var written, told, armed atomic.Int64
	send := func() bool {
		got, err := s.Claim(t.Context(), 1, 2, 1) // whose time runs out: Next 2 is in the future
		if err != nil {
			t.Error(err)
			return false
		}
		for _, m := range got {
			for seen := written.Load(); ; {
				last := told.Load()
				if last >= seen || told.CompareAndSwap(last, seen) {
					break
				}
			}
			m.State, m.At = hub.PushSent, 1
			if err := s.Finish(t.Context(), m); err != nil && !errors.Is(err, hub.ErrChanged) {
				t.Error(err)
			}
		}
		return len(got) > 0
	}
	together(arming+sending, func(i int) {
		if i >= arming {
			for armed.Load() < arming*each && !t.Failed() {
				send()
			}
			return
		}
		for range each {
			written.Add(1)
			if err := s.Arm(t.Context(), []hub.Message{silent("a", 1)}, 0); err != nil {
				t.Error(err)
			}
			armed.Add(1)
		}
	})
	for send() {
		continue
	}
	if told.Load() != arming*each {
		t.Errorf("the phone was told of %d of %d", told.Load(), arming*each)
	}
	counts, _, err := s.Queue(t.Context())
	wants(t, "queue", err, nil)
	sameIdentity(t, "queue", counts, map[string]int{hub.PushSent: 1})
}

func followedByOne(t *testing.T, s Push) {
	for _, from := range []int64{0, 5} {
		var winners atomic.Int64
		together(4, func(int) {
			switch err := s.Follow(t.Context(), "unit:a", from, from+5); {
			case err == nil:
				winners.Add(1)
			case !errors.Is(err, hub.ErrChanged):
				t.Error(err)
			}
		})
		if winners.Load() != 1 {
			t.Errorf("%d followers got on from %d", winners.Load(), from)
		}
	}
}

func leaseForOne(t *testing.T, s Push) {
	for _, now := range []int64{0, 10} { // nobody's, and one that has run out
		var owners atomic.Int64
		together(4, func(i int) {
			had, err := s.Lease(t.Context(), "push", fmt.Sprint(now, i), now, now+10)
			if err != nil {
				t.Error(err)
			}
			if had {
				owners.Add(1)
			}
		})
		if owners.Load() != 1 {
			t.Errorf("%d have the lease at %d", owners.Load(), now)
		}
	}
}
