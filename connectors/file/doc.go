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
// The source partition is {"filename": path} and the offset {"position": n,
// "inode": i, "head": c}: the byte to go on at, and what tells the file apart
// from others: its inode and the CRC-32 of its first bytes, at most 512 and none
// behind the position. Kafka Connect's connector keeps the position alone; each
// understands the other's offsets. The position in compressed input counts
// decompressed bytes.
//
// # Rotation
//
// A followed file that is renamed is read on until there is something in the
// next file and nothing more has come for poll.interval.ms, because what writes
// it goes on for a moment after the renaming. Its end comes together with a last
// line without LF. The next file is the one that was begun after it: when
// several rotations happened since the last look, or while no task ran, each of
// the rotated files is read in its turn, found in the folder of the path under
// its new name: app.log.1, app.log-20150517, app-2015-05-17.log, app.log.old,
// and each of these with .gz. They are ordered by when they were last written.
//
// A file that is truncated, or begins with other bytes than before, is read from
// its beginning; if a rotation has copied it before (copytruncate), what is left
// in the copy comes first.
//
// A rotated file that is being compressed is left alone until its original is
// gone. When the path is a symbolic link, rotated files are looked for in the
// folder of the link and in that of its target, under the name of either.
//
// What cannot be followed is logged and counted in file_source_lost_files_total:
// the file of a kept position that is not in the folder any more, and rotated
// files compressed with bzip2, xz or zstd.
//
// # Compressed input, standard input and named pipes
//
// Gzip is recognised by its first bytes. Compressed input is always read to
// its end as with file.end=stop: it cannot be followed.
//
// Without file, or with -, the standard input is read, also as with
// file.end=stop. A named pipe is read whoever writes to it, one writer after
// another, and with file.end=stop to the end of the last one. Neither can be
// read again: a task that fails before all it has read is kept in Kafka goes on
// only if nothing would be lost, and says so otherwise.
package file
