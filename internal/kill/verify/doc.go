// Package verify reads a topic to its end and counts what is in it: every id
// from 0 to N-1 has to be there, and once.
//
// The end is taken at the beginning, and only once no transaction is open:
// records of an open one are neither there nor missing. Reading ends at that
// offset exactly, since transaction markers are read too.
package verify
