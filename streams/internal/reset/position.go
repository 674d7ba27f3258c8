package reset

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
)

// Position is where an app begins to read its input topics. The zero value is the
// beginning of each partition.
type Position struct {
	kind kind
	n    int64 // an offset, a number of records, or milliseconds since 1970
}

type kind int

const (
	earliest kind = iota
	latest
	datetime
	offset
	shift
)

// Earliest is the beginning of each partition.
func Earliest() Position { return Position{kind: earliest} }

// Latest is the end of each partition.
func Latest() Position { return Position{kind: latest} }

// At is the first record of each partition with a timestamp of t or later, and the end
// when there is none.
func At(t time.Time) Position { return Position{kind: datetime, n: t.UnixMilli()} }

// Offset is this offset in each partition, or what of the partition is nearest to it.
func Offset(n int64) Position { return Position{kind: offset, n: n} }

// Shift is so many records behind the committed offset of each partition, or before it
// when n is negative; at most to the end or the beginning. A partition without a
// committed offset has its beginning for it.
func Shift(n int64) Position { return Position{kind: shift, n: n} }

// bounds are the beginning and the end of each partition.
type bounds struct{ start, end kadm.ListedOffsets }

func listBounds(ctx context.Context, adm *kadm.Client, topics []string) (b bounds, err error) {
	if b.start, err = adm.ListStartOffsets(ctx, topics...); err == nil {
		err = b.start.Error()
	}
	if err == nil {
		b.end, err = adm.ListEndOffsets(ctx, topics...)
	}
	if err == nil {
		err = b.end.Error()
	}
	if err != nil {
		return b, fmt.Errorf("list the offsets of the input topics: %w", err)
	}
	return b, nil
}

// moves returns the new offset of each partition of the topics.
func (p Position) moves(ctx context.Context, adm *kadm.Client, topics []string, committed kadm.OffsetResponses) (
	[]Move, error) {
	if len(topics) == 0 {
		return nil, nil
	}
	b, err := listBounds(ctx, adm, topics)
	if err != nil {
		return nil, err
	}
	var found kadm.ListedOffsets
	if p.kind == datetime {
		found, err = adm.ListOffsetsAfterMilli(ctx, p.n, topics...)
		if err == nil {
			err = found.Error()
		}
		if err != nil {
			return nil, fmt.Errorf("list the offsets of %v: %w", time.UnixMilli(p.n), err)
		}
	}
	var out []Move
	b.start.Each(func(start kadm.ListedOffset) {
		end, _ := b.end.Lookup(start.Topic, start.Partition)
		m := Move{Topic: start.Topic, Partition: start.Partition, From: none}
		if o, ok := committed.Lookup(m.Topic, m.Partition); ok {
			m.From = o.At
		}
		at, _ := found.Lookup(m.Topic, m.Partition)
		m.To = min(max(p.of(m, start.Offset, end.Offset, at.Offset), start.Offset), end.Offset)
		out = append(out, m)
	})
	return out, nil
}

// of returns the wanted offset of a partition, which may be outside of it.
func (p Position) of(m Move, start, end, found int64) int64 {
	switch p.kind {
	case latest:
		return end
	case datetime:
		return found
	case offset:
		return p.n
	case shift:
		return max(m.From, start) + p.n
	}
	return start
}
