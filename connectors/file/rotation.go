package file

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// generation is the followed file, or a file that a rotation has made by renaming
// or copying it.
type generation struct {
	path  string
	info  os.FileInfo
	added string // what the rotation added to the name
}

// generations lists the generations of the followed file in the folder of path,
// oldest first: the rotated files in the order in which they were last written, and
// then the file at path. Empty files are left out: they hold nothing, and the
// writer may not have changed to the newest yet. So are compressed files whose
// original is still there, because they are still being written.
func generations(path string) ([]generation, error) {
	for {
		before, err := os.Stat(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		list, err := rotated(path)
		if err != nil {
			return nil, err
		}
		again, err := rotated(path)
		if err != nil {
			return nil, err
		}
		if !sameGenerations(list, again) {
			continue // files were renamed one after another while the folder was read
		}
		after, err := os.Stat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist) && before == nil:
			return list, nil
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return nil, err
		case before == nil || after == nil || !os.SameFile(before, after):
			continue // a rotation happened while the folder was read
		}
		list = slices.DeleteFunc(list, func(g generation) bool { return os.SameFile(g.info, after) })
		if after.Size() > 0 {
			list = append(list, generation{path: path, info: after})
		}
		return list, nil
	}
}

// sameGenerations reports whether two lists are of the same files at the same
// paths.
func sameGenerations(a, b []generation) bool {
	return slices.EqualFunc(a, b, func(x, y generation) bool { return x.path == y.path && os.SameFile(x.info, y.info) })
}

// names are the paths whose rotated forms belong to the file at path: path and, if
// that is a symbolic link, its target, each name in the folder of both.
func names(path string) []string {
	list := []string{path}
	if target, err := filepath.EvalSymlinks(path); err == nil && target != filepath.Clean(path) {
		list = append(list, target, filepath.Join(filepath.Dir(target), filepath.Base(path)),
			filepath.Join(filepath.Dir(path), filepath.Base(target)))
	}
	return list
}

// rotated lists the rotated files, oldest first.
func rotated(path string) ([]generation, error) {
	var list []generation
	known := map[int64][]generation{} // by inode
	for _, name := range names(path) {
		more, err := rotatedForms(name)
		if err != nil {
			return nil, err
		}
		for _, g := range more {
			inode := inodeOf(g.info)
			if !slices.ContainsFunc(known[inode], func(o generation) bool { return os.SameFile(o.info, g.info) }) {
				known[inode] = append(known[inode], g)
				list = append(list, g)
			}
		}
	}
	slices.SortFunc(list, func(a, b generation) int {
		if c := a.info.ModTime().Compare(b.info.ModTime()); c != 0 {
			return c
		}
		return byRotation(a.added, b.added)
	})
	return list, nil
}

// maxRotated bounds the rotated files that are told apart: a list of them is made
// whenever the folder has changed.
const maxRotated = 100_000

// rotatedForms lists the rotated forms of one path. There are none in a folder that
// does not exist or may not be listed. The folder is read piece by piece, because it
// may hold any number of other files.
func rotatedForms(path string) (list []generation, err error) {
	folder, base := filepath.Dir(path), filepath.Base(path)
	d, err := os.Open(folder)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer d.Close()
	for {
		entries, err := d.ReadDir(512)
		for _, e := range entries {
			g, is, err := rotatedForm(folder, base, e)
			if err != nil {
				return nil, err
			}
			if is {
				list = append(list, g)
			}
		}
		switch {
		case len(list) > maxRotated:
			return nil, fmt.Errorf("%s holds more than %d rotated files of %s: move older ones away", folder, maxRotated, base)
		case errors.Is(err, io.EOF):
			return list, nil
		case err != nil:
			return nil, err
		}
	}
}

// rotatedForm reports whether an entry of a folder is a rotated form of base.
func rotatedForm(folder, base string, e os.DirEntry) (g generation, is bool, err error) {
	added, ok := rotationOf(base, e.Name())
	path := filepath.Join(folder, e.Name())
	if !ok || !e.Type().IsRegular() || isUnfinished(path) {
		return g, false, nil
	}
	info, err := e.Info()
	if errors.Is(err, fs.ErrNotExist) {
		return g, false, nil // renamed or removed since
	}
	return generation{path, info, added}, err == nil && info.Size() > 0, err
}

// isUnfinished reports whether path is a compressed file whose original is still
// there.
func isUnfinished(path string) bool {
	for _, ending := range compressions {
		if plain, ok := strings.CutSuffix(path, ending); ok {
			_, err := os.Lstat(plain)
			return err == nil
		}
	}
	return false
}

// byRotation orders rotated files with equal modification times by what was added
// to their names: app.log.2 before app.log.1, and earlier dates before later ones.
func byRotation(x, y string) int {
	if len(x) <= shortNumber && len(y) <= shortNumber {
		return cmp.Or(cmp.Compare(len(y), len(x)), cmp.Compare(y, x))
	}
	return cmp.Compare(x, y)
}

// shortNumber is the most digits that a count of rotations has; a date has more.
const shortNumber = 4

// compressions are the endings that log rotation gives to compressed files.
var compressions = []string{".gz", ".bz2", ".xz", ".zst"}

// rotationOf returns what a rotation has added to the name of a file: the
// number, date or "old" in app.log.1, app.log-20150517.gz, app-2015-05-17.log
// or app.log.old. ok is false when name is not a rotated form of base.
func rotationOf(base, name string) (added string, ok bool) {
	for _, ending := range compressions {
		if plain, found := strings.CutSuffix(name, ending); found && !strings.HasSuffix(base, ending) {
			name = plain
			break
		}
	}
	if added, ok = strings.CutPrefix(name, base); !ok {
		ending := filepath.Ext(base)
		stem := strings.TrimSuffix(base, ending)
		if added, ok = strings.CutPrefix(name, stem); ok && ending != "" && stem != "" {
			added, ok = strings.CutSuffix(added, ending)
		}
	}
	if !ok || len(added) < 2 || !strings.ContainsRune(".-_", rune(added[0])) {
		return "", false
	}
	added = added[1:]
	if added == "old" {
		return "", true
	}
	isDate := added[0] >= '0' && added[0] <= '9' && strings.Trim(added, "0123456789.-_:T+Z") == ""
	return added, isDate
}

// settling is how old the last change of a folder must be before any later change
// is sure to alter its modification time: the clocks of file systems are coarse.
const settling = 2 * time.Second

// stateOf returns a text that changes whenever a rotation happens: the modification
// times of the folders that hold rotated files, and the file at path, which is nil
// when there is none. As long as the text is the same the folders need not be
// listed again. It is empty when it would not be reliable.
func stateOf(path string, now os.FileInfo) string {
	var state strings.Builder
	for _, name := range names(path) {
		folder, err := os.Stat(filepath.Dir(name))
		if err != nil || time.Since(folder.ModTime()) < settling {
			return ""
		}
		fmt.Fprint(&state, folder.ModTime().UnixNano(), " ")
	}
	if now != nil {
		fmt.Fprint(&state, inodeOf(now), now.Size() > 0)
	}
	return state.String()
}
