// Package arch holds the tests of the architecture and no other code: which
// package may import which, who owns which third-party module, how pure the
// engine is, and the habits every file keeps. Each rule is one test, which
// first shows that the rule catches what it forbids.
package arch
