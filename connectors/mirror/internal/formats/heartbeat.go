package formats

import (
	"encoding/binary"
	"fmt"
)

// heartbeatVersion is the only version of the value that there is.
const heartbeatVersion = 0

// Heartbeat says that records get from one cluster to another.
type Heartbeat struct {
	// Source and Target are the aliases of the clusters.
	Source, Target string
	// Timestamp is when the heartbeat was made, in milliseconds since 1970.
	Timestamp int64
}

// Record returns the key and the value of the record that holds the heartbeat. The error is of an
// alias that is longer than the format has room for.
func (h Heartbeat) Record() (key, value []byte, err error) {
	if key, err = appendText(nil, h.Source); err == nil {
		key, err = appendText(key, h.Target)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("encode a heartbeat: %w", err)
	}
	value = binary.BigEndian.AppendUint16(nil, heartbeatVersion)
	return key, binary.BigEndian.AppendUint64(value, uint64(h.Timestamp)), nil
}

// ParseHeartbeat reads the key and the value of a record that holds a heartbeat.
func ParseHeartbeat(key, value []byte) (h Heartbeat, err error) {
	k, v := fields{rest: key}, fields{rest: value}
	h.Source, h.Target = k.text(), k.text()
	version := v.int16()
	h.Timestamp = v.int64()
	switch {
	case k.err != nil:
		return Heartbeat{}, fmt.Errorf("key of a heartbeat: %w", k.err)
	case v.err != nil:
		return Heartbeat{}, fmt.Errorf("value of a heartbeat: %w", v.err)
	case version != heartbeatVersion:
		return Heartbeat{}, fmt.Errorf("heartbeat of version %d: only version %d is known", version, heartbeatVersion)
	}
	return h, nil
}
