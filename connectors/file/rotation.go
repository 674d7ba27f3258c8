package file

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// generation is the followed file or one that a rotation has renamed or copied
// it to.
type generation struct {
	path string
	info os.FileInfo
}

// generations lists what the folder of path holds of the followed file, oldest
// first: the rotated files in the order in which they were last written, and
// then the file at path itself. Empty files are left out: nothing is in them,
// and a writer may not have changed over to the newest yet.
func generations(path string) ([]generation, error) {
	folder, base := filepath.Split(path)
	if folder == "" {
		folder = "."
	}
	for {
		before, err := os.Stat(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		list, err := rotated(folder, base)
		if err != nil {
			return nil, err
		}
		after, err := os.Stat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist) && before == nil:
			return list, nil
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return nil, err
		case before == nil || after == nil || !os.SameFile(before, after):
			continue // a rotation happened while the folder was read
		case after.Size() > 0:
			list = append(list, generation{path, after})
		}
		return list, nil
	}
}

// rotated lists the rotated files in a folder, oldest first.
func rotated(folder, base string) ([]generation, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var list []generation
	for _, e := range entries {
		if _, ok := rotationOf(base, e.Name()); !ok || !e.Type().IsRegular() {
			continue
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // renamed or removed since
		}
		if err != nil {
			return nil, err
		}
		if info.Size() > 0 {
			list = append(list, generation{filepath.Join(folder, e.Name()), info})
		}
	}
	slices.SortFunc(list, func(a, b generation) int {
		if c := a.info.ModTime().Compare(b.info.ModTime()); c != 0 {
			return c
		}
		return byRotation(base, filepath.Base(a.path), filepath.Base(b.path))
	})
	return list, nil
}

// byRotation orders files that were last written in the same tick of the clock:
// app.log.2 before app.log.1, and dates as they follow each other.
func byRotation(base, a, b string) int {
	x, _ := rotationOf(base, a)
	y, _ := rotationOf(base, b)
	if len(x) <= shortNumber && len(y) <= shortNumber {
		return cmp.Or(cmp.Compare(len(y), len(x)), cmp.Compare(y, x))
	}
	return cmp.Compare(x, y)
}

// shortNumber is how many digits a count of rotations has at most; dates have
// more.
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
