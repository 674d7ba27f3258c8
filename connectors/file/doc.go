// Package file is a source connector that reads the lines of a file as
// records, and a sink connector that appends records to a file as lines. It
// understands the configuration of Kafka Connect's FileStreamSource and
// FileStreamSink.
//
// # Lines
//
// A line ends with LF or CRLF, which is not part of the record; an empty line is a
// record. A CR elsewhere is data, while Kafka Connect's connector also ends a line
// at a CR. Bytes that are not UTF-8 are passed on as they are.
//
// With file.end=follow, which is what Kafka Connect's connector does, the file is
// followed as it grows, and a last line without LF becomes a record when its LF
// is written. With file.end=stop the task stops reading at the end of the file,
// and a last line without LF is a record.
//
// A line longer than line.max.bytes is rejected. With errors.tolerance=none the
// task fails. Otherwise a dead letter holds the first bytes of the line, and its
// headers file.line.begin and file.line.end the range of all its bytes. The line
// is never held in memory as a whole.
//
// # What is read
//
// A regular file or a named pipe. A device, a socket, a folder and a file that the
// kernel makes up (in /proc) are refused before they are opened, whenever they are
// found at the path. However long a line is, and however many empty members gzip
// data has, the task looks in between whether it is to stop.
//
// # Offsets
//
// The source partition is {"filename": path}, and the source offset is
// {"position": n, "inode": i, "head": c}: the byte to continue from, and what
// distinguishes the file from others, its inode and the CRC-32 of its first bytes
// (at most 512, and none after the position). Kafka Connect's connector keeps only
// the position; each of the two connectors understands the other's offsets. In
// compressed input the position counts decompressed bytes.
//
// # Rotation
//
// When a followed file is renamed, the task continues to read it, because the
// program that writes to it may do so for a while after the renaming. It changes
// to the next file when that has content and nothing has been written to the
// renamed file for poll.interval.ms. Then a last line without LF is a record too.
//
// The next file is the one that was begun after the renamed one. When several
// rotations happened between two polls, or while no task ran, every rotated file
// is read in its turn. Rotated files are found in the folder of the path by their
// names: app.log.1, app.log-20150517, app-2015-05-17.log, app.log.old, and each of
// these with .gz. They are read in the order in which they were last written.
//
// A rotated file that is being compressed is left alone until its original is
// gone. When the path is a symbolic link, rotated files are looked for in the
// folder of the link and in the folder of its target, under the name of either.
//
// A file that was truncated, or that begins with other bytes than before, is read
// from its beginning. If the rotation has copied it before (copytruncate), the
// rest of the copy is read first.
//
// A file that cannot be followed is logged, and counted in
// file_source_lost_files_total: one whose position is kept and that is no longer
// in the folder, and one compressed with bzip2, xz or zstd.
//
// # Compressed input, standard input and named pipes
//
// Gzip is recognised by its first bytes. Compressed input cannot be followed: it
// is read to its end, as with file.end=stop.
//
// Without the key file, or with -, the standard input is read, also as with
// file.end=stop. A named pipe is read from one writer after another; with
// file.end=stop it ends when the last writer closes it. Neither input can be read
// twice. A task that is started again after a failure continues if every line that
// was read is kept in Kafka; otherwise it fails and says which bytes are missing.
package file
