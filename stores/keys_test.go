package stores_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/suiro/suiro/stores"
)

func TestKeyLayout(t *testing.T) {
	if got, want := string(stores.TaskPrefix("0_3")), "\x030_3"; got != want {
		t.Errorf("TaskPrefix = %q, want %q", got, want)
	}
	if got, want := string(stores.Key([]byte("dst"), "counts", []byte("k"))), "dst\x06countsk"; got != want {
		t.Errorf("Key = %q, want %q", got, want)
	}
	if got, want := string(stores.Key(nil, "", []byte("offset"))), "\x00offset"; got != want {
		t.Errorf("Key of the task's own = %q, want %q", got, want)
	}
}

func TestSplitKeyRefusesDamagedKeys(t *testing.T) {
	for _, key := range []string{
		"", "\x05abcd", "\x80", strings.Repeat("\xff", 10) + "\x01", strings.Repeat("\xff", 9) + "\x01a",
	} {
		if store, rest, err := stores.SplitKey([]byte(key)); err == nil {
			t.Errorf("SplitKey(%q) = %q, %q, want an error", key, store, rest)
		}
	}
}

func TestPrefixEnd(t *testing.T) {
	for _, c := range []struct{ prefix, want string }{
		{"a", "b"}, {"ab\xff", "ac"}, {"\x00", "\x01"}, {"a\xff\xff", "b"}, {"\xff\xff", ""}, {"", ""},
	} {
		prefix := []byte(c.prefix)
		got := stores.PrefixEnd(prefix)
		if string(got) != c.want || (got == nil) != (c.want == "") {
			t.Errorf("PrefixEnd(%q) = %q, want %q", c.prefix, got, c.want)
		}
		if string(prefix) != c.prefix {
			t.Errorf("PrefixEnd changed %q to %q", c.prefix, prefix)
		}
	}
}

func FuzzSplitKey(f *testing.F) {
	f.Add([]byte("\x06countskey"))
	f.Add([]byte("\x00"))
	f.Add([]byte("\x80\x01" + strings.Repeat("n", 128)))
	f.Fuzz(func(t *testing.T, changelogKey []byte) {
		store, key, err := stores.SplitKey(changelogKey)
		if err != nil {
			return
		}
		again, rest, err := stores.SplitKey(stores.Key(nil, store, key))
		if err != nil || again != store || !bytes.Equal(rest, key) {
			t.Errorf("%q, %q came back as %q, %q, %v", store, key, again, rest, err)
		}
	})
}
