package format

// WindowKey is the key of an entry in the changelog of a window store (Kafka Streams'
// WindowKeySchema).
//
//	key | 8 bytes start | 4 bytes sequence
type WindowKey struct {
	// Key is the key without the window.
	Key []byte
	// Start is when the window begins, in milliseconds since 1970.
	Start int64
	// Sequence tells the entries of one key and start apart, in stores that retain
	// duplicates for joins of streams. It is 0 in all others.
	Sequence int32
}

// windowSuffix is how many bytes follow the key in a WindowKey.
const windowSuffix = 12

// Append appends the bytes of k.
func (k WindowKey) Append(dst []byte) []byte {
	return appendInt32(appendInt64(append(dst, k.Key...), k.Start), k.Sequence)
}

// ParseWindowKey takes apart what [WindowKey.Append] has written.
func ParseWindowKey(data []byte) (WindowKey, error) {
	r := reader{what: "key of a window store", data: data}
	k := WindowKey{Key: r.rest(windowSuffix), Start: r.int64(), Sequence: r.int32()}
	return k, r.end()
}

// TimeWindowedKey is a key in a time window as it is written to a topic (Kafka Streams'
// TimeWindowedSerializer). The end is not in it: a reader must know the window's size.
//
//	key | 8 bytes start
type TimeWindowedKey struct {
	// Key is the key without the window.
	Key []byte
	// Start is when the window begins, in milliseconds since 1970.
	Start int64
}

// Append appends the bytes of k.
func (k TimeWindowedKey) Append(dst []byte) []byte {
	return appendInt64(append(dst, k.Key...), k.Start)
}

// ParseTimeWindowedKey takes apart what [TimeWindowedKey.Append] has written.
func ParseTimeWindowedKey(data []byte) (TimeWindowedKey, error) {
	r := reader{what: "key with a time window", data: data}
	k := TimeWindowedKey{Key: r.rest(8), Start: r.int64()}
	return k, r.end()
}

// SessionKey is a key in a session, in changelogs of session stores as well as in topics
// (Kafka Streams' SessionKeySchema and SessionWindowedSerializer).
//
//	key | 8 bytes end | 8 bytes start
type SessionKey struct {
	// Key is the key without the session.
	Key []byte
	// Start and End are the timestamps of the session's first and last record, in
	// milliseconds since 1970.
	Start, End int64
}

// Append appends the bytes of k.
func (k SessionKey) Append(dst []byte) []byte {
	return appendInt64(appendInt64(append(dst, k.Key...), k.End), k.Start)
}

// ParseSessionKey takes apart what [SessionKey.Append] has written.
func ParseSessionKey(data []byte) (SessionKey, error) {
	const what = "key with a session"
	r := reader{what: what, data: data}
	k := SessionKey{Key: r.rest(16), End: r.int64(), Start: r.int64()}
	if err := r.end(); err != nil {
		return k, err
	}
	if k.Start > k.End {
		return k, damaged(what, "it starts at %d and ends at %d", k.Start, k.End)
	}
	return k, nil
}
