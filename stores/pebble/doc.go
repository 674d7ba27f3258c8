// Package pebble keeps stores on disk, in one Pebble database for all the
// tasks of a process.
//
// # What survives what
//
// Apply returns when the operating system has the batch, which then survives
// kill -9. The log is not forced to the disk, so the last batches may be gone after
// a crash of the machine, but only the last ones: the log is cut at the first record
// that is not whole, and it is forced to the disk before a new log begins. What was
// cut off is still in the changelog topic, after the offset that the store holds.
//
// # Failure
//
// A DB that could not write (full disk, broken disk, damaged file) stops: the call
// that failed and all later ones return the cause, and nothing more is written, so
// the folder is as whole as after a crash. Close the DB, remove the cause, and open
// it again. The batch whose Apply returned the error is then there as a whole or not
// at all, usually not at all.
package pebble
