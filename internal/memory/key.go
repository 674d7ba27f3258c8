package memory

import "github.com/suiro/suiro/connect/config"

// MaxBytes is the name of the key that sets the budget.
const MaxBytes = "memory.max.bytes"

// Key is the key that sets the budget. It belongs to the process: to a worker's
// properties and to those of an app, and not to single connectors.
func Key() config.Key {
	return config.Key{Name: MaxBytes, Type: config.Long, Default: 0, Valid: config.AtLeast(0),
		Importance: config.Medium,
		Doc: "How much memory the process may take, in bytes; at least 64 MiB. The largest batch that is read from a " +
			"topic, the sizes of fetches and the default sizes of buffers and caches follow from it, and so does the " +
			"limit at which the runtime collects garbage more often, unless GOMEMLIMIT is set, and the size below which it " +
			"collects none, unless GOGC is set. 0 takes the smallest " +
			"limit that is set from outside: that of the cgroup (of a container), three quarters of what ulimit -d and " +
			"ulimit -v leave beside what the program reserves and never uses, and GOMEMLIMIT. Without any it is a quarter of the machine's memory."}
}

// Size returns the bytes that a key says, or the share when it is not set.
func (b *Budget) Size(v config.Values, key string, s Share) int64 {
	if v.IsSet(key) {
		return v.Long(key)
	}
	return b.Of(s)
}
