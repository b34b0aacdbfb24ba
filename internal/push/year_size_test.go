//go:build !race

package push_test

// circles is how many clusters live through the year.
const circles = 20
