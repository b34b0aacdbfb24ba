// Package link imitates a bad mobile link as a TCP proxy, for benchmarks and
// tests: every byte is late by half a round trip, all connections share one
// narrow channel in each direction, a new connection costs a round trip before
// it carries anything, and connections may be cut after so many bytes or so
// long and refused for a while afterwards. It counts what it carried. It is
// never faster than the link it imitates; headers of TCP and IP are not
// charged, so a real link is a few per cent slower still.
package link
