package emulation

// Percent returns how much of a plan was reached in tenths of a percent,
// rounded half up (33,776 of 35,000 is 965, read 96,5 %). There is none
// without a plan, nor for numbers no count can be. Rounding and the missing
// plan follow how units print the figure.
func Percent(actual, plan int64) (tenths int64, ok bool) {
	if plan <= 0 || actual < 0 {
		return 0, false
	}
	whole, rest := actual/plan, actual%plan // actual × 1000 could overflow
	const most = 1 << 53
	if whole > most/1000 || plan > most {
		return 0, false
	}
	tenths = whole*1000 + rest*1000/plan
	if left := rest * 1000 % plan; left >= plan-left {
		tenths++
	}
	return tenths, true
}
