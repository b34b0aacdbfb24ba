// Package generate invents provinces full of emulation clusters for
// demonstrations, tests and load: departments, units, clusters, criteria, and
// on request a year of what they record, in all the states in which clusters
// stand next to each other in autumn. The same Config yields the same documents
// with the same identifiers, and every seed has identifiers of its own. All
// names are invented: no place is called Mây Biếc.
//
// Stream hands the documents over scope by scope, one cluster at a time, so
// that a country fits in little memory; whoever stores them returns the
// documents as they were stored, because reviews and rankings name the versions
// of the papers they are about.
package generate
