package sim

import "time"

// shrink leaves out steps of a plan as long as what is left still breaks
// something, until a deadline, and returns the numbers of the steps that are
// left. First large parts are tried, then ever smaller ones.
func shrink(p plan, breaks func(plan) bool, until time.Time) []int {
	left := make([]int, len(p.steps))
	for i := range left {
		left[i] = i
	}
	for size := len(left) / 2; size >= 1; {
		smaller := false
		for from := 0; from < len(left) && time.Now().Before(until); {
			without := append(append([]int(nil), left[:from]...), left[min(from+size, len(left)):]...)
			if breaks(p.keep(without)) {
				left, smaller = without, true
			} else {
				from += size
			}
		}
		switch {
		case !time.Now().Before(until):
			return left
		case size > 1:
			size /= 2
		case !smaller:
			return left
		}
	}
	return left
}
