// Package pebble keeps stores on disk, in one Pebble database for all the
// tasks of a process.
//
// # What survives what
//
// Apply returns when the operating system has the batch: it survives kill -9.
// The log isn't forced to the disk then, so when the machine itself dies the
// last batches may be gone, but always the last ones: the log is cut at the
// first record that isn't whole, and it is forced to the disk before a new one
// begins. What was cut off is still in the changelog topic, behind the offset
// that the store kept.
//
// # Failure
//
// A DB that could not write (full disk, broken disk, damaged file) stops: the
// call that met it and all later ones return the cause, and not a byte more is
// written, so the folder is as whole as after a crash. Close it, mend the
// cause, open it again. The batch whose Apply returned the error is then there
// as a whole or not at all, usually not.
package pebble
