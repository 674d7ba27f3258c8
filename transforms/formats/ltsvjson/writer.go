package ltsvjson

import (
	"errors"

	"github.com/suiro/suiro/transforms/formats/ltsv"
)

// ErrEmpty is the error of a message that holds no record.
var ErrEmpty = errors.New("message holds no LTSV record")

// chunkSize is how much memory a Writer takes at a time, for lines that are not long.
const chunkSize = 64 << 10

// keptChunk is the largest piece of memory that a Writer keeps for another line, and
// keptObjects the longest list that it keeps for another message: there may be a Writer
// for each partition, and what the largest message took would be held as many times.
const (
	keptChunk   = 1 << 20
	keptObjects = 1 << 10
)

// Writer writes the JSON of many records into large pieces of memory, which is
// cheaper than an allocation for each. One goroutine uses it.
type Writer struct {
	encoder *Encoder
	chunk   []byte
	objects [][]byte
	order   order // of a line that was written before
	misses  int   // lines since then that had another one
}

// patience is how many lines must have another order before it is looked at.
const patience = 16

// NewWriter returns a Writer of what e makes of records.
func NewWriter(e *Encoder) *Writer { return &Writer{encoder: e} }

// Record returns the JSON object of the one record in line, which the Writer
// never touches again.
func (w *Writer) Record(line []byte) ([]byte, error) {
	room := 2*len(line) + 256
	if cap(w.chunk)-len(w.chunk) < room {
		w.chunk = make([]byte, 0, max(chunkSize, min(2*room, keptChunk), room))
	}
	start := len(w.chunk)
	chunk, err := w.append(line)
	if err == nil {
		w.chunk = chunk
	}
	if cap(w.chunk) > keptChunk {
		w.chunk = nil
	}
	if err != nil {
		return nil, err
	}
	return chunk[start:len(chunk):len(chunk)], nil
}

// append appends the object of a line to the chunk.
func (w *Writer) append(line []byte) ([]byte, error) {
	if chunk, ok := w.order.append(w.encoder, w.chunk, line); ok {
		w.misses = 0
		return chunk, nil
	}
	if w.misses++; w.order == nil || w.misses == patience {
		w.order, w.misses = orderOf(w.encoder, line), 0
	}
	return w.encoder.Append(w.chunk, line)
}

// Message returns the JSON objects of all records of a message, one for each line;
// or the first error, or ErrEmpty. The list is valid until the next call, the
// objects in it for as long as they are used.
func (w *Writer) Message(message []byte) ([][]byte, error) {
	clear(w.objects)
	objects := w.objects[:0]
	for line := range ltsv.Lines(message) {
		object, err := w.Record(line)
		if err != nil {
			return nil, err
		}
		objects = append(objects, object)
	}
	if cap(objects) <= keptObjects {
		w.objects = objects
	}
	if len(objects) == 0 {
		return nil, ErrEmpty
	}
	return objects, nil
}
