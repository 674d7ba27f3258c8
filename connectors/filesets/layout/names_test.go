package layout

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
)

func TestTopicsHaveFoldersOfTheirOwn(t *testing.T) {
	for topic, want := range map[string]string{
		"access": "access", "a.b-c_d": "a.b-c_d", ".snapshot": "%2Esnapshot", ".reserved": "%2Ereserved",
		"%2Esnapshot": "%252Esnapshot", ".snapshots": ".snapshots", "100%": "100%25", "_schemas": "_schemas",
	} {
		if got, err := Folder(topic); got != want || err != nil {
			t.Errorf("Folder(%q) = %q, %v, want %q", topic, got, err, want)
		}
	}
	for _, topic := range []string{"", ".", "..", "a/b", "../x", "+tmp", "+commits", "a:b", "a\nb", "a\x00b", "\xff",
		strings.Repeat("é", 128), strings.Repeat("%", 86)} {
		if got, err := Folder(topic); err == nil {
			t.Errorf("Folder(%q) = %q, want an error", topic, got)
		}
	}
}

func FuzzFolder(f *testing.F) {
	for _, topic := range []string{"access", ".snapshot", "%2Esnapshot", "a%25b", "..", "+tmp", "a/b", "a\x00"} {
		f.Add(topic, "access")
	}
	f.Add(".reserved", "%2Ereserved")
	f.Fuzz(func(t *testing.T, topic, other string) {
		folder, err := Folder(topic)
		if err != nil {
			return
		}
		if Unescape(folder) != topic || CheckName(folder) != nil || folder[0] == '+' {
			t.Errorf("Folder(%q) = %q, which is of %q", topic, folder, Unescape(folder))
		}
		if another, err := Folder(other); err == nil && another == folder && other != topic {
			t.Errorf("topics %q and %q have the one folder %q", topic, other, folder)
		}
	})
}

func TestTheNameOfNullIsEscaped(t *testing.T) {
	if got := Escape(NullValue); got == NullValue || Unescape(got) != NullValue {
		t.Errorf("Escape(%q) = %q, of %q", NullValue, got, Unescape(got))
	}
}

func TestNamesThatHDFSKeepsAreRefused(t *testing.T) {
	for _, name := range []string{".snapshot", ".reserved"} {
		if CheckName(name) == nil {
			t.Errorf("CheckName(%q) accepts it", name)
		}
		if _, err := ParsePattern("'" + name + "'/YYYY"); err == nil {
			t.Errorf("a path format with the directory %q is accepted", name)
		}
	}
}

func TestTimesThatCannotBeMeantMakeNoFolder(t *testing.T) {
	pattern, err := ParsePattern("'dt='YYYY-MM-dd")
	if err != nil {
		t.Fatal(err)
	}
	byTime := Time{Pattern: pattern, Zone: time.UTC, Extractor: FieldTime{Field: "t"}, Duration: time.Hour}
	byField := Fields{Names: []string{"t"}}
	r := connecttest.Records(connect.TopicPartition{Topic: "t"}, 0, `{}`)[0]
	for _, ms := range []int64{1<<63 - 1, -1 << 63, -62167219200001, 253402300800000, 1 << 60} {
		if got, err := byTime.Dir(r, map[string]any{"t": ms}); err == nil {
			t.Errorf("Dir of %d ms = %q, want an error", ms, got)
		}
		if got, err := byField.Dir(r, map[string]any{"t": time.UnixMilli(ms)}); err == nil {
			t.Errorf("Dir of the time field %d ms = %q, want an error", ms, got)
		}
	}
	for ms, want := range map[int64]string{-1: "dt=1969-12-31", 9223372036855: "dt=2262-04-11", 253402300799999: "dt=9999-12-31",
		-62167219200000: "dt=0000-01-01"} {
		if got, err := byTime.Dir(r, map[string]any{"t": ms}); got != want || err != nil {
			t.Errorf("Dir of %d ms = %q, %v, want %q", ms, got, err, want)
		}
	}
}

func TestAVisitorCannotMakeAMillionFolders(t *testing.T) {
	now := time.Unix(1e9, 0)
	b := NewBounded(Fields{Names: []string{"q"}}, 3, func() time.Time { return now })
	dir := func(topic, q string) error {
		r := connecttest.Records(connect.TopicPartition{Topic: topic}, 0, `{}`)[0]
		_, err := b.Dir(r, map[string]any{"q": q})
		return err
	}
	if err := errors.Join(dir("t", "a"), dir("t", "b"), dir("u", "a")); err != nil {
		t.Fatal(err)
	}
	for i := range 100 {
		if err := dir("t", fmt.Sprint(i)); err == nil || !strings.Contains(err.Error(), "max.directories") {
			t.Fatalf("a fourth directory: %v, want an error that names the key", err)
		}
	}
	if err := errors.Join(dir("t", "a"), dir("t", "b"), dir("u", "a")); err != nil {
		t.Errorf("the first three go on: %v", err)
	}
	now = now.Add(day)
	if err := dir("t", "c"); err != nil {
		t.Errorf("the next day: %v", err)
	}
}

// FuzzFields makes directories of any values. They stay below the topic's, each is
// one name, and two values that differ have two.
func FuzzFields(f *testing.F) {
	f.Add("jp", "us")
	f.Add("../..", ".snapshot")
	f.Add("", NullValue)
	f.Add("a/b", "a%2Fb")
	f.Fuzz(func(t *testing.T, a, b string) {
		r := connecttest.Records(connect.TopicPartition{Topic: "t"}, 0, `{}`)[0]
		by := Fields{Names: []string{"q"}}
		dir, err := by.Dir(r, map[string]any{"q": a})
		if err != nil {
			return
		}
		names, values, ok := Split(dir)
		if !ok || len(names) != 1 || names[0] != "q" || CheckName(dir) != nil || a != "" && values[0] != a {
			t.Errorf("Dir of %q = %q, of the values %q", a, dir, values)
		}
		if other, err := by.Dir(r, map[string]any{"q": b}); err == nil && other == dir && a != b {
			t.Errorf("%q and %q have the one directory %q", a, b, dir)
		}
	})
}
