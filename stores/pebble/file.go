package pebble

import "github.com/cockroachdb/pebble/v2/vfs"

// failFile is a file of a failFS.
type failFile struct {
	vfs.File
	fs *failFS
}

func (f *failFile) Write(p []byte) (n int, err error) {
	err = f.fs.change(func() error {
		n, err = f.File.Write(p)
		return err
	})
	return n, err
}

func (f *failFile) WriteAt(p []byte, offset int64) (n int, err error) {
	err = f.fs.change(func() error {
		n, err = f.File.WriteAt(p, offset)
		return err
	})
	return n, err
}

func (f *failFile) Sync() error     { return f.fs.change(f.File.Sync) }
func (f *failFile) SyncData() error { return f.fs.change(f.File.SyncData) }

func (f *failFile) SyncTo(length int64) (full bool, err error) {
	err = f.fs.change(func() error {
		full, err = f.File.SyncTo(length)
		return err
	})
	return full, err
}

// logFile is a file of the write-ahead log. It differs in two things.
//
// It reaches the disk itself only at Close. Pebble writes a record to the file
// before Apply returns only when asked to sync; without that, kill -9 would
// lose what is in its buffer. So Apply asks, and Sync does nothing.
//
// And its errors stop the DB without Pebble seeing them, because it answers
// them with a panic that no caller can recover from.
type logFile struct{ failFile }

func (f *logFile) Write(p []byte) (int, error) {
	_, _ = f.failFile.Write(p)
	return len(p), nil
}

func (f *logFile) Sync() error     { return nil }
func (f *logFile) SyncData() error { return nil }

func (f *logFile) SyncTo(length int64) (bool, error) {
	_, _ = f.failFile.SyncTo(length)
	return false, nil
}

func (f *logFile) Close() error {
	_ = f.failFile.Sync()
	_ = f.fs.check(f.File.Close())
	return nil
}

// dirFile is a folder opened to be synced, which belongs to making a log.
type dirFile struct{ failFile }

func (f *dirFile) Sync() error {
	_ = f.failFile.Sync()
	return nil
}
