package join

import (
	"bytes"
	"testing"
)

// FuzzBufferKey checks that the key of a record that is held back is refused or comes back.
func FuzzBufferKey(f *testing.F) {
	f.Add([]byte{})
	f.Add(bufferKey{at: 5, key: []byte("k"), sequence: 2}.append(nil))
	f.Add(bufferKey{at: -1, sequence: -1}.append(nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		k, err := parseBufferKey(data)
		if err != nil {
			return
		}
		if again := k.append(nil); !bytes.Equal(again, data) {
			t.Errorf("%x is %+v, and came back as %x", data, k, again)
		}
	})
}
