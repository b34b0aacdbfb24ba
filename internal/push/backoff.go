package push

import "time"

// The window from which the first wait is drawn, and the widest one. FCM asks
// for no less than the first, and to give up on nothing within the second.
const (
	firstWait = 10 * time.Second
	widest    = time.Hour
	// leastWait keeps a lucky draw from repeating at once what just failed.
	leastWait = time.Second
)

// backoff returns how long to wait before a message that was taken a number of
// times is tried again: no less than the service asked for, and on top of that
// anything up to a window that doubles with every attempt, so that messages which
// failed together do not come back together. draw is in [0, 1).
func backoff(attempts int, floor time.Duration, draw float64) time.Duration {
	window := firstWait
	for i := 1; i < attempts && window < widest; i++ {
		window *= 2
	}
	jitter := time.Duration(draw * float64(min(window, widest)))
	return max(floor, 0) + max(jitter, leastWait)
}
