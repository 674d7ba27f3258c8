package format

// AppendTimestamped appends a timestamp, in milliseconds since 1970, and a value, as
// timestamped stores keep them (KIP-258, Kafka Streams' ValueAndTimestampSerializer).
//
//	8 bytes timestamp | value
func AppendTimestamped(dst []byte, timestamp int64, value []byte) []byte {
	return append(appendInt64(dst, timestamp), value...)
}

// ParseTimestamped takes apart what AppendTimestamped has written.
func ParseTimestamped(data []byte) (timestamp int64, value []byte, err error) {
	r := reader{what: "value with timestamp", data: data}
	timestamp, value = r.int64(), r.rest(0)
	return timestamp, value, r.end()
}
