package filesets

import (
	"errors"
	"fmt"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connectors/filesets/format"
	"github.com/suiro/suiro/connectors/filesets/layout"
)

// prepared is a record that is ready to be written.
type prepared struct {
	key  fileKey
	time time.Time  // record time, zero when the rotation does not need it
	row  format.Row // valid until the next record is prepared
}

var errNull = errors.New("the value is null, and a file has no place for that")

// preparer decodes records, finds their directories and makes the rows of
// files. It belongs to one writer.
type preparer struct {
	options *Options
	encoder format.Encoder
}

// prepare makes a record ready to be written. An error is about the record, or
// retriable.
func (e *preparer) prepare(r *connect.SinkRecord) (p prepared, err error) {
	if r.Value.IsNull() {
		return p, errNull
	}
	if err := layout.CheckName(r.Topic); err != nil || r.Topic[0] == '+' {
		return p, fmt.Errorf("topic %q cannot name a folder", r.Topic)
	}
	_, value, err := r.Value.Decode()
	if err != nil {
		return p, err
	}
	if e.options.Rotation.Interval > 0 {
		p.time, _ = e.options.Time.Time(r, value) // a partitioner that needs it says what is wrong
	}
	dir, err := e.options.Layout.Dir(r, value)
	if err != nil {
		return p, fmt.Errorf("choose the directory: %w", err)
	}
	if p.row, err = e.encoder.Encode(&r.Value); err != nil {
		return p, err
	}
	p.key = fileKey{topic: r.Topic, dir: dir, schema: p.row.Schema}
	return p, nil
}
