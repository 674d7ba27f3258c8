package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"time"

	"github.com/suiro/suiro/connectors/file/internal/lines"
	"github.com/suiro/suiro/connectors/file/internal/members"
	"github.com/suiro/suiro/connectors/file/internal/regular"
)

// follower reads the file at a path line by line, and follows it through rotations.
// One goroutine uses it.
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
	replaced time.Time // when the end of the file was first seen after a rotation
	quiet    string    // the state of the folder in which there was no next file, see stateOf
	ended    bool      // there will never be another line

	ctx context.Context // ends a search for a kept place, and nothing that could be left half done
}

func newFollower(s settings, logger *slog.Logger, c *counts) *follower {
	return &follower{settings: s, logger: logger, counts: c, ctx: context.Background()}
}

// open opens a file at its beginning.
func (f *follower) open(path string) (*input, error) {
	return openInput(path, f.MaxLine, func() error { return f.ctx.Err() })
}

// start opens the file that p is a place in. A file that is to be followed need not
// exist yet.
func (f *follower) start(ctx context.Context, p place) error {
	f.from = p
	in, err := f.find(ctx, p)
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

// find opens the file of a kept place, under whatever name it has now. If the file
// is gone, find opens the file at the path, at its beginning.
func (f *follower) find(ctx context.Context, p place) (*input, error) {
	f.ctx = ctx
	defer func() { f.ctx = context.Background() }()
	if p.position == 0 {
		return f.open(f.Path)
	}
	in, err := f.search(p.known, func(list []generation) (*input, error) { return f.tryAll(list, p) })
	if in != nil || err != nil {
		return in, err
	}
	in, err = f.open(f.Path)
	if err == nil {
		f.counts.lost.Inc()
		f.logger.Warn("the file that was being read is gone, so the file at the path is read from its beginning: "+
			"lines added to the old file since, and files between the two, are missing",
			"file", f.Path, "position", p.position)
	}
	return in, err
}

// search looks for an input in the generations, newest first, and again as long
// as a rotation changes them meanwhile. Without rotations there is no list.
func (f *follower) search(rotations bool, look func([]generation) (*input, error)) (*input, error) {
	if !rotations {
		return look(nil)
	}
	for {
		list, err := generations(f.Path)
		if err != nil {
			return nil, err
		}
		slices.Reverse(list)
		in, err := look(list)
		if in != nil || err != nil {
			return in, err
		}
		now, err := generations(f.Path)
		if err != nil {
			return nil, err
		}
		slices.Reverse(now)
		if sameGenerations(list, now) {
			return nil, nil
		}
	}
}

// tryAll opens the file of a kept place: the one at the path or one of the list,
// first by inode and then by the first bytes.
func (f *follower) tryAll(list []generation, p place) (*input, error) {
	for _, sameInode := range []bool{true, false} {
		in, err := f.tryPlace(f.Path, p, sameInode && p.known)
		if in != nil || err != nil {
			return in, err
		}
		for _, g := range list {
			if g.path == f.Path || unreadable(g.path) {
				continue
			}
			if in, err := f.tryPlace(g.path, p, sameInode && p.known); in != nil || err != nil {
				return in, err
			}
		}
	}
	return nil, nil
}

// tryPlace opens a file at a place, or returns nil when the place is in another
// file.
func (f *follower) tryPlace(path string, p place, sameInode bool) (*input, error) {
	return f.tryOpen(path, func(in *input) (from int64, ok bool, err error) {
		if sameInode && inodeOf(in.info) != p.inode {
			return 0, false, nil
		}
		return in.holds(p)
	})
}

// tryOpen opens a file at the position that look finds in it. It returns nil when
// look finds none, when the file does not exist, and for a damaged gzip file other
// than the followed one.
func (f *follower) tryOpen(path string, look func(*input) (from int64, ok bool, err error)) (*input, error) {
	in, err := f.open(path)
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

// next returns the next line; ok is false when there is none yet.
func (f *follower) next(ctx context.Context) (l lines.Line, ok bool, err error) {
	if f.ended {
		return lines.Line{}, false, nil
	}
	if f.in == nil {
		if f.in, err = f.appeared(ctx); f.in == nil {
			return lines.Line{}, false, err
		}
	}
	l, ok, err = f.advance()
	if errors.Is(err, errTruncated) {
		return lines.Line{}, false, f.restart()
	}
	return l, ok, err
}

// appeared opens the file, or returns nil as long as it does not exist.
func (f *follower) appeared(ctx context.Context) (*input, error) {
	if _, err := os.Stat(f.Path); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	in, err := f.find(ctx, f.from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return in, err
}

// advance returns the next line of the open file, or changes to another file.
func (f *follower) advance() (l lines.Line, ok bool, err error) {
	if f.in.atEnd {
		truncated, err := f.in.truncated()
		if err != nil {
			return lines.Line{}, false, fmt.Errorf("check %s for truncation: %w", f.in.path, err)
		}
		if truncated {
			return lines.Line{}, false, errTruncated
		}
	}
	l, err = f.read()
	switch {
	case err == nil:
		return l, true, nil
	case errors.Is(err, io.EOF):
		return f.atEnd()
	}
	return lines.Line{}, false, err
}

// read returns the next whole line of the open file.
func (f *follower) read() (lines.Line, error) {
	l, err := f.in.Read()
	f.in.atEnd = errors.Is(err, io.EOF)
	switch {
	case err == nil:
		l.File = f.in.identity(l.End)
		f.replaced = time.Time{}
		return l, nil
	case f.in.atEnd, errors.Is(err, errTruncated), errors.Is(err, members.ErrBusy):
		return lines.Line{}, err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return lines.Line{}, fmt.Errorf("read file %s at byte %d of its text: the gzip data is cut off: "+
			"replace the file by a complete one: %w", f.in.path, f.in.Pos, err)
	}
	return lines.Line{}, fmt.Errorf("read file %s at byte %d: %w", f.in.path, f.in.Pos, err)
}

// rest returns what follows the last line end in the open file.
func (f *follower) rest() (l lines.Line, ok bool) {
	if l, ok = f.in.Rest(); ok {
		l.File = f.in.identity(l.End)
	}
	return l, ok
}

// atEnd decides what the end of the open file means.
func (f *follower) atEnd() (l lines.Line, ok bool, err error) {
	after, err := f.successor()
	if err != nil {
		return lines.Line{}, false, fmt.Errorf("find the file after %s: %w", f.in.path, err)
	}
	switch {
	case after == nil && (f.stop() || f.in.gzip && f.in.path == f.Path):
		f.ended = true
		l, ok = f.rest()
		return l, ok, nil
	case after == nil:
		f.replaced = time.Time{}
		return lines.Line{}, false, nil
	case !f.in.gzip && !f.stop():
		if l, ok, err := f.lateLine(); ok || err != nil || time.Since(f.replaced) < f.Interval {
			return l, ok, err
		}
	}
	l, ok = f.rest()
	return l, ok, f.change(*after)
}

// lateLine reads a line that was written to the open file after its rotation. The
// caller gives up when none comes for a while.
func (f *follower) lateLine() (lines.Line, bool, error) {
	if f.replaced.IsZero() {
		f.replaced = time.Now()
	}
	l, err := f.read()
	if errors.Is(err, io.EOF) {
		return lines.Line{}, false, nil
	}
	return l, err == nil, err
}

// successor returns the generation that was begun after the open file, nil when the
// open file is the newest.
func (f *follower) successor() (*generation, error) {
	now, err := os.Stat(f.Path)
	if err == nil && os.SameFile(now, f.in.info) {
		return nil, nil
	}
	if err == nil {
		if err := regular.Check(f.Path, now); err != nil {
			return nil, err
		}
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

// younger lists the generations that were begun after the open file.
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

// giveUp logs and counts, once, that a rotated file is compressed in a way that
// cannot be read.
func (f *follower) giveUp(path string, info os.FileInfo) {
	if !f.counts.first(inodeOf(info)) {
		return
	}
	f.counts.lost.Inc()
	f.logger.Error("rotated file cannot be read and its lines are missing: "+
		"let the rotation compress with gzip, or one rotation later",
		"file", f.Path, "rotated", path)
}

// change closes the open file and opens the next generation.
func (f *follower) change(after generation) error {
	in, err := f.open(after.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("open the next file: %w", err)
	}
	if err != nil || !os.SameFile(in.info, after.info) || len(in.Head) == 0 && !in.gzip {
		if in != nil {
			_ = in.file.Close() // nothing was written
		}
		return nil // it was rotated just now: the next poll finds it under its new name or its copy
	}
	f.counts.rotations.Inc()
	f.logger.Info("file was rotated", "file", f.Path, "position", f.in.Pos, "next", after.path)
	f.replace(in)
	return nil
}

// restart continues after the open file was truncated: with the copy that the
// rotation made of it, or at the beginning of the file.
func (f *follower) restart() error {
	f.counts.truncations.Inc()
	lost := f.in
	in, err := f.search(true, func(list []generation) (*input, error) { return f.tryCopies(list, lost) })
	if err != nil {
		return err
	}
	if in != nil {
		f.logger.Info("file was truncated, its copy is read to the end", "file", f.Path, "copy", in.path,
			"position", lost.Begin)
		f.replace(in)
		return nil
	}
	f.logger.Warn("file was truncated and is read from its beginning: lines added to it after the position are missing",
		"file", f.Path, "position", lost.Begin)
	in, err = f.open(f.Path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f.from = place{}
	f.replace(in)
	return nil
}

// tryCopies opens the copy that a rotation made of a file before it truncated it.
func (f *follower) tryCopies(list []generation, lost *input) (*input, error) {
	for _, g := range list {
		if os.SameFile(g.info, lost.info) || unreadable(g.path) {
			continue
		}
		in, err := f.tryOpen(g.path, func(in *input) (int64, bool, error) { return in.continues(lost) })
		if in != nil || err != nil {
			return in, err
		}
	}
	return nil, nil
}

// replace closes the open file and continues with in, which may be nil.
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
