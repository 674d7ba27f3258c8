package file

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/connectors/file/internal/lines"
	"github.com/suiro/suiro/connectors/file/internal/members"
)

// batchBytes is the most bytes that one poll returns, whatever batch.size allows.
const batchBytes = 4 << 20

var _ connect.SourceTask = (*SourceTask)(nil)

// SourceTask reads one file. The package doc says what it does at the end.
type SourceTask struct {
	settings
	tc        connect.SourceContext
	stream    *stream // nil when the input is a file
	counts    *counts
	partition map[string]any

	in       lineInput
	rejected *lines.Line // to be rejected by the next poll, after the records before it
	block    []record    // for the next records
	expected int         // how many lines the next batch may have, as many as the one before
}

// lineInput is what lines come from: a [follower] or a [stream].
type lineInput interface {
	// next returns the next line; ok is false when there is none yet. The error is
	// members.ErrBusy when a call with the same effect would go on reading.
	next(ctx context.Context) (l lines.Line, ok bool, err error)
	// done reports whether there will never be another line.
	done() bool
	close() error
}

// Start finds the position to continue from. A file that is to be followed need not
// exist yet.
func (t *SourceTask) Start(ctx context.Context, tc connect.SourceContext, v config.Values) error {
	t.settings, t.tc, t.counts = newSettings(v), tc, newCounts(tc.Metrics())
	t.partition = map[string]any{"filename": t.Path}
	offset, err := tc.Offset(ctx, t.partition)
	if err != nil {
		return err
	}
	p, err := placeOf(offset)
	if err != nil {
		return fmt.Errorf("kept offset of file %s: %w: stop the connector and delete its offsets", t.Path, err)
	}
	if t.stream != nil {
		t.in = t.stream
		return t.stream.open(p, t.MaxLine)
	}
	f := newFollower(t.settings, tc.Logger(), t.counts)
	t.in = f
	return f.start(ctx, p)
}

// Poll returns the next lines. A line that is too long is rejected in the poll
// after the one that returns the lines before it, so that it keeps its place in the
// order.
func (t *SourceTask) Poll(ctx context.Context) ([]*connect.SourceRecord, error) {
	deadline := time.Now().Add(time.Second)
	for {
		if err := t.reject(ctx); err != nil {
			return nil, err
		}
		records, err := t.batch(ctx)
		if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
			return records, nil // the next call begins again what this one left
		}
		busy := errors.Is(err, members.ErrBusy)
		if len(records) > 0 || err != nil && !busy || t.rejected != nil {
			return records, notBusy(err)
		}
		if t.in.done() {
			return nil, connect.ErrEndOfInput
		}
		if !busy && !wait(ctx, t.Interval) || ctx.Err() != nil || time.Now().After(deadline) {
			return nil, nil
		}
	}
}

// notBusy is an error that is not members.ErrBusy.
func notBusy(err error) error {
	if errors.Is(err, members.ErrBusy) {
		return nil
	}
	return err
}

// wait waits for poll.interval.ms, and returns false when ctx is done.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// batch reads lines until there are enough, until one is too long, or until there
// are no more yet.
func (t *SourceTask) batch(ctx context.Context) ([]*connect.SourceRecord, error) {
	records, size := make([]*connect.SourceRecord, 0, t.expected), 0
	defer func() {
		t.expected = len(records)
		t.counts.lines.Add(float64(len(records)))
		t.counts.bytes.Add(float64(size))
	}()
	for len(records) < t.BatchSize && size < batchBytes {
		l, ok, err := t.in.next(ctx)
		if err != nil {
			return records, err
		}
		if !ok {
			break
		}
		if l.TooLong {
			t.rejected = &l
			break
		}
		records = append(records, t.record(l, len(records)))
		size += len(l.Text)
	}
	if f, ok := t.in.(*follower); ok {
		t.counts.unread.Set(float64(f.in.unread()))
	}
	return records, nil
}

// record returns the record of a line, which comes after others in its batch.
func (t *SourceTask) record(l lines.Line, before int) *connect.SourceRecord {
	if len(t.block) == 0 {
		t.block = make([]record, min(blockSize, before+1))
	}
	r := &t.block[0]
	t.block = t.block[1:]
	r.Topic, r.Value = t.Topic, connect.Undecoded(t.Topic, l.Text, text{})
	r.after = after{l.End, l.File}
	r.SourcePartition, r.Position = t.partition, &r.after
	return &r.SourceRecord
}

// record is allocated with its position.
type record struct {
	connect.SourceRecord
	after after
}

var _ connect.Position = (*after)(nil)

// after is the position after a line, of which the source offset is made: as a map for
// each line it would take more memory than the line.
type after struct {
	position int64
	file     *lines.File
}

// SourceOffset returns the offset that is kept.
func (a *after) SourceOffset() map[string]any {
	if a.file == nil {
		return map[string]any{"position": a.position}
	}
	return map[string]any{"position": a.position, "inode": a.file.Inode, "head": a.file.Head}
}

// blockSize is how many records are allocated at a time, at most.
const blockSize = 32

// reject rejects the line that is too long, if there is one.
func (t *SourceTask) reject(ctx context.Context) error {
	if t.rejected == nil {
		return nil
	}
	l := *t.rejected
	reason := &connect.Reason{
		Err: fmt.Errorf("line of file %s at bytes %d to %d is %d bytes long, line.max.bytes is %d",
			t.Path, l.Begin, l.Begin+l.Size, l.Size, t.MaxLine),
		Headers: map[string]string{
			"file.line.begin": strconv.FormatInt(l.Begin, 10),
			"file.line.end":   strconv.FormatInt(l.Begin+l.Size, 10),
		},
	}
	if err := t.tc.Reject(ctx, t.record(l, 0), reason); err != nil {
		return err
	}
	t.counts.rejected.Inc()
	t.rejected = nil
	return nil
}

// Committed has nothing to do: a file needs no acknowledgement.
func (*SourceTask) Committed(_, _ map[string]any) {}

// Stop closes the file.
func (t *SourceTask) Stop() error {
	if t.in == nil {
		return nil
	}
	return t.in.close()
}

var _ connect.Converter = text{}

// text is a converter that keeps a line as bytes until it is decoded to a string.
type text struct{}

func (text) Format() string { return connect.FormatString }

func (text) ToConnect(_ string, raw []byte) (*data.Schema, any, error) {
	return stringSchema, string(raw), nil
}

func (text) FromConnect(_ string, _ *data.Schema, v any) ([]byte, error) {
	return fmt.Append(nil, v), nil
}

var stringSchema = &data.Schema{Kind: data.String}
