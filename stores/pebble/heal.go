package pebble

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// Files of our own beside those of the database.
const (
	layoutFile = "LAYOUT"  // the layout of keys and values, as a number
	damageFile = "DAMAGED" // what was found while the DB was open
)

// layout is the layout of keys and values that this version reads and writes. In layout 1,
// and so in a folder without the file, tasks shared a changelog, which had other names, and
// values had no timestamps. In layout 2 the keys of windows had no segments.
const layout = 3

// checkLayout returns why the state in dir cannot be continued, or nil. It writes the
// file when there is no database yet.
func checkLayout(fs vfs.FS, dir string, layout int) error {
	text, err := readSmall(fs, fs.PathJoin(dir, layoutFile))
	if err != nil {
		return explain(dir, err)
	}
	found := 1
	if text != "" {
		if found, err = strconv.Atoi(strings.TrimSpace(text)); err != nil {
			return fmt.Errorf("open store %s: its file %s holds %.20q and not a number: delete the folder, "+
				"and its state is read back from the changelog topics", dir, layoutFile, text)
		}
	} else if made, err := isMade(fs, dir); err != nil {
		return explain(dir, err)
	} else if !made {
		if err := writeSmall(fs, fs.PathJoin(dir, layoutFile), strconv.Itoa(layout)+"\n"); err != nil {
			return explain(dir, err)
		}
		return nil
	}
	switch {
	case found > layout:
		return fmt.Errorf("open store %s: a later version of this program wrote it, in layout %d, and this one reads %d: "+
			"run the later version, or delete the folder, and its state is read back from the changelog topics",
			dir, found, layout)
	case found == layout:
		return nil
	case found == 2:
		return fmt.Errorf("open store %s: an earlier version of this program wrote it, in layout 2, and this one reads %d: "+
			"run the earlier version, or delete the folder, and its state is read back from the changelog topics", dir, layout)
	case found < layout:
		return fmt.Errorf("open store %s: an earlier version of this program wrote it, in layout %d, and this one reads %d: "+
			"run the earlier version, or reset the app and delete the folder", dir, found, layout)
	}
	return nil
}

// isMade reports whether there is a database in dir.
func isMade(fs vfs.FS, dir string) (bool, error) {
	names, err := fs.List(dir)
	for _, name := range names {
		if strings.HasPrefix(name, "MANIFEST-") || strings.HasPrefix(name, "marker.") {
			return true, nil
		}
	}
	return false, err
}

// damageFound returns the damage that was noted while the DB was open last, or nil.
func damageFound(fs vfs.FS, dir string) (cause, err error) {
	text, err := readSmall(fs, fs.PathJoin(dir, damageFile))
	if err != nil {
		return nil, explain(dir, err)
	}
	if text != "" {
		cause = errors.New(strings.TrimSpace(text))
	}
	return cause, nil
}

// noteDamage makes the next Open begin with an empty DB. If that can't be written, the
// damage is found again.
func noteDamage(fs vfs.FS, dir string, cause error) {
	_ = writeSmall(fs, fs.PathJoin(dir, damageFile), cause.Error()+"\n")
}

// empty removes the database in dir. What says that it must be goes last.
func empty(fs vfs.FS, dir string) error {
	names, err := fs.List(dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		if name != "LOCK" && name != layoutFile && name != damageFile {
			err = errors.Join(err, fs.RemoveAll(fs.PathJoin(dir, name)))
		}
	}
	if err != nil {
		return err
	}
	return fs.RemoveAll(fs.PathJoin(dir, damageFile))
}

// maxSmall is the most bytes that are read of a file of our own.
const maxSmall = 16 << 10

// readSmall returns the beginning of a file, or nothing when there is none.
func readSmall(fs vfs.FS, name string) (string, error) {
	file, err := fs.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	data, err := io.ReadAll(io.LimitReader(file, maxSmall))
	return string(data), errors.Join(err, file.Close())
}

// writeSmall writes a file that is there with all its text or not at all.
func writeSmall(fs vfs.FS, name, text string) error {
	file, err := fs.Create(name+".tmp", vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	err = private(file)
	if err == nil {
		_, err = file.Write([]byte(text))
	}
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return fs.Rename(name+".tmp", name)
}
