package hdfs

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"sync"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connectors/filesets/claim"
	"github.com/suiro/suiro/connectors/filesets/layout"
	"github.com/suiro/suiro/transforms/formats/avro"
)

// fileKey says which records share a file.
type fileKey struct {
	topic, dir string
	codec      *avro.Codec
}

// openSet is the records since the last commit. One goroutine uses it, but for
// the dead letters, whose acknowledgements come from anywhere.
type openSet struct {
	s        *settings
	tp       connect.TopicPartition
	claim    *claim.Claim
	registry registry // nil without Hive
	ext      string

	files       map[fileKey]*dataFile
	closed      []*dataFile
	closedBytes int64
	count       int64
	first       int64
	last        int64
	begun       time.Time // by the clock, when the first record came
	touched     time.Time // when the last came
	from        time.Time // record time of the first record, zero if it has none
	letters     letters
}

// cover takes a record's offset into the set, written or rejected.
func (o *openSet) cover(offset int64, now time.Time) {
	if o.count == 0 {
		o.first, o.begun = offset, now
	}
	o.last, o.touched = offset, now
	o.count++
}

// write adds a record's bytes to its file. An error is the storage's.
func (o *openSet) write(k fileKey, offset int64, b []byte) error {
	f := o.files[k]
	if f == nil {
		var err error
		if f, err = o.create(k, offset); err != nil {
			return err
		}
	}
	if err := f.body.WriteRaw(b); err != nil {
		return fmt.Errorf("write %s: %w", f.temp, err)
	}
	f.last, f.used = offset, o.count
	f.records++
	return nil
}

func (o *openSet) create(k fileKey, offset int64) (*dataFile, error) {
	if o.registry != nil {
		if err := o.registry.Reserve(k.topic); err != nil {
			return nil, err
		}
	}
	if len(o.files) >= o.s.maxFiles {
		if err := o.closeOldest(); err != nil {
			return nil, err
		}
	}
	f := &dataFile{dir: path.Join(k.topic, k.dir), codec: k.codec, first: offset}
	f.temp = fmt.Sprintf("%d-%d%s", offset, len(o.closed)+len(o.files), o.ext)
	var err error
	if f.out, err = o.claim.Create(f.temp); err != nil {
		return nil, err
	}
	o.files[k] = f
	if f.body, err = newBody(f.out, k.codec, o.s.v.String("avro.codec")); err != nil {
		return nil, fmt.Errorf("begin %s: %w", f.temp, err)
	}
	return f, nil
}

// closeOldest closes the file that was unused for longest. Later records of
// its directory open another.
func (o *openSet) closeOldest() error {
	var oldest fileKey
	for k, f := range o.files {
		if have := o.files[oldest]; have == nil || f.used < have.used {
			oldest = k
		}
	}
	f := o.files[oldest]
	delete(o.files, oldest)
	o.closed = append(o.closed, f)
	if err := f.close(); err != nil {
		return fmt.Errorf("close %s: %w", f.temp, err)
	}
	o.closedBytes += f.bytes
	return nil
}

// bytes is how much the set's files hold.
func (o *openSet) bytes() int64 {
	n := o.closedBytes
	for _, f := range o.files {
		n += f.body.Written() + int64(f.body.Buffered())
	}
	return n
}

// commit closes the files and commits the set, once all its dead letters are
// acknowledged.
func (o *openSet) commit(ctx context.Context) (claim.Set, error) {
	for len(o.files) > 0 {
		if err := o.closeOldest(); err != nil {
			return claim.Set{}, err
		}
	}
	if err := o.letters.wait(ctx); err != nil {
		return claim.Set{}, err
	}
	set := claim.Set{First: o.first, Last: o.last}
	slices.SortFunc(o.closed, func(a, b *dataFile) int { return cmp.Compare(a.first, b.first) })
	for _, f := range o.closed {
		name := o.name(f)
		if err := layout.CheckName(name); err != nil {
			return claim.Set{}, fmt.Errorf("file %s: %w: %w", name, err, errName)
		}
		cf := claim.File{Temp: f.temp, Path: path.Join(f.dir, name), Records: f.records, Bytes: f.bytes}
		if f.codec != nil {
			cf.Schema = schemaIndex(&set, f.codec.Text())
		}
		set.Files = append(set.Files, cf)
	}
	return set, o.claim.Commit(ctx, set)
}

// name is a file's final name. It is unique: the first offset is in no other
// file. The topic is the one the record was read from, whose offsets they are.
func (o *openSet) name(f *dataFile) string {
	d := o.s.delim
	return fmt.Sprintf("%s%s%d%s%0*d%s%0*d%s", o.tp.Topic, d, o.tp.Partition, d, o.s.pad, f.first, d,
		o.s.pad, f.last, o.ext)
}

func schemaIndex(set *claim.Set, text string) int {
	i := slices.Index(set.Schemas, text)
	if i < 0 {
		i = len(set.Schemas)
		set.Schemas = append(set.Schemas, text)
	}
	return i
}

// abort drops the set's open files.
func (o *openSet) abort() {
	for _, f := range o.files {
		f.out.Abort()
	}
}

// letters counts the dead letters of a set that are not acknowledged.
type letters struct {
	mu   sync.Mutex
	open int
	err  error
	zero chan struct{} // made by a waiter, closed when open gets 0 or on an error
}

func (l *letters) sent() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open++
}

func (l *letters) done(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open--
	if err != nil && l.err == nil {
		l.err = fmt.Errorf("write dead letter: %w", err)
	}
	if l.zero != nil && (l.open == 0 || l.err != nil) {
		close(l.zero)
		l.zero = nil
	}
}

func (l *letters) wait(ctx context.Context) error {
	l.mu.Lock()
	if l.open == 0 || l.err != nil {
		defer l.mu.Unlock()
		return l.err
	}
	zero := make(chan struct{})
	l.zero = zero
	l.mu.Unlock()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-zero:
		l.mu.Lock()
		defer l.mu.Unlock()
		return l.err
	}
}
