package file

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"time"
)

// follower reads the file at a path, and what rotations make of it, line by
// line. One goroutine uses it.
//
//	absent ─▶ reading ─▶ at its end ─▶ reading (it has grown)
//	              ▲          ├───────▶ reading the next generation (rotated)
//	              │          ├───────▶ reading a copy, or from the beginning (truncated)
//	              └──────────┘         ended (file.end=stop, or compressed)
type follower struct {
	settings
	logger *slog.Logger
	counts *counts

	from     place     // where to begin when the file exists
	in       *input    // nil while the file does not exist
	replaced time.Time // when the file was seen to be done with after a rotation
	quiet    string    // the state of the folder in which there was no next file, see stateOf
	ended    bool      // nothing will ever come
}

func newFollower(s settings, logger *slog.Logger, c *counts) *follower {
	return &follower{settings: s, logger: logger, counts: c}
}

// start opens the file that p is a place in. A file that is followed may not
// exist yet.
func (f *follower) start(p place) error {
	f.from = p
	in, err := f.find(p)
	if errors.Is(err, fs.ErrNotExist) && !f.stop() {
		f.logger.Warn("file does not exist yet", "file", f.Path)
		return nil
	}
	if err != nil {
		return fmt.Errorf("open the source file: %w", err)
	}
	f.in = in
	return nil
}

// find opens the file of a kept place, under whatever name it has now, or else
// the file at the path from its beginning.
func (f *follower) find(p place) (*input, error) {
	if p.position == 0 {
		return openInput(f.Path, f.MaxLine)
	}
	candidates := []string{f.Path}
	if p.known {
		list, err := generations(f.Path)
		if err != nil {
			return nil, err
		}
		for _, g := range slices.Backward(list) {
			if g.path != f.Path && !unreadable(g.path) {
				candidates = append(candidates, g.path)
			}
		}
	}
	for _, sameInode := range []bool{true, false} {
		for _, path := range candidates {
			in, err := f.tryPlace(path, p, sameInode && p.known)
			if in != nil || err != nil {
				return in, err
			}
		}
	}
	in, err := openInput(f.Path, f.MaxLine)
	if err == nil {
		f.counts.lost.Add(1)
		f.logger.Warn("the file that was read is not found any more, the file at the path is read from its beginning: "+
			"lines that the former got since, and files between the two, are missing",
			"file", f.Path, "position", p.position)
	}
	return in, err
}

// tryPlace opens a file at a place, or returns nil when the place is not in it.
func (f *follower) tryPlace(path string, p place, sameInode bool) (*input, error) {
	return f.tryOpen(path, func(in *input) (from int64, ok bool, err error) {
		if sameInode && inodeOf(in.info) != p.inode {
			return 0, false, nil
		}
		return in.holds(p)
	})
}

// tryOpen opens a file at the position that look finds in it, or returns nil
// when it finds none, or when there is no such file. A damaged gzip file other
// than the followed one is none either.
func (f *follower) tryOpen(path string, look func(*input) (from int64, ok bool, err error)) (*input, error) {
	in, err := openInput(path, f.MaxLine)
	if err == nil {
		var from int64
		var ok bool
		if from, ok, err = look(in); ok && err == nil {
			if err = in.seek(from, f.MaxLine); err == nil {
				return in, nil
			}
		}
		_ = in.file.Close() // nothing was written
	}
	if errors.Is(err, fs.ErrNotExist) || path != f.Path && damaged(err) {
		return nil, nil
	}
	return nil, err
}

// next returns the next line; ok is false when there is none for now.
func (f *follower) next() (l line, ok bool, err error) {
	if f.ended {
		return line{}, false, nil
	}
	if f.in == nil {
		if f.in, err = f.appeared(); f.in == nil {
			return line{}, false, err
		}
	}
	l, ok, err = f.advance()
	if errors.Is(err, errTruncated) {
		return line{}, false, f.restart()
	}
	return l, ok, err
}

// appeared opens the file once it exists, nil before.
func (f *follower) appeared() (*input, error) {
	if _, err := os.Stat(f.Path); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	in, err := f.find(f.from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return in, err
}

// advance returns the next line of the file that is open, or goes on with
// another.
func (f *follower) advance() (l line, ok bool, err error) {
	if f.in.atEnd {
		truncated, err := f.in.truncated()
		if err != nil {
			return line{}, false, fmt.Errorf("look at %s: %w", f.in.path, err)
		}
		if truncated {
			return line{}, false, errTruncated
		}
	}
	l, err = f.read()
	switch {
	case err == nil:
		return l, true, nil
	case errors.Is(err, io.EOF):
		return f.atEnd()
	}
	return line{}, false, err
}

// read returns the next whole line of the file that is open.
func (f *follower) read() (line, error) {
	l, err := f.in.read()
	f.in.atEnd = errors.Is(err, io.EOF)
	switch {
	case err == nil:
		l.offset = f.in.offset(l.end)
		f.replaced = time.Time{}
		return l, nil
	case f.in.atEnd, errors.Is(err, errTruncated):
		return line{}, err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return line{}, fmt.Errorf("read file %s at byte %d of its text: the gzip data is cut off: "+
			"put the whole file in its place: %w", f.in.path, f.in.pos, err)
	}
	return line{}, fmt.Errorf("read file %s at byte %d: %w", f.in.path, f.in.pos, err)
}

// rest returns what follows the last line end of the file that is open.
func (f *follower) rest() (l line, ok bool) {
	if l, ok = f.in.rest(); ok {
		l.offset = f.in.offset(l.end)
	}
	return l, ok
}

// atEnd decides what the end of the open file means.
func (f *follower) atEnd() (l line, ok bool, err error) {
	after, err := f.successor()
	if err != nil {
		return line{}, false, fmt.Errorf("look for what follows %s: %w", f.in.path, err)
	}
	switch {
	case after == nil && (f.stop() || f.in.gzip && f.in.path == f.Path):
		f.ended = true
		l, ok = f.rest()
		return l, ok, nil
	case after == nil:
		f.replaced = time.Time{}
		return line{}, false, nil
	case !f.in.gzip && !f.stop():
		if l, ok, err := f.lateLine(); ok || err != nil || time.Since(f.replaced) < f.Interval {
			return l, ok, err
		}
	}
	l, ok = f.rest()
	return l, ok, f.change(*after)
}

// lateLine reads on in a file that was rotated, as what writes may still have it
// open: until nothing has come for a while since there is a next file.
func (f *follower) lateLine() (line, bool, error) {
	if f.replaced.IsZero() {
		f.replaced = time.Now()
	}
	l, err := f.read()
	if errors.Is(err, io.EOF) {
		return line{}, false, nil
	}
	return l, err == nil, err
}

// successor is the generation that was begun after the file that is open, nil
// when that is the newest.
func (f *follower) successor() (*generation, error) {
	now, err := os.Stat(f.Path)
	if err == nil && os.SameFile(now, f.in.info) {
		return nil, nil
	}
	state := stateOf(f.Path, now)
	if state != "" && state == f.quiet {
		return nil, nil
	}
	younger, err := f.younger()
	if err != nil {
		return nil, err
	}
	for i := range younger {
		if !unreadable(younger[i].path) {
			return &younger[i], nil
		}
		f.giveUp(younger[i].path, younger[i].info)
	}
	f.quiet = state
	return nil, nil
}

// younger lists the generations that were begun after the file that is open.
func (f *follower) younger() ([]generation, error) {
	list, err := generations(f.Path)
	if err != nil {
		return nil, err
	}
	opened, err := f.in.file.Stat()
	if err != nil {
		return nil, err
	}
	if own := slices.IndexFunc(list, func(g generation) bool { return os.SameFile(g.info, opened) }); own >= 0 {
		return list[own+1:], nil
	}
	for i, g := range list {
		if g.path == f.Path || unreadable(g.path) {
			continue
		}
		in, err := f.tryOpen(g.path, func(in *input) (int64, bool, error) {
			same, err := in.isCopyOf(f.in, opened.Size())
			return 0, same, err
		})
		if err != nil {
			return nil, err
		}
		if in != nil {
			_ = in.file.Close() // nothing was written
			return list[i+1:], nil
		}
	}
	return slices.DeleteFunc(list, func(g generation) bool {
		age := g.info.ModTime().Compare(opened.ModTime())
		return g.path != f.Path && (age < 0 || age == 0 && unreadable(g.path))
	}), nil
}

// giveUp tells once that a rotated file is compressed in a way that cannot be
// read.
func (f *follower) giveUp(path string, info os.FileInfo) {
	if !f.counts.tell(inodeOf(info)) {
		return
	}
	f.counts.lost.Add(1)
	f.logger.Error("rotated file cannot be read and its lines are missing: compress with gzip, or later",
		"file", f.Path, "rotated", path)
}

// change goes on with the next generation.
func (f *follower) change(after generation) error {
	in, err := openInput(after.path, f.MaxLine)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("open the next file: %w", err)
	}
	if err != nil || !os.SameFile(in.info, after.info) || len(in.head) == 0 && !in.gzip {
		if in != nil {
			_ = in.file.Close() // nothing was written
		}
		return nil // rotated again just now: the next look finds it under its new name or its copy
	}
	f.counts.rotations.Add(1)
	f.logger.Info("file was rotated", "file", f.Path, "position", f.in.pos, "next", after.path)
	f.replace(in)
	return nil
}

// restart goes on after the open file was truncated: with a copy that a
// rotation made of it before, or at the beginning.
func (f *follower) restart() error {
	f.counts.truncations.Add(1)
	lost := f.in
	list, err := generations(f.Path)
	if err != nil {
		return err
	}
	for _, g := range slices.Backward(list) {
		if os.SameFile(g.info, lost.info) || unreadable(g.path) {
			continue
		}
		in, err := f.tryOpen(g.path, func(in *input) (int64, bool, error) { return in.continues(lost) })
		if err != nil {
			return err
		}
		if in != nil {
			f.logger.Info("file was truncated, its copy is read to the end", "file", f.Path, "copy", g.path,
				"position", lost.begin)
			f.replace(in)
			return nil
		}
	}
	f.logger.Warn("file was truncated and is read from its beginning: lines that it got after the position are missing",
		"file", f.Path, "position", lost.begin)
	in, err := openInput(f.Path, f.MaxLine)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f.from = place{}
	f.replace(in)
	return nil
}

// replace closes the open file and goes on with another, or with none.
func (f *follower) replace(in *input) {
	_ = f.in.file.Close() // nothing was written
	f.in, f.replaced, f.quiet = in, time.Time{}, ""
}

func (f *follower) done() bool { return f.ended }

// close closes the open file.
func (f *follower) close() error {
	if f.in == nil {
		return nil
	}
	err := f.in.file.Close()
	f.in = nil
	return err
}
