package ltsvjson

import (
	"errors"

	"github.com/suiro/suiro/transforms/formats/ltsv"
)

// ErrEmpty is the error of a message that holds no record.
var ErrEmpty = errors.New("message holds no LTSV record")

// chunkSize is how much memory a Writer takes at a time.
const chunkSize = 64 << 10

// Writer writes the JSON of many records into large pieces of memory, which is
// cheaper than an allocation for each. One goroutine uses it.
type Writer struct {
	encoder *Encoder
	chunk   []byte
	objects [][]byte
}

// NewWriter returns a Writer of what e makes of records.
func NewWriter(e *Encoder) *Writer { return &Writer{encoder: e} }

// Record returns the JSON object of the one record in line, which the Writer
// never touches again.
func (w *Writer) Record(line []byte) ([]byte, error) {
	if cap(w.chunk)-len(w.chunk) < 2*len(line)+256 {
		w.chunk = make([]byte, 0, max(chunkSize, 4*len(line)))
	}
	start := len(w.chunk)
	chunk, err := w.encoder.Append(w.chunk, line)
	if err != nil {
		return nil, err
	}
	w.chunk = chunk
	return chunk[start:len(chunk):len(chunk)], nil
}

// Message returns the JSON objects of all records of a message, one for each line;
// or the first error, or ErrEmpty. The list is valid until the next call, the
// objects in it for as long as they are used.
func (w *Writer) Message(message []byte) ([][]byte, error) {
	w.objects = w.objects[:0]
	for line := range ltsv.Lines(message) {
		object, err := w.Record(line)
		if err != nil {
			return nil, err
		}
		w.objects = append(w.objects, object)
	}
	if len(w.objects) == 0 {
		return nil, ErrEmpty
	}
	return w.objects, nil
}
