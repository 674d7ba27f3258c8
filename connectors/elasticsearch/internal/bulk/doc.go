// Package bulk makes the lines of a bulk request of records: a [Planner] decides
// what is to be done with a record and under which id, and [Lines] writes it.
package bulk
