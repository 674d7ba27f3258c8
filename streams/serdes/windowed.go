package serdes

import (
	"math"
	"time"

	"github.com/suiro/suiro/stores/format"
	"github.com/suiro/suiro/streams/internal/node"
)

// TimeWindowed returns the Serde of a key in a window with the bytes of Kafka Streams'
// TimeWindowedSerde: the key, and the start. The end is not in the bytes: size is how long
// the windows are. Windows of [streams.UnlimitedWindows] have the size 0.
func TimeWindowed[K any](key Serde[K], size time.Duration) Serde[node.Windowed[K]] {
	return plain[node.Windowed[K]]{
		ser: func(w node.Windowed[K]) ([]byte, error) {
			raw, err := key.Serialize(w.Key)
			if err != nil {
				return nil, err
			}
			return format.TimeWindowedKey{Key: raw, Start: w.Start.UnixMilli()}.Append(make([]byte, 0, len(raw)+8)), nil
		},
		de: func(data []byte) (w node.Windowed[K], err error) {
			k, err := format.ParseTimeWindowedKey(data)
			if err != nil {
				return w, err
			}
			if w.Key, err = key.Deserialize(k.Key); err != nil {
				return w, err
			}
			w.Start, w.End = at(k.Start), at(endOf(k.Start, size.Milliseconds()))
			return w, nil
		},
	}
}

// SessionWindowed returns the Serde of a key in a session with the bytes of Kafka
// Streams' SessionWindowedSerde: the key, the end and the start.
func SessionWindowed[K any](key Serde[K]) Serde[node.Windowed[K]] {
	return plain[node.Windowed[K]]{
		ser: func(w node.Windowed[K]) ([]byte, error) {
			raw, err := key.Serialize(w.Key)
			if err != nil {
				return nil, err
			}
			k := format.SessionKey{Key: raw, Start: w.Start.UnixMilli(), End: w.End.UnixMilli()}
			return k.Append(make([]byte, 0, len(raw)+16)), nil
		},
		de: func(data []byte) (w node.Windowed[K], err error) {
			k, err := format.ParseSessionKey(data)
			if err != nil {
				return w, err
			}
			if w.Key, err = key.Deserialize(k.Key); err != nil {
				return w, err
			}
			w.Start, w.End = at(k.Start), at(k.End)
			return w, nil
		},
	}
}

func at(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// endOf is the end of a window that begins at start; one without a size has none.
func endOf(start, size int64) int64 {
	if size == 0 || start > math.MaxInt64-size {
		return math.MaxInt64
	}
	return start + size
}
