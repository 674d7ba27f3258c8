// Package statedir is an app's folder of local state: it belongs to one
// process at a time and knows the id of the instance that lives in it.
//
//	<state.dir>/<application.id>/.lock
//	<state.dir>/<application.id>/kafka-streams-process-metadata   {"processId":"..."}
//	<state.dir>/<application.id>/topology.json                    {"version":1,"stores":{...}}
//	<state.dir>/<application.id>/stores/
//
// The process id names the instance to the group and to the transaction
// coordinator. It survives the process, so an instance that was killed takes over
// from its former self at once instead of waiting for time-outs.
package statedir

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/suiro/suiro/streams/topology"
)

const processFile = "kafka-streams-process-metadata"

// Dir is an open state folder.
type Dir struct {
	path    string
	lock    *os.File
	process string
}

// Open makes the folder if it is missing and locks it. It fails when another
// process has it, and when it cannot be written. What it makes is for the user of the
// process alone, and it follows no symbolic link within the folder: another user who may
// write there could lead it to a file elsewhere.
func Open(path string) (*Dir, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("open state folder: %w; set state.dir to a folder that can be written", err)
	}
	lock, err := os.OpenFile(filepath.Join(path, ".lock"), os.O_CREATE|os.O_RDWR|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open state folder: %w; set state.dir to a folder that can be written", err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		lock.Close()
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("open state folder %s: lock it: %w; set state.dir to a local file system", path, err)
		}
		return nil, fmt.Errorf("open state folder %s: another process uses it; give each instance a state.dir of its "+
			"own", path)
	}
	d := &Dir{path: path, lock: lock}
	if d.process, err = processID(filepath.Join(path, processFile)); err != nil {
		d.Close()
		return nil, fmt.Errorf("open state folder: %w", err)
	}
	return d, nil
}

// Path returns the folder.
func (d *Dir) Path() string { return d.path }

// ProcessID returns the id of the instance, the same as long as the folder
// exists.
func (d *Dir) ProcessID() string { return d.process }

// Close unlocks the folder.
func (d *Dir) Close() error { return d.lock.Close() }

type metadata struct {
	ProcessID string `json:"processId"`
}

// processID reads the id, or makes one and writes it in one step.
func processID(path string) (string, error) {
	data, err := read(path)
	if err == nil {
		var m metadata
		if err = json.Unmarshal(data, &m); err == nil {
			err = topology.CheckName(m.ProcessID) // it becomes part of the names of members
		}
		if err != nil {
			return "", fmt.Errorf("%s is damaged: %w; delete it to become a new instance", path, err)
		}
		return m.ProcessID, nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	m := metadata{ProcessID: rand.Text()}
	data, err = json.Marshal(m)
	if err != nil {
		return "", err
	}
	return m.ProcessID, writeWhole(path, data)
}

// maxMetadata is the most bytes that are read of the process file.
const maxMetadata = 64 << 10

// read returns the content of a file, which must be one and not a symbolic link, a pipe
// or a device.
func read(path string) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxMetadata {
		return nil, fmt.Errorf("%s is not a file of at most %d bytes; delete it to become a new instance", path, maxMetadata)
	}
	return io.ReadAll(f)
}

// writeWhole makes a file that exists with all its data or not at all, even after a
// crash of the machine.
func writeWhole(path string, data []byte) error {
	// What a crash has left, or somebody has planted, is not written to.
	if err := os.Remove(path + ".tmp"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(path+".tmp", os.O_CREATE|os.O_EXCL|os.O_WRONLY|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(path+".tmp", path)
}

// Bytes is the size of the files in a folder and below, 0 if there is none.
func Bytes(path string) (n int64) {
	// A file that goes away meanwhile is not an error: the store deletes old ones.
	_ = filepath.WalkDir(path, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return nil
		}
		if info, err := e.Info(); err == nil {
			n += info.Size()
		}
		return nil
	})
	return n
}
