package format

import "bytes"

// RecordContext is where a buffered record came from (Kafka Streams'
// ProcessorRecordContext).
//
//	8 bytes timestamp | 8 bytes offset | sized topic | 4 bytes partition |
//	4 bytes number of headers | for each: sized key | sized value
//
// Sized is four bytes of length, -1 for nil, and the bytes.
type RecordContext struct {
	// Timestamp is the record's, in milliseconds since 1970.
	Timestamp int64
	// Offset is the record's.
	Offset int64
	// Topic is the record's.
	Topic string
	// Partition is the record's.
	Partition int32
	// Headers are the record's.
	Headers []Header
}

// Header is a header of a record.
type Header struct {
	// Key is its name.
	Key string
	// Value may be nil.
	Value []byte
}

// Append appends the bytes of c.
func (c RecordContext) Append(dst []byte) []byte {
	dst = appendInt64(appendInt64(dst, c.Timestamp), c.Offset)
	dst = append(appendInt32(dst, int32(len(c.Topic))), c.Topic...)
	dst = appendInt32(appendInt32(dst, c.Partition), int32(len(c.Headers)))
	for _, h := range c.Headers {
		dst = append(appendInt32(dst, int32(len(h.Key))), h.Key...)
		dst = appendSized(dst, h.Value)
	}
	return dst
}

func readContext(r *reader) RecordContext {
	c := RecordContext{Timestamp: r.int64(), Offset: r.int64()}
	c.Topic = string(r.take(int(r.int32())))
	c.Partition = r.int32()
	n := r.int32()
	if n == -1 { // as versions before 2.3 wrote none
		return c
	}
	if r.err == nil && (n < 0 || int(n) > len(r.data)/8) { // each has two lengths
		r.err = damaged(r.what, "it cannot have %d headers in %d bytes", n, len(r.data))
	}
	for i := int32(0); i < n && r.err == nil; i++ {
		c.Headers = append(c.Headers, Header{Key: string(r.take(int(r.int32()))), Value: r.sized()})
	}
	return c
}

// BufferVersionHeader is the header of a changelog record of a suppression that says the
// version of its value. Its value is one byte.
const BufferVersionHeader = "v"

// BufferVersion is the version that [Buffered.Append] writes.
const BufferVersion = 3

// Buffered is an update that a suppression holds back (KIP-328, Kafka Streams'
// BufferValue and InMemoryTimeOrderedKeyValueChangeBuffer).
//
//	[RecordContext] | sized prior value | sized old value | sized new value | 8 bytes time
//
// An old value that is the prior one has the length -2 and no bytes.
//
// The changelog's key is that of the update; a record without a value says that the
// update was emitted. Records have no timestamp of their own.
type Buffered struct {
	// Context is the record that made the update.
	Context RecordContext
	// Prior is what was downstream before the first update that is buffered, nil for
	// nothing.
	Prior []byte
	// Old and New are the values before and after the update, nil for none.
	Old, New []byte
	// Time orders the updates: the end of the window, or the time of the record, in
	// milliseconds since 1970.
	Time int64
}

// oldIsPrior is the length that stands for an old value that is the prior one.
const oldIsPrior = -2

// Append appends the bytes of b in version [BufferVersion].
func (b Buffered) Append(dst []byte) []byte {
	dst = appendSized(b.Context.Append(dst), b.Prior)
	if b.Old != nil && b.Prior != nil && bytes.Equal(b.Old, b.Prior) {
		dst = appendInt32(dst, oldIsPrior)
	} else {
		dst = appendSized(dst, b.Old)
	}
	return appendInt64(appendSized(dst, b.New), b.Time)
}

// ParseBuffered takes apart the value of a changelog record of a suppression. record is
// that changelog record; its headers say which of the four versions the value has. In
// versions 0 and 1 the prior value is not written: it is what was buffered as prior
// before, and the old value when nothing was.
func ParseBuffered(data []byte, record RecordContext) (Buffered, error) {
	version, err := bufferVersion(record.Headers)
	if err != nil {
		return Buffered{}, err
	}
	r := reader{what: "buffered update", data: data}
	switch version {
	case 0:
		b := Buffered{Time: r.int64(), Context: record, Old: r.sized(), New: r.sized()}
		b.Prior = b.Old
		return b, r.end()
	case 1:
		b := Buffered{Time: r.int64(), Context: readContext(&r)}
		b.change(&r)
		b.Prior = b.Old
		return b, r.end()
	case 2:
		b := Buffered{Context: readContext(&r)}
		b.change(&r)
		b.Prior, b.Time = r.sized(), r.int64()
		if err := r.end(); err == nil {
			return b, nil
		}
		// Kafka Streams 2.4.0, 2.4.1 and 2.5.0 say 2 and write version 3.
		r = reader{what: r.what, data: data}
	}
	b := Buffered{Context: readContext(&r), Prior: r.sized()}
	if n := r.int32(); n == oldIsPrior {
		b.Old = b.Prior
	} else if n != -1 {
		b.Old = r.take(int(n))
	}
	b.New, b.Time = r.sized(), r.int64()
	return b, r.end()
}

// change reads the old and the new value, which stand in a field of their own.
func (b *Buffered) change(r *reader) {
	inner := reader{what: r.what, data: r.sized()}
	b.Old, b.New = inner.sized(), inner.sized()
	if err := inner.end(); err != nil && r.err == nil {
		r.err = err
	}
}

// bufferVersion returns the version that the last header v says, 0 without one.
func bufferVersion(headers []Header) (version byte, err error) {
	for _, h := range headers {
		if h.Key != BufferVersionHeader {
			continue
		}
		if len(h.Value) != 1 || h.Value[0] < 1 || h.Value[0] > BufferVersion {
			return 0, damaged("buffered update", "its header %s is %x, and versions 1 to %d are known",
				BufferVersionHeader, h.Value, BufferVersion)
		}
		version = h.Value[0]
	}
	return version, nil
}
