package kinds

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/suiro/suiro/cmd/internal/attack/stage"
)

// files are attacks by files that lie where a process looks.
func files() []Kind {
	return []Kind{
		{"planted-sources",
			"puts a fifo, a link to /dev/zero, a gzip bomb, an endless line and others where a source waits for its file",
			plantedSources},
		{"planted-siblings", "rotates the honest log, with fifos, links, bombs and odd names among its rotated files",
			plantedSiblings},
		{"planted-links", "plants links that lead to files outside among the files of state, source and sink",
			plantedLinks},
	}
}

// plantedSources gives each source that waits its file. After the first time there are none.
func plantedSources(_ context.Context, f *Field) error {
	makers := []func(path string) error{
		func(path string) error { return syscall.Mkfifo(path, 0o600) },
		func(path string) error { return os.Symlink("/dev/zero", path) },
		func(path string) error { return gzipBomb(path, int64(f.many(2<<30, 20<<30)), "\x00") },
		func(path string) error { return gzipBomb(path, int64(f.many(50<<20, 2<<30)), "\n") },
		func(path string) error { return endlessLine(path, int64(f.many(100<<20, 4<<30))) },
		func(path string) error { return os.Mkdir(path, 0o700) },
		func(path string) error { return os.Symlink(path, path) },
		func(path string) error { return os.WriteFile(path, []byte("\x1f\x8b\x08\x00damaged"), 0o600) },
	}
	f.Rand.Shuffle(len(makers), func(i, j int) { makers[i], makers[j] = makers[j], makers[i] })
	for n := range stage.Plants {
		path := f.Planted(n)
		if _, err := os.Lstat(path); err == nil {
			continue
		}
		if err := makers[n%len(makers)](path); err != nil {
			return fmt.Errorf("plant %s: %w", path, err)
		}
	}
	return nil
}

func gzipBomb(path string, size int64, fill string) error {
	return write(path, func(out *bufio.Writer) error {
		z := gzip.NewWriter(out)
		block := []byte(strings.Repeat(fill, 1<<20))
		for left := size; left > 0; left -= int64(len(block)) {
			if _, err := z.Write(block); err != nil {
				return err
			}
		}
		return z.Close()
	})
}

// endlessLine makes a file with holes, which takes no room on the disk.
func endlessLine(path string, size int64) error {
	return errors.Join(os.WriteFile(path, nil, 0o600), os.Truncate(path, size))
}

// write makes a file under another name, so that it appears whole.
func write(path string, content func(*bufio.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".making-")
	if err != nil {
		return err
	}
	out := bufio.NewWriter(f)
	err = errors.Join(content(out), out.Flush(), f.Close())
	return errors.Join(err, os.Rename(f.Name(), path))
}

// longAgo is before any log of the run.
var longAgo = time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)

func plantedSiblings(_ context.Context, f *Field) error {
	log := f.LogFile()
	near := filepath.Join(f.Around, "near", "access.log")
	for name, plant := range map[string]func(string) error{
		".2":    func(p string) error { return syscall.Mkfifo(p, 0o600) },
		".3":    func(p string) error { return os.Symlink("/dev/zero", p) },
		".4.gz": func(p string) error { return gzipBomb(p, 200<<20, "\x00") },
		".5":    func(p string) error { return os.Mkdir(p, 0o700) },
		".6":    func(p string) error { return os.Symlink(near, p) }, "-a\nb": func(p string) error {
			return os.WriteFile(p,
				nil, 0o600)
		},
		".7.gz": func(p string) error { return os.WriteFile(p, []byte("\x1f\x8b\x08\x00damaged"), 0o600) },
		".8":    func(p string) error { return os.Symlink(p, p) },
	} {
		if err := plant(log + name); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		if info, err := os.Lstat(log + name); err == nil && info.Mode().IsRegular() {
			_ = os.Chtimes(log+name, longAgo, longAgo) // a younger one would be the next file to read
		}
	}
	return f.Feed.Rotate(fmt.Sprintf("%s-2026%08d", log, f.Rand.IntN(100_000_000)))
}

// plantedLinks gives names that a process may write next, or look for, to links.
func plantedLinks(_ context.Context, f *Field) error {
	to := choose(f, filepath.Join(f.Around, "near", "passwords"), filepath.Join(f.Around, "near", "new"))
	var dirs []string
	err := filepath.WalkDir(f.Given, func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			dirs = append(dirs, name)
		}
		return nil // what has gone meanwhile needs no link
	})
	if err != nil {
		return err
	}
	for _, dir := range dirs {
		for _, name := range []string{"kafka-streams-process-metadata.tmp", ".kafka-streams-process-metadata.tmp",
			"offsets.tmp", ".lock.tmp",
			"LOCK.tmp", "json.txt.tmp", fmt.Sprintf("%06d.sst", f.Rand.IntN(1000)), fmt.Sprintf("tmp-%d", f.Rand.IntN(1000)),
			"access.log.tmp"} {
			if err := os.Symlink(to, filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrExist) {
				return err
			}
		}
	}
	return nil
}
