package push

import (
	"testing"
	"time"
)

func TestTheWindowOfTheWaitDoublesUpToAnHour(t *testing.T) {
	almost := 1 - 1e-12
	for attempts, want := range map[int]time.Duration{
		0: 10 * time.Second, 1: 10 * time.Second, 2: 20 * time.Second, 3: 40 * time.Second, 9: 2560 * time.Second,
		10: time.Hour, 11: time.Hour, 1 << 40: time.Hour,
	} {
		if got := backoff(attempts, 0, almost).Round(time.Millisecond); got != want {
			t.Errorf("after %d attempts the window is %v, not %v", attempts, got, want)
		}
	}
}

func TestTheWaitIsDrawnFromTheWholeWindow(t *testing.T) {
	if got := backoff(4, 0, 0.5); got != 40*time.Second {
		t.Errorf("half of 80 s is %v", got)
	}
	if got := backoff(4, 0, 0); got != leastWait {
		t.Errorf("the luckiest draw waits %v, not %v", got, leastWait)
	}
}

func TestTheServiceIsLeftAloneAsLongAsItAsks(t *testing.T) {
	if got := backoff(1, 3*time.Minute, 0.5); got != 3*time.Minute+5*time.Second {
		t.Errorf("asked for 3 min, it waits %v", got)
	}
	if got := backoff(1, -time.Minute, 0.5); got != 5*time.Second {
		t.Errorf("asked for a time that is over, it waits %v", got)
	}
}
