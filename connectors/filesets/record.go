package filesets

import (
	"errors"
	"fmt"
	"path"
	"strconv"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connectors/filesets/format"
	"github.com/suiro/suiro/connectors/filesets/layout"
	"github.com/suiro/suiro/connectors/filesets/names"
)

// prepared is a record that is ready to be written.
type prepared struct {
	key  fileKey
	time time.Time  // record time, zero when the rotation does not need it
	row  format.Row // valid until the next record is prepared
}

// maxSchema is the longest schema of a file, in bytes: the manifest of its set holds it.
const maxSchema = 1 << 20

var errNull = errors.New("the value is null, and a file has no place for that")

// The steps of preparing a record in which it can turn out to be bad.
const badNull, badTopic, badDecode, badPartition, badEncode = "null", "topic", "decode", "partition", "encode"

// badError is an error about a record.
type badError struct {
	reason string // one of the steps
	err    error
}

func (e *badError) Error() string { return e.err.Error() }
func (e *badError) Unwrap() error { return e.err }

// preparer decodes records, finds their directories and makes the rows of
// files. It belongs to one writer.
type preparer struct {
	options *Options
	encoder format.Encoder
	digits  int // that each of the two offsets in the name of a file may have
}

// newPreparer returns the preparer of a partition.
func newPreparer(o *Options, tp connect.TopicPartition) preparer {
	ext := o.Format.Ext()
	room := layout.MaxName - len(names.Names{Delim: o.Names.Delim}.Name(tp, 0, 0, ext)) + len("00")
	return preparer{options: o, encoder: o.Format.Encoder(o.Schemas), digits: room / 2}
}

// errLongName is about a record of a topic whose name leaves no room for offsets.
var errLongName = fmt.Errorf("the name of its file would be longer than the %d bytes that file systems take: %w",
	layout.MaxName, errName)

// fits reports whether the name of a file that begins or ends with this offset can be.
func (e *preparer) fits(offset int64) bool {
	const most = 20 // digits of an offset, and the most that it is padded to
	return e.digits >= most || e.digits >= max(e.options.Names.Pad, len(strconv.FormatInt(offset, 10)))
}

// prepare makes a record ready to be written. An error is about the record, or
// retriable.
func (e *preparer) prepare(r *connect.SinkRecord) (p prepared, err error) {
	if r.Value.IsNull() {
		return p, &badError{badNull, errNull}
	}
	if !e.fits(r.Offset) {
		return p, &badError{badTopic, errLongName}
	}
	folder, err := layout.Folder(r.Topic)
	if err != nil {
		return p, &badError{badTopic, fmt.Errorf("topic %.300q cannot name a folder: %w", r.Topic, err)}
	}
	_, value, err := r.Value.Decode()
	if err != nil {
		return p, &badError{badDecode, err}
	}
	if e.options.Rotation.Interval > 0 {
		p.time, _ = e.options.Time.Time(r, value) // a partitioner that needs it says what is wrong
	}
	dir, err := e.options.Layout.Dir(r, value)
	if err == nil {
		err = layout.CheckPath(path.Join(e.options.Root, folder, dir))
	}
	if err != nil {
		return p, &badError{badPartition, fmt.Errorf("choose the directory: %w", err)}
	}
	if p.row, err = e.encoder.Encode(&r.Value); err != nil {
		return p, &badError{badEncode, err}
	}
	if s := p.row.Schema; s != nil && len(s.Text) > maxSchema {
		return p, &badError{badEncode, fmt.Errorf("the schema has %d bytes, more than %d", len(s.Text), maxSchema)}
	}
	p.key = fileKey{topic: r.Topic, dir: dir, schema: p.row.Schema}
	return p, nil
}
