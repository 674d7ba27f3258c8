package filesets

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connectors/filesets/claim"
	"github.com/suiro/suiro/connectors/filesets/format"
	"github.com/suiro/suiro/connectors/filesets/layout"
	"github.com/suiro/suiro/connectors/filesets/rotation"
)

// errName is returned before a set is committed one of whose files cannot have
// its name.
var errName = errors.New("choose a smaller filename.offset.zero.pad.width or a shorter name for the topic")

// set is the records of a partition since its last commit, and the files they
// are in.
//
//	empty ──▶ open ──▶ closed ──▶ committed ──▶ in place
//	  │   cover, write  │    all files closed,   the claim's rename, then
//	  │        │        │    dead letters        the moves: package claim
//	  │        │        │    acknowledged
//	  └────────┴────────┴──▶ aborted   any error: its files go with the claim
//
// One goroutine uses a set; only its dead letters are acknowledged from any.
type set struct {
	options *Options
	tp      connect.TopicPartition
	claim   *claim.Claim

	files       map[fileKey]*dataFile // open
	closed      []*dataFile
	closedBytes int64
	listed      int64 // about how long the manifest is
	schemas     map[*format.Schema]bool
	first, last int64 // offsets covered
	fill        rotation.Fill
	letters     letters
}

func newSet(o *Options, tp connect.TopicPartition, c *claim.Claim) *set {
	return &set{options: o, tp: tp, claim: c, files: map[fileKey]*dataFile{}, schemas: map[*format.Schema]bool{}}
}

// empty reports whether the set covers no record.
func (s *set) empty() bool { return s.fill.Records == 0 }

// deadline is when the set must be committed by the clock, zero for never.
func (s *set) deadline() time.Time { return s.options.Rotation.Deadline(s.fill) }

// over reports whether the set must be committed before a record of that record
// time that came now.
func (s *set) over(recordTime, now time.Time) bool {
	return s.options.Rotation.Over(s.fill, recordTime, now)
}

// full reports whether the set must be committed now.
func (s *set) full() bool {
	if s.options.Rotation.Bytes > 0 {
		s.fill.Bytes = s.bytes()
	}
	return s.options.Rotation.Full(s.fill) || len(s.files)+len(s.closed) >= maxFiles || s.listed >= maxListed
}

// A set is full whatever its rotation says when it has so many files, or when its
// manifest is about so long: records choose how many directories and schemas it has.
const (
	maxFiles  = 10_000
	maxListed = 4 << 20
)

// bytes is how much the set's files hold.
func (s *set) bytes() int64 {
	n := s.closedBytes
	for _, f := range s.files {
		n += f.rows.Size()
	}
	return n
}

// cover takes a record's offset into the set, whether it is written or rejected.
func (s *set) cover(offset int64, now time.Time) {
	if s.empty() {
		s.first, s.fill.Begun = offset, now
	}
	s.last, s.fill.Touched = offset, now
	s.fill.Records++
}

// write adds a covered record to its file. An error is the storage's.
func (s *set) write(p prepared) error {
	if s.fill.Time.IsZero() {
		s.fill.Time = p.time
	}
	f := s.files[p.key]
	if f == nil {
		var err error
		if f, err = s.create(p.key); err != nil {
			return err
		}
	}
	if err := f.rows.Write(p.row); err != nil {
		return fmt.Errorf("write %s: %w", f.temp, err)
	}
	f.last, f.used = s.last, s.fill.Records
	f.records++
	return nil
}

func (s *set) create(k fileKey) (*dataFile, error) {
	if s.options.Registry != nil {
		if err := s.options.Registry.Reserve(k.topic); err != nil {
			return nil, &registryError{err}
		}
	}
	if len(s.files) > 0 && s.options.open.Load() >= int64(s.options.MaxOpenFiles) {
		if err := s.closeOldest(); err != nil {
			return nil, err
		}
	}
	folder, err := layout.Folder(k.topic)
	if err != nil {
		return nil, err
	}
	f := &dataFile{dir: path.Join(folder, k.dir), schema: k.schema, first: s.last}
	s.list(f)
	f.temp = fmt.Sprintf("%d-%d%s", s.last, len(s.closed)+len(s.files), s.options.Format.Ext())
	if f.out, err = s.claim.Create(f.temp); err != nil {
		return nil, err
	}
	s.files[k] = f
	s.options.opened(1)
	if f.rows, err = s.options.Format.Open(f.out, k.schema, format.Options{Codec: s.options.Codec}); err != nil {
		return nil, fmt.Errorf("begin %s: %w", f.temp, err)
	}
	return f, nil
}

// list counts what the manifest says about a file.
func (s *set) list(f *dataFile) {
	s.listed += int64(len(f.dir) + layout.MaxName + 100)
	if f.schema != nil && !s.schemas[f.schema] {
		s.schemas[f.schema] = true
		s.listed += int64(len(f.schema.Text))
	}
}

// closeOldest closes the file that was unused for longest. Later records of
// its directory open another.
func (s *set) closeOldest() error {
	var oldest fileKey
	for k, f := range s.files {
		if have := s.files[oldest]; have == nil || f.used < have.used {
			oldest = k
		}
	}
	f := s.files[oldest]
	delete(s.files, oldest)
	s.options.opened(-1)
	s.closed = append(s.closed, f)
	if err := f.close(); err != nil {
		return fmt.Errorf("close %s: %w", f.temp, err)
	}
	s.closedBytes += f.bytes
	return nil
}

// commit closes the files and commits the set, once all its dead letters are
// acknowledged.
func (s *set) commit(ctx context.Context) (claim.Set, error) {
	for len(s.files) > 0 {
		if err := s.closeOldest(); err != nil {
			return claim.Set{}, err
		}
	}
	if err := s.letters.wait(ctx); err != nil {
		return claim.Set{}, err
	}
	set := claim.Set{First: s.first, Last: s.last}
	slices.SortFunc(s.closed, func(a, b *dataFile) int { return cmp.Compare(a.first, b.first) })
	for _, f := range s.closed {
		name := s.options.Names.Name(s.tp, f.first, f.last, s.options.Format.Ext())
		if err := layout.CheckName(name); err != nil {
			return claim.Set{}, fmt.Errorf("file %s: %w: %w", name, err, errName)
		}
		cf := claim.File{Temp: f.temp, Path: path.Join(f.dir, name), Records: f.records, Bytes: f.bytes}
		if f.schema != nil {
			cf.Schema = schemaIndex(&set, f.schema.Text)
		}
		set.Files = append(set.Files, cf)
	}
	return set, s.claim.Commit(ctx, set)
}

func schemaIndex(set *claim.Set, text string) int {
	i := slices.Index(set.Schemas, text)
	if i < 0 {
		i = len(set.Schemas)
		set.Schemas = append(set.Schemas, text)
	}
	return i
}

// abort drops the open files.
func (s *set) abort() {
	for _, f := range s.files {
		f.out.Abort()
		s.options.opened(-1)
	}
}
