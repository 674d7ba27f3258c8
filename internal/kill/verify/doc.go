// Package verify reads a topic to its end and counts what is in it: every id
// from 0 to N-1 must be there, and only once.
//
// The end of the topic is taken at the start, when no transaction is open: records of
// an open transaction are neither there nor missing. Reading ends exactly at that
// offset, as transaction markers are read too.
package verify
