// Package check reads the files of a worker and its connectors, and says all that is wrong
// with them, what has no effect, and what would run.
package check
