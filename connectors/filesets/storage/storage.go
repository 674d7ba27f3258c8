package storage

import (
	"errors"
	"io"
	"iter"
	"time"
)

// ErrRefused is wrapped by errors that waiting does not cure: the storage cannot
// have such a path, or requires something that its client cannot do. A person has
// to act.
var ErrRefused = errors.New("the storage will never accept this")

// ErrUnfit is wrapped by the errors of [Storage.ReadFile] about something that is
// not a file, or that is longer than its reader accepts.
var ErrUnfit = errors.New("want a file")

// Storage is a tree of files and directories. Paths are absolute and use
// slashes. Errors satisfy errors.Is with [io/fs.ErrNotExist], [io/fs.ErrExist]
// and [ErrRefused] where the methods say so, and any may be [io/fs.ErrPermission];
// after another error the operation may or may not have happened. All methods may
// be called from many goroutines at a time.
type Storage interface {
	// MkdirAll makes a directory and its parents; it is nil when they exist. It
	// is ErrRefused when one of them is a file, or has a name that the storage
	// cannot have.
	MkdirAll(dir string) error
	// Create makes a file for writing. It makes no parents (ErrNotExist) and
	// replaces nothing (ErrExist).
	Create(path string) (File, error)
	// Rename moves a file or a directory with all in it, atomically. It is
	// ErrNotExist when from or the parent of to does not exist. What happens
	// to an existing to is not defined: callers look first.
	Rename(from, to string) error
	// Remove removes a file, or a directory with all in it. It is nil when
	// there is nothing.
	Remove(path string) error
	// List yields the entries of a directory in no particular order. An error is
	// yielded last, and is ErrNotExist when there is no such directory. An entry
	// that is renamed meanwhile may be missing under both names. The directory is
	// read piece by piece, so that its length costs no memory. The name of an
	// entry is one element of a path, whatever the storage says.
	List(dir string) iter.Seq2[Entry, error]
	// Stat describes a file or directory; ErrNotExist when there is none.
	Stat(path string) (Entry, error)
	// ReadFile returns the contents of a file that has at most limit bytes. It is
	// ErrUnfit for a longer one, and for what is not a file.
	ReadFile(path string, limit int64) ([]byte, error)
	// Close ends calls under way with an error and frees everything.
	Close() error
}

// File is an open file. After an error of Write or Close its contents are
// unknown. One goroutine uses it at a time.
type File interface {
	io.Writer
	// Close returns once the contents are with the storage.
	Close() error
	// Abort frees what the file holds on this side and leaves the contents
	// unknown. It never blocks long. After Close it does nothing.
	Abort()
}

// Entry describes a file or directory.
type Entry struct {
	// Name is the last element of the path.
	Name string
	// Dir tells a directory from a file.
	Dir bool
	// Other is neither: a symbolic link, a device, a pipe or a socket.
	Other bool
	// Size is a file's length in bytes.
	Size int64
	// ModTime is when it was last changed, by the storage's clock.
	ModTime time.Time
}
