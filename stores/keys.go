package stores

import (
	"encoding/binary"
	"fmt"
)

// TaskPrefix returns what every DB key of a task begins with.
func TaskPrefix(task string) []byte { return appendName(nil, task) }

// Key appends the changelog key of key in the named store to dst.
func Key(dst []byte, store string, key []byte) []byte {
	return append(appendName(dst, store), key...)
}

// SplitKey takes a changelog key apart. The key it returns is part of
// changelogKey.
func SplitKey(changelogKey []byte) (store string, key []byte, err error) {
	n, w := binary.Uvarint(changelogKey)
	if w <= 0 || n > uint64(len(changelogKey)-w) {
		return "", nil, fmt.Errorf("split changelog key %.64q: length of the store name is damaged", changelogKey)
	}
	end := w + int(n)
	return string(changelogKey[w:end]), changelogKey[end:], nil
}

// PrefixEnd returns the smallest key above all keys that begin with prefix, or
// nil, which is the open bound, when there is none.
func PrefixEnd(prefix []byte) []byte {
	for i := len(prefix) - 1; i >= 0; i-- {
		if prefix[i] != 0xff {
			end := append([]byte(nil), prefix[:i+1]...)
			end[i]++
			return end
		}
	}
	return nil
}

func appendName(dst []byte, name string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(name))), name...)
}
