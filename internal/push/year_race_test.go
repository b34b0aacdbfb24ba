//go:build race

package push_test

// circles is how many clusters live through the year. The race detector makes
// the embedded store ten times slower; scripts/test lets all twenty live without it.
const circles = 6
