package verify

import (
	"context"
	"fmt"
	"io"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// maxOffenders is how many offenders a Result lists.
const maxOffenders = 20

// Check says what a topic must hold.
type Check struct {
	// Topic is the topic to read.
	Topic string
	// Records is N: the ids are 0 to N-1.
	Records int64
	// ID takes the id from a record's value; see [IDOf].
	ID func(value []byte) (int64, error)
	// AtLeastOnce allows an id more than once. Default: once only.
	AtLeastOnce bool
}

// Result is what a topic holds.
type Result struct {
	Check
	// Committed is how many records a reader of committed records sees.
	Committed int64
	// Uncommitted is how many records of aborted transactions are left.
	Uncommitted int64
	// Distinct, Duplicates and Missing count ids; Duplicates counts the records
	// after the first of an id.
	Distinct, Duplicates, Missing int64
	// Foreign is how many records have no id from 0 to N-1.
	Foreign int64
	// Offenders are the first of the bad records, in words.
	Offenders []string
}

type position struct {
	partition int32
	offset    int64
}

// Run reads the topic and counts.
func (c Check) Run(ctx context.Context, opts []kgo.Opt) (*Result, error) {
	cl, err := kgo.NewClient(opts...)
	if err != nil {
		return nil, err
	}
	defer cl.Close()
	ranges, err := Ends(ctx, kadm.NewClient(cl), c.Topic)
	if err != nil {
		return nil, err
	}
	r := &Result{Check: c}
	first := make([]position, c.Records)
	err = Read(ctx, opts, c.Topic, ranges, kgo.ReadCommitted(), func(rec *kgo.Record) { r.count(rec, first) })
	if err != nil {
		return nil, err
	}
	all := int64(0)
	if err := Read(ctx, opts, c.Topic, ranges, kgo.ReadUncommitted(), func(*kgo.Record) { all++ }); err != nil {
		return nil, err
	}
	r.Uncommitted = all - r.Committed
	r.missing(first)
	return r, nil
}

func (r *Result) count(rec *kgo.Record, first []position) {
	r.Committed++
	id, err := r.ID(rec.Value)
	switch {
	case err != nil:
		r.Foreign++
		r.offend("%s[%d]@%d has no id: %v", rec.Topic, rec.Partition, rec.Offset, err)
	case id < 0 || id >= r.Records:
		r.Foreign++
		r.offend("%s[%d]@%d has id %d, which was never written", rec.Topic, rec.Partition, rec.Offset, id)
	case first[id].offset == 0:
		r.Distinct++
		first[id] = position{rec.Partition, rec.Offset + 1}
	default:
		r.Duplicates++
		if !r.AtLeastOnce {
			r.offend("%s[%d]@%d has id %d, which is at [%d]@%d already",
				rec.Topic, rec.Partition, rec.Offset, id, first[id].partition, first[id].offset-1)
		}
	}
}

func (r *Result) missing(first []position) {
	for id, p := range first {
		if p.offset == 0 {
			r.Missing++
			r.offend("id %d is missing", id)
		}
	}
}

func (r *Result) offend(format string, args ...any) {
	if len(r.Offenders) < maxOffenders {
		r.Offenders = append(r.Offenders, fmt.Sprintf(format, args...))
	}
}

// Err returns nil when everything is there, and as often as it may be.
func (r *Result) Err() error {
	if r.Missing == 0 && r.Foreign == 0 && (r.Duplicates == 0 || r.AtLeastOnce) {
		return nil
	}
	return fmt.Errorf("%s: %d missing, %d duplicates and %d foreign records among %d, want ids 0 to %d",
		r.Topic, r.Missing, r.Duplicates, r.Foreign, r.Committed, r.Records-1)
}

// Print writes the totals and the offenders.
func (r *Result) Print(w io.Writer) {
	fmt.Fprintf(w, "%s: %d committed records, %d distinct of %d, %d duplicates, %d missing, %d foreign; %d aborted\n",
		r.Topic, r.Committed, r.Distinct, r.Records, r.Duplicates, r.Missing, r.Foreign, r.Uncommitted)
	for _, o := range r.Offenders {
		fmt.Fprintln(w, "  "+o)
	}
}
