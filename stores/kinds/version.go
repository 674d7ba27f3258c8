package kinds

import (
	"bytes"
	"encoding/binary"
)

// Version is a value that a key had for some time.
type Version struct {
	// Value is the value.
	Value []byte
	// From is the timestamp that it was put with, in milliseconds since 1970.
	From int64
	// To is the timestamp of the next version or deletion of the key, at which it was
	// no longer valid, or [Current].
	To int64
}

// Current is the end of a version that no other has followed.
const Current = -1

// What the value of a version begins with in the store.
const (
	versionDeleted = 0
	versionValued  = 1
)

// appendKeyOfVersions appends what the versions of a key begin with.
func appendKeyOfVersions(dst, key []byte) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(key))), key...)
}

func appendVersion(dst, key []byte, timestamp int64) []byte {
	return appendOrdered(appendKeyOfVersions(dst, key), timestamp)
}

// splitVersion takes apart what appendVersion has written.
func splitVersion(entry []byte) (key []byte, timestamp int64) {
	_, w := binary.Uvarint(entry)
	end := len(entry) - timestampLen
	return entry[w:end:end], ordered(entry[end:])
}

// isVersion reports whether entry is what appendVersion writes.
func isVersion(entry []byte) bool {
	n, w := binary.Uvarint(entry)
	return w > 0 && len(entry) >= w+timestampLen && n == uint64(len(entry)-w-timestampLen)
}

// sameKey reports whether two entries are versions of one key.
func sameKey(a, b []byte) bool {
	return len(a) == len(b) && len(a) >= timestampLen && bytes.Equal(a[:len(a)-timestampLen], b[:len(b)-timestampLen])
}

func appendVersionValue(dst, value []byte) []byte {
	if value == nil {
		return append(dst, versionDeleted)
	}
	return append(append(dst, versionValued), value...)
}

// versionValue returns the value of an entry, nil for a deletion.
func versionValue(entry []byte) []byte {
	if len(entry) == 0 || entry[0] == versionDeleted {
		return nil
	}
	return entry[1:len(entry):len(entry)]
}
