package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
)

// batchBytes bounds what one poll returns beside batch.size.
const batchBytes = 4 << 20

var _ connect.SourceTask = (*SourceTask)(nil)

// SourceTask reads one file. See the package for what it does at its end.
type SourceTask struct {
	settings
	tc        connect.SourceContext
	stdin     *standardInput
	interval  time.Duration
	partition map[string]any

	in       *input      // nil while the file does not exist
	lines    *lineReader // of in, or of the standard input
	position int64       // where to open the file
	rejected *line       // to be rejected by the next poll, after the records before it
	replaced time.Time   // when the file was seen to be done with after a rotation
	ended    bool
}

// Start finds the position to go on at. A file that is followed may not exist
// yet.
func (t *SourceTask) Start(ctx context.Context, tc connect.SourceContext, v config.Values) (err error) {
	t.settings = newSettings(v)
	t.tc, t.interval = tc, v.Millis("poll.interval.ms")
	t.partition = map[string]any{"filename": t.path}
	offset, err := tc.Offset(ctx, t.partition)
	if err != nil {
		return err
	}
	t.position, err = positionOf(offset)
	if err != nil {
		return fmt.Errorf("kept offset of %s: %w", t.settings, err)
	}
	if t.path == "-" {
		t.lines, err = t.stdin.open(t.position, t.maxLine)
		return err
	}
	err = t.open()
	if errors.Is(err, fs.ErrNotExist) && !t.stop {
		tc.Logger().Warn("file does not exist yet", "file", t.path)
		return nil
	}
	return err
}

func positionOf(offset map[string]any) (int64, error) {
	switch v := offset["position"].(type) {
	case nil:
		return 0, nil
	case int64:
		if v >= 0 {
			return v, nil
		}
	}
	return 0, fmt.Errorf("position %v is not a number of bytes", offset["position"])
}

// open opens the file at the position.
func (t *SourceTask) open() error {
	in, moved, err := openInput(t.path, t.position, t.maxLine)
	if err != nil {
		return fmt.Errorf("open the source file: %w", err)
	}
	if moved != "" {
		t.tc.Logger().Warn("kept position is given up, the file is read from its beginning",
			"file", t.path, "position", t.position, "reason", moved)
	}
	t.in, t.lines = in, in.lineReader
	return nil
}

// Poll returns the next lines. A line to reject comes in a poll of its own, so
// that the offsets of the lines before it are on their way first.
func (t *SourceTask) Poll(ctx context.Context) ([]*connect.SourceRecord, error) {
	deadline := time.Now().Add(time.Second)
	for {
		if err := t.reject(ctx); err != nil {
			return nil, err
		}
		records, err := t.batch()
		if len(records) > 0 || err != nil || t.rejected != nil {
			return records, err
		}
		if t.ended {
			return nil, connect.ErrEndOfInput
		}
		if !wait(ctx, t.interval) || time.Now().After(deadline) {
			return nil, nil
		}
	}
}

// wait returns false when ctx is done.
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

// batch reads lines until there are enough, one is too long, or there is
// nothing more for now.
func (t *SourceTask) batch() ([]*connect.SourceRecord, error) {
	var records []*connect.SourceRecord
	for size := 0; len(records) < t.batchSize && size < batchBytes; {
		l, ok, err := t.next()
		if err != nil {
			return records, err
		}
		if !ok {
			break
		}
		if l.tooLong {
			t.rejected = &l
			break
		}
		records = append(records, t.record(l))
		size += len(l.text)
	}
	return records, nil
}

// next returns the next line; ok is false when there is none for now.
func (t *SourceTask) next() (l line, ok bool, err error) {
	if t.ended {
		return line{}, false, nil
	}
	if t.lines == nil {
		if err := t.open(); errors.Is(err, fs.ErrNotExist) {
			return line{}, false, nil
		} else if err != nil {
			return line{}, false, err
		}
	}
	l, err = t.lines.read()
	switch {
	case err == nil:
		return l, true, nil
	case isWaiting(err):
		return line{}, false, nil
	case errors.Is(err, io.ErrUnexpectedEOF):
		return line{}, false, fmt.Errorf("read %s at byte %d of its text: the gzip data is cut off: put the whole file there: %w",
			t.settings, t.lines.pos, err)
	case !errors.Is(err, io.EOF):
		return line{}, false, fmt.Errorf("read %s at byte %d: %w", t.settings, t.lines.pos, err)
	}
	return t.atEnd()
}

// atEnd decides what the end of the input means.
func (t *SourceTask) atEnd() (l line, ok bool, err error) {
	if t.stop || t.in == nil || t.in.finite {
		t.ended = true
		l, ok = t.lines.rest()
		return l, ok, nil
	}
	switch change, err := t.in.changed(t.path); {
	case err != nil:
		return line{}, false, fmt.Errorf("look at %s: %w", t.settings, err)
	case change == unchanged:
		t.replaced = time.Time{}
		return line{}, false, nil
	case change == truncated:
		t.tc.Logger().Warn("file was truncated and is read from its beginning", "file", t.path, "position", t.lines.begin)
		return line{}, false, t.reopen()
	case t.replaced.IsZero():
		t.replaced = time.Now()
	}
	// What writes may still have the old file open, so it is read on until
	// nothing has come for a while since there is something in the new one.
	l, err = t.lines.read()
	switch {
	case err == nil:
		t.replaced = time.Time{}
		return l, true, nil
	case !errors.Is(err, io.EOF):
		return line{}, false, fmt.Errorf("read %s: %w", t.settings, err)
	case time.Since(t.replaced) < t.interval:
		return line{}, false, nil
	}
	t.tc.Logger().Info("file was rotated", "file", t.path, "position", t.lines.pos)
	l, ok = t.lines.rest()
	if ok {
		l.end = 0 // the record's offset is the new file's beginning
	}
	return l, ok, t.reopen()
}

// reopen begins with the file that has the name now.
func (t *SourceTask) reopen() error {
	_ = t.in.file.Close() // nothing was written
	t.in, t.lines, t.position, t.replaced = nil, nil, 0, time.Time{}
	if err := t.open(); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// record makes a record of a line.
func (t *SourceTask) record(l line) *connect.SourceRecord {
	return &connect.SourceRecord{
		Record: connect.Record{Topic: t.topic, Partition: -1,
			Value: connect.Undecoded(t.topic, l.text, text{})},
		SourcePartition: t.partition,
		SourceOffset:    map[string]any{"position": l.end},
	}
}

// reject hands over the line that is too long, if there is one.
func (t *SourceTask) reject(ctx context.Context) error {
	if t.rejected == nil {
		return nil
	}
	l := *t.rejected
	reason := &connect.Reason{
		Err: fmt.Errorf("line of %s at bytes %d to %d is %d bytes long, line.max.bytes is %d",
			t.settings, l.begin, l.begin+l.size, l.size, t.maxLine),
		Headers: map[string]string{
			"file.line.begin": strconv.FormatInt(l.begin, 10),
			"file.line.end":   strconv.FormatInt(l.begin+l.size, 10),
		},
	}
	if err := t.tc.Reject(ctx, t.record(l), reason); err != nil {
		return err
	}
	t.rejected = nil
	return nil
}

// Committed has nothing to do: a file does not need to know.
func (*SourceTask) Committed(_, _ map[string]any) {}

// Stop closes the file.
func (t *SourceTask) Stop() error {
	if t.in == nil {
		return nil
	}
	err := t.in.file.Close()
	t.in = nil
	return err
}

var _ connect.Converter = text{}

// text keeps lines as bytes until someone wants a string.
type text struct{}

func (text) Format() string { return connect.FormatString }

func (text) ToConnect(_ string, raw []byte) (*data.Schema, any, error) {
	return stringSchema, string(raw), nil
}

func (text) FromConnect(_ string, _ *data.Schema, v any) ([]byte, error) {
	return fmt.Append(nil, v), nil
}

var stringSchema = &data.Schema{Kind: data.String}
