package claim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/suiro/suiro/connectors/filesets/storage"
)

// Claim is a writer's right to extend a [Log]. See the package's doc for the
// order of calls.
type Claim struct {
	log   *Log
	id    string
	next  int64
	known bool
	refs  []ref // the committed sets, by offset
	sets  []Set // what they say, same order
	made  map[string]bool
	swept []string
	used  error // why the claim cannot be used any more
	// needed is true while a set may be committed whose files are not in place.
	needed bool
}

func (c *Claim) path(elem ...string) string {
	return c.log.tmp(append([]string{"live", c.id}, elem...)...)
}

// Next returns the offset to go on from; false when the log is empty.
func (c *Claim) Next() (int64, bool) { return c.next, c.known }

// Sets returns the committed sets that are still in the log, by offset; see
// [Log.Contents].
func (c *Claim) Sets() []Set { return slices.Clone(c.sets) }

// Create makes a temp file of that name in the claim. Names that begin with
// "set-" are the protocol's own.
func (c *Claim) Create(name string) (storage.File, error) {
	if c.used != nil {
		return nil, c.used
	}
	f, err := c.log.st.Create(c.path(name))
	if err != nil {
		return nil, c.useUp(err)
	}
	return f, nil
}

// Commit makes the closed temp files of the set appear at their final paths,
// all of them or none. When it returns nil they are in place. After an error
// the set may be committed or not; the next take-over knows.
func (c *Claim) Commit(ctx context.Context, set Set) error {
	if c.used != nil {
		return c.used
	}
	if c.known && set.First < c.next || set.Last < set.First {
		panic(fmt.Sprintf("claim: set %d to %d does not follow offset %d", set.First, set.Last, c.next))
	}
	set.Version, set.Topic, set.Partition, set.Claim = setVersion, c.log.topic, c.log.partition, c.id
	if err := c.commit(ctx, set); err != nil {
		return fmt.Errorf("commit offsets %d to %d of %s-%d: %w", set.First, set.Last, c.log.topic,
			c.log.partition, c.useUp(err))
	}
	return nil
}

func (c *Claim) commit(ctx context.Context, set Set) error {
	r := ref{first: set.First, last: set.Last, state: pending}
	temp := setPrefix + r.name()
	if err := c.writeManifest(temp, set); err != nil {
		return err
	}
	c.needed = true
	// This rename is the commit, and fails when the claim was fenced.
	if err := c.log.st.Rename(c.path(temp), c.log.commits(r.name())); err != nil {
		return err
	}
	if err := c.finish(ctx, set); err != nil {
		return err
	}
	c.needed, r.state = false, done
	c.refs, c.sets = append(c.refs, r), append(c.sets, set)
	c.next, c.known = set.Last+1, true
	return nil
}

func (c *Claim) writeManifest(name string, set Set) error {
	data, err := json.Marshal(set)
	if err != nil {
		return err
	}
	if len(data) > maxManifest {
		return fmt.Errorf("the manifest of %d files has %d bytes, more than %d", len(set.Files), len(data), maxManifest)
	}
	f, err := c.log.st.Create(c.path(name))
	if err != nil {
		return err
	}
	if _, err := f.Write(data); err != nil {
		f.Abort()
		return err
	}
	return f.Close()
}

// finish moves the files of a committed set to their places and then marks it
// done. Several writers may be at it for the same set: each file is moved by
// one of them and found in place by the others.
func (c *Claim) finish(ctx context.Context, set Set) error {
	from := c.log.tmp("fenced", set.Claim)
	if set.Claim == c.id {
		from = c.path()
	}
	for _, f := range set.Files {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := c.place(path.Join(from, f.Temp), path.Join(c.log.root, f.Path), f.Bytes); err != nil {
			return err
		}
	}
	r := ref{first: set.First, last: set.Last, state: pending}
	d := ref{first: set.First, last: set.Last, state: done}
	err := c.log.st.Rename(c.log.commits(r.name()), c.log.commits(d.name()))
	if errors.Is(err, fs.ErrNotExist) {
		return nil // another writer finished it too, and may have forgotten it since
	}
	return err
}

// place moves one data file of a set that this claim made, or that another did.
// Something else at its place is never overwritten.
func (c *Claim) place(from, to string, size int64) error {
	if err := c.mkdir(path.Dir(to)); err != nil {
		return err
	}
	there, err := c.log.st.Stat(to)
	if errors.Is(err, fs.ErrNotExist) {
		if err := c.check(from, to, size); err != nil {
			return err
		}
		if err = c.log.st.Rename(from, to); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if there, err = c.log.st.Stat(to); errors.Is(err, fs.ErrNotExist) {
			return c.missing(from, to)
		}
	}
	if err != nil {
		return err
	}
	_, err = c.log.st.Stat(from)
	if err == nil || !isFile(there, size) {
		return &ConflictError{Path: to, Temp: from}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// check looks at a temp file that another claim made before it is moved: it may be
// something else than its manifest says.
func (c *Claim) check(from, to string, size int64) error {
	if strings.HasPrefix(from, c.path()+"/") {
		return nil
	}
	e, err := c.log.st.Stat(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // the rename finds out why
	}
	if err == nil && !isFile(e, size) {
		err = &LostError{Path: to, Temp: from}
	}
	return err
}

// isFile reports whether an entry is a file of a size.
func isFile(e storage.Entry, size int64) bool { return !e.Dir && !e.Other && e.Size == size }

// maxMade bounds what a claim remembers of the directories it made.
const maxMade = 10_000

func (c *Claim) mkdir(dir string) error {
	if c.made[dir] {
		return nil
	}
	if len(c.made) >= maxMade {
		clear(c.made)
	}
	if err := c.log.st.MkdirAll(dir); err != nil {
		return err
	}
	c.made[dir] = true
	return nil
}

// missing says why a committed file is neither at its temp nor at its final
// path, or could not be moved between them.
func (c *Claim) missing(from, to string) error {
	if held, err := c.held(); err != nil || !held {
		return errors.Join(ErrFenced, err)
	}
	_, err := c.log.st.Stat(from)
	if errors.Is(err, fs.ErrNotExist) {
		return &LostError{Path: to, Temp: from}
	}
	return errors.Join(fmt.Errorf("move %s to %s: the directory was removed in between", from, to), err)
}

// held reports whether the claim still exists.
func (c *Claim) held() (bool, error) {
	_, err := c.log.st.Stat(c.path())
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Forget removes committed sets from the log for which drop returns true. The
// last one is always kept: it says where to go on.
func (c *Claim) Forget(drop func(Set) bool) error {
	for i := 0; i < len(c.refs)-1; {
		if !drop(c.sets[i]) {
			i++
			continue
		}
		if err := c.log.st.Remove(c.log.commits(c.refs[i].name())); err != nil {
			return err
		}
		c.refs, c.sets = slices.Delete(c.refs, i, i+1), slices.Delete(c.sets, i, i+1)
	}
	return nil
}

// Release gives the claim up and removes its temp files, unless a committed set
// may need them. The protocol does not need it, but a full disk may have no
// place for another claim otherwise.
func (c *Claim) Release() error {
	if c.needed {
		return nil
	}
	c.used = errors.New("the claim was released")
	return c.log.st.Remove(c.path())
}

// useUp remembers why the claim must not be used any more, which is ErrFenced when
// it was fenced.
func (c *Claim) useUp(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		if held, herr := c.held(); herr == nil && !held {
			err = ErrFenced
		}
	}
	c.used = err
	return err
}

// ConflictError is returned when something else is at the final path of a
// committed file. A person has to look.
type ConflictError struct {
	// Path is the final path, Temp where the committed file waits.
	Path, Temp string
}

// Error says what to do.
func (e *ConflictError) Error() string {
	return fmt.Sprintf("%s exists and is not the committed file %s: move one of them away", e.Path, e.Temp)
}

// LostError is returned when a committed file vanished before it was in place, or is
// not the file that was committed.
type LostError struct {
	// Path is the final path, Temp where the committed file was.
	Path, Temp string
}

// Error says what to do.
func (e *LostError) Error() string {
	return fmt.Sprintf("committed file %s disappeared, or was changed, before it was moved to %s: put it back, or "+
		"rename its set from .pending to .done to go on without it", e.Temp, e.Path)
}
