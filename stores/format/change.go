package format

import (
	"encoding/binary"
	"errors"
)

// Change is the value of a record in the repartition topic of a grouped table: what the
// table had under a key and what it has now (Kafka Streams' ChangedSerializer).
//
//	old | 0
//	new | 1
//	varint length of new | new | old | 2        since 3.5 (KIP-904)
//	the same three with a byte, 0 or 1, before the last one, which is 3, 4 or 5
//
// The last three are read, not written: the byte says whether the change is the latest
// of its key, which Kafka Streams may write one day. An app that is upgraded from 3.4 or
// earlier (upgrade.from) does not write both values: it writes a record for each.
type Change struct {
	// Old and New are the values before and after, nil for none. Not both are nil.
	Old, New []byte
	// Outdated is whether a later change of the key, by timestamp, came before this
	// one, as only versioned tables know. It is not written.
	Outdated bool
}

// What the last byte of a change says.
const (
	changeOld      = 0
	changeNew      = 1
	changeBoth     = 2
	changeWithFlag = 3 // is added to the others
)

// ErrNoChange is returned for a change without either value, which has no format.
var ErrNoChange = errors.New("write a change: it has neither an old nor a new value")

// Append appends the bytes of c, or returns [ErrNoChange].
func (c Change) Append(dst []byte) ([]byte, error) {
	switch {
	case c.New == nil && c.Old == nil:
		return dst, ErrNoChange
	case c.New == nil:
		return append(append(dst, c.Old...), changeOld), nil
	case c.Old == nil:
		return append(append(dst, c.New...), changeNew), nil
	}
	dst = append(binary.AppendVarint(dst, int64(len(c.New))), c.New...)
	return append(append(dst, c.Old...), changeBoth), nil
}

// ParseChange takes apart what [Change.Append], or any version of Kafka Streams, has
// written.
func ParseChange(data []byte) (Change, error) {
	const what = "change of a table"
	if len(data) == 0 {
		return Change{}, damaged(what, "it is empty")
	}
	body, kind := data[:len(data)-1], data[len(data)-1]
	var c Change
	if kind >= changeWithFlag && kind <= changeWithFlag+changeBoth {
		if len(body) == 0 || body[len(body)-1] > 1 {
			return Change{}, damaged(what, "the byte before its last is neither 0 nor 1")
		}
		c.Outdated = body[len(body)-1] == 0
		body, kind = body[:len(body)-1], kind-changeWithFlag
	}
	switch kind {
	case changeOld:
		c.Old = body
	case changeNew:
		c.New = body
	case changeBoth:
		n, w := binary.Varint(body)
		if w <= 0 || n < 0 || n > int64(len(body)-w) {
			return Change{}, damaged(what, "the length of its new value is wrong")
		}
		end := w + int(n)
		c.New, c.Old = body[w:end:end], body[end:]
	default:
		return Change{}, damaged(what, "its last byte is %d", data[len(data)-1])
	}
	return c, nil
}
