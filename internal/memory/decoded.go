package memory

// What a value may take once it is decoded, by the bytes that it is read from. Whoever
// decodes refuses what takes more; whoever holds decoded values counts with it.
const (
	// LeastDecoded is what a value of any length may take, in bytes.
	LeastDecoded = 1 << 20
	// DecodedPerByte is what it may take more for each byte. A record of Avro with one
	// boolean is a byte, and about 350 bytes as a map.
	DecodedPerByte = 400
)

// Decoded returns what a value of n bytes may take at most, and 0 for one of none. The
// share [Value] bounds it too.
func Decoded(n int) int64 {
	if n == 0 {
		return 0
	}
	return LeastDecoded + DecodedPerByte*int64(n)
}
