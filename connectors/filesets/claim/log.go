package claim

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/suiro/suiro/connectors/filesets/layout"
	"github.com/suiro/suiro/connectors/filesets/storage"
)

// maxFenceRounds bounds how often a take-over looks for claims made meanwhile.
const maxFenceRounds = 10

// ErrFenced is returned when the claim is gone: another writer took the
// partition over. Nothing was committed by the call that returned it.
var ErrFenced = errors.New("another writer took the partition over; if that goes on, two connectors share topics.dir")

// ErrUnreadable is returned by a take-over when a committed set that it has to
// read is damaged, was written by a later version, or is not one that this log can
// have. A person has to look. Nothing was moved or removed because of it.
var ErrUnreadable = errors.New(
	"restore this committed set, run the program that wrote it, or move it away if it is not of this connector")

// Log is the committed sets of one partition.
type Log struct {
	// Contents makes Take read what the sets say that are done. Without it they
	// have First and Last only, which are in their names.
	Contents bool

	st        storage.Storage
	root      string
	topic     string
	folder    string // the topic's
	partition int32
	scan      func() (next int64, ok bool, err error)
}

// NewLog returns the log of a partition below root. scan finds the offset to
// go on from when no set was ever committed, for instance in the names of
// files that another program wrote; nil finds none.
func NewLog(st storage.Storage, root, topic string, partition int32, scan func() (int64, bool, error)) *Log {
	if scan == nil {
		scan = func() (int64, bool, error) { return 0, false, nil }
	}
	folder, err := layout.Folder(topic)
	if err != nil {
		folder = "" // no topic of Kafka is such; Take says so
	}
	return &Log{st: st, root: root, topic: topic, folder: folder, partition: partition, scan: scan}
}

func (l *Log) tmp(elem ...string) string {
	return path.Join(append([]string{l.root, "+tmp", l.folder, fmt.Sprint(l.partition)}, elem...)...)
}

func (l *Log) commits(elem ...string) string {
	return path.Join(append([]string{l.root, "+commits", l.folder, fmt.Sprint(l.partition)}, elem...)...)
}

// Take makes a new claim, fences all others, brings what they committed to its
// end and returns the claim. ErrFenced means that another writer did the same
// at the same time. Any error leaves nothing to clean up: take again.
//
// The order is the fence: the claim exists before the others are listed, and
// they are gone before the log is read. So of two writers the later one fences
// the earlier before it reads, and whatever the earlier committed it reads.
func (l *Log) Take(ctx context.Context) (*Claim, error) {
	if l.folder == "" {
		return nil, fmt.Errorf("take over partition %d of topic %q: no folder can have that name: %w", l.partition, l.topic,
			storage.ErrRefused)
	}
	c := &Claim{log: l, id: rand.Text(), made: map[string]bool{}}
	for _, do := range []func(context.Context) error{c.create, c.fence, c.disarm, c.read, c.sweep} {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := do(ctx); err != nil {
			return nil, fmt.Errorf("take over %s-%d in %s: %w", l.topic, l.partition, l.root, err)
		}
	}
	return c, nil
}

// create makes the claim's directory by renaming one: a rename happens at most
// once, so no request that a network delivers late can make the claim again
// after it was fenced.
func (c *Claim) create(context.Context) error {
	l := c.log
	for _, dir := range []string{l.tmp("new", c.id), l.tmp("live"), l.tmp("fenced"), l.commits()} {
		if err := l.st.MkdirAll(dir); err != nil {
			return err
		}
	}
	return l.st.Rename(l.tmp("new", c.id), c.path())
}

// fence moves every other claim away until it is alone.
func (c *Claim) fence(ctx context.Context) error {
	l := c.log
	for range maxFenceRounds {
		others, own, err := c.others()
		if err != nil {
			return err
		}
		if !own {
			return ErrFenced
		}
		if len(others) == 0 {
			return nil
		}
		for _, id := range others {
			err := l.st.Rename(l.tmp("live", id), l.tmp("fenced", id))
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return fmt.Errorf("other writers keep claiming the partition: do two connectors share %s?", l.root)
}

// maxClaims bounds how many claims of other writers are handled at a time. More are
// handled later.
const maxClaims = 10_000

// others lists the other live claims.
func (c *Claim) others() (ids []string, own bool, err error) {
	for e, err := range c.log.st.List(c.log.tmp("live")) {
		if err != nil {
			return nil, false, err
		}
		switch {
		case e.Name == c.id:
			own = true
		case isClaim(e) && len(ids) < maxClaims:
			ids = append(ids, e.Name)
		}
	}
	return ids, own, nil
}

// disarm removes the sets that fenced claims have not committed. An operating
// system looks the directories of a rename up before it locks them: a commit
// under way while its claim is moved could happen after the move. It cannot
// happen after its set is gone, and a new set cannot be made, because that
// takes another look at the path.
//
// Because disarm goes before read, all that these claims ever committed is
// read, and once that is finished nobody needs them.
func (c *Claim) disarm(ctx context.Context) error {
	for e, err := range c.log.st.List(c.log.tmp("fenced")) {
		switch {
		case err != nil:
			return err
		case e.Name == c.id:
			return ErrFenced
		case ctx.Err() != nil:
			return ctx.Err()
		case !isClaim(e):
			continue
		}
		if err := c.disarmOne(c.log.tmp("fenced", e.Name)); err != nil {
			return err
		}
		if len(c.swept) < maxClaims {
			c.swept = append(c.swept, e.Name)
		}
	}
	return nil
}

// disarmOne removes the sets in the directory of a fenced claim.
func (c *Claim) disarmOne(dir string) error {
	for f, err := range c.log.st.List(dir) {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		if !strings.HasPrefix(f.Name, setPrefix) {
			continue
		}
		if err := c.log.st.Remove(path.Join(dir, f.Name)); err != nil {
			return err
		}
	}
	return nil
}

// read finds where the log ends and finishes its last set.
func (c *Claim) read(ctx context.Context) error {
	l, err := c.log, c.load(ctx)
	if err != nil {
		return err
	}
	if n := len(c.refs); n > 0 {
		c.next, c.known = c.refs[n-1].last+1, true
		return nil
	}
	c.next, c.known, err = l.scan()
	return err
}

// load lists the sets and reads those that matter. A set may be renamed or forgotten by a fenced
// writer at any moment, so what vanished is looked for again.
func (c *Claim) load(ctx context.Context) error {
	for range maxFenceRounds {
		refs, err := c.log.list()
		if err != nil {
			return err
		}
		c.refs, c.sets = refs, nil
		err = c.loadAll(ctx)
		if !errors.Is(err, errVanished) {
			return err
		}
	}
	return fmt.Errorf("sets in %s keep vanishing: does another program clean up there?", c.log.commits())
}

var errVanished = errors.New("set vanished while it was read")

func (c *Claim) loadAll(ctx context.Context) error {
	for i := range c.refs {
		r := &c.refs[i]
		if r.state == done && !c.log.Contents {
			c.sets = append(c.sets, Set{First: r.first, Last: r.last})
			continue
		}
		set, err := c.log.manifest(*r)
		if err != nil {
			return err
		}
		if r.state == pending {
			if err := c.finish(ctx, set); err != nil {
				return err
			}
			r.state = done
		}
		c.sets = append(c.sets, set)
	}
	return nil
}

// manifest reads a committed set.
func (l *Log) manifest(r ref) (Set, error) {
	name := l.commits(r.name())
	data, err := l.st.ReadFile(name, maxManifest)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Set{}, errVanished
	case errors.Is(err, storage.ErrUnfit):
		return Set{}, fmt.Errorf("%w: %w", ErrUnreadable, err)
	case err != nil:
		return Set{}, fmt.Errorf("read committed set %s: %w", name, err)
	}
	set, err := l.decode(r, data)
	if err != nil {
		return Set{}, fmt.Errorf("%w: %s: %w", ErrUnreadable, name, err)
	}
	return set, nil
}

// maxSets bounds the committed sets of a log: those that a registry does not know
// yet, and the last.
const maxSets = 1 << 20

// list returns the committed sets by offset. It reads the directory twice: a
// listing may show neither name of a set that a fenced writer marks done
// meanwhile, but that happens to a set once. Of one that is listed under both
// names the finished one counts.
func (l *Log) list() ([]ref, error) {
	var refs []ref
	for range 2 {
		for e, err := range l.st.List(l.commits()) {
			if err != nil {
				return nil, err
			}
			r, is, err := parseRef(e)
			if err != nil {
				return nil, fmt.Errorf("%w: %s: %w", ErrUnreadable, l.commits(e.Name), err)
			}
			if is {
				refs = append(refs, r)
			}
			if len(refs) > 2*maxSets {
				return nil, fmt.Errorf("%w: %s holds more than %d sets", ErrUnreadable, l.commits(), maxSets)
			}
		}
	}
	slices.SortFunc(refs, func(a, b ref) int {
		return cmp.Or(cmp.Compare(a.first, b.first), cmp.Compare(a.last, b.last), cmp.Compare(a.state, b.state))
	})
	refs = slices.CompactFunc(refs, func(a, b ref) bool { return a.first == b.first && a.last == b.last })
	for i := 1; i < len(refs); i++ {
		if refs[i].first <= refs[i-1].last {
			return nil, fmt.Errorf("%w: %s begins before the end of %s", ErrUnreadable, l.commits(refs[i].name()),
				refs[i-1].name())
		}
	}
	return refs, nil
}

// End returns where the log ends, as Take would find it, and takes nothing over: known is
// false while there is neither a set nor a file.
func (l *Log) End() (end int64, known bool, err error) {
	refs, err := l.list()
	if err != nil || len(refs) == 0 {
		if errors.Is(err, fs.ErrNotExist) || err == nil {
			return l.scan()
		}
		return 0, false, err
	}
	return refs[len(refs)-1].last + 1, true, nil
}

// sweep removes the fenced claims that read found. It is tidiness only: what
// stays is swept by the next take-over.
func (c *Claim) sweep(context.Context) error {
	for _, id := range c.swept {
		if err := c.log.st.Remove(c.log.tmp("fenced", id)); err != nil {
			return nil
		}
	}
	for e, err := range c.log.st.List(c.log.tmp("new")) {
		if err != nil {
			return nil
		}
		if !isClaim(e) {
			continue
		}
		if err := c.log.st.Remove(c.log.tmp("new", e.Name)); err != nil {
			return nil
		}
	}
	return nil
}
