// Package file is a source connector that reads the lines of a file as
// records, and a sink connector that appends records to a file as lines. It
// understands the configuration of Kafka Connect's FileStreamSource and
// FileStreamSink.
//
// # Lines
//
// A line ends with LF or CRLF, which is not part of the record; an empty line
// is a record. A CR elsewhere is data, unlike in Java. Bytes that are not UTF-8
// are passed on as they are.
//
// With file.end=follow (as in Java) the file is followed as it grows, and a
// last line without LF waits for it. With file.end=stop the task ends at the
// end of the file, and such a line is a record.
//
// A line longer than line.max.bytes is rejected: under errors.tolerance=none
// the task fails, else a dead letter carries its first bytes, and the range of
// all its bytes in the headers file.line.begin and file.line.end. It is never
// held in memory as a whole.
//
// # Offsets
//
// The source partition is {"filename": path} and the offset {"position": n},
// the byte to go on at, as in Java. The position in compressed input counts
// decompressed bytes.
//
// # Rotation
//
// A followed file that is renamed is read on until there is something in the new
// file at the path and nothing more has come for poll.interval.ms, because what
// writes it goes on for a moment after the renaming. Its end comes together with
// a last line without LF, and then the new file from its beginning. One that is
// truncated is read from its beginning, if it is seen before it has grown beyond
// the position again; renaming is safer. Both are also seen at the
// start of a task: a position beyond the end, or one that does not follow a
// LF, belongs to another file, and reading begins at 0. What a rotated file
// got while the worker was down is not found: have the rotation keep the name,
// or stop the worker only when it has caught up.
//
// # Compressed and standard input
//
// Gzip is recognised by its first bytes. Compressed input is always read to
// its end as with file.end=stop: it cannot be followed.
//
// Without file, or with -, the standard input is read, also as with
// file.end=stop. It cannot be read again: a task that fails before all it has
// read is kept in Kafka goes on only if nothing would be lost, and says so
// otherwise.
package file
