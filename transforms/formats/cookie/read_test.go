package cookie

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"unicode/utf8"
)

var errText = errors.New("not UTF-8")

func textOf(b []byte) (string, error) {
	if !utf8.Valid(b) {
		return "", errText
	}
	return string(b), nil
}

func TestRead(t *testing.T) {
	for header, tt := range map[string]struct {
		want map[string]any
		err  error
	}{
		"":                      {map[string]any{}, nil},
		"a=1; b=%E6%B0%B4; a=2": {map[string]any{"a": "1", "b": "水"}, nil},
		"a; b=1; =c":            {map[string]any{"b": "1"}, ErrBroken},
		"a=%G1; a=2":            {map[string]any{"a": "2"}, ErrBroken},
		"a=%FF; b=1":            {map[string]any{"b": "1"}, errText},
		"\xff=1; b=1":           {map[string]any{"b": "1"}, errText},
	} {
		if got, err := Read([]byte(header), textOf); !reflect.DeepEqual(got, tt.want) || !errors.Is(err, tt.err) {
			t.Errorf("Read(%q) = %v, %v, want %v, %v", header, got, err, tt.want, tt.err)
		}
	}
}

func TestKeptHasTheTextOnce(t *testing.T) {
	for header, want := range map[string]map[string]any{
		"a; b=1":         {"b": "1", RawName: "a; b=1"},
		"a; b=1; _raw=2": {RawName: "a; b=1; _raw=2"},
	} {
		m, _ := Read([]byte(header), textOf)
		if got := Kept(m, header); !reflect.DeepEqual(got, want) {
			t.Errorf("of %q is kept %v, want %v", header, got, want)
		}
	}
}

func ExampleRead() {
	cookies, err := Read([]byte("sid=abc; q=%E6%B0%B4%E8%B7%AF"), func(b []byte) (string, error) { return string(b), nil })
	fmt.Println(cookies, err)
	// Output: map[q:水路 sid:abc] <nil>
}

// What is read and appended again reads the same.
func FuzzReadIsAppendedBack(f *testing.F) {
	for _, header := range []string{"", "a=1; b=%E6%B0%B4", "a; =b; c=", "a=%", " a = b ; c=d=e", "a=1; a=2"} {
		f.Add([]byte(header))
	}
	f.Fuzz(func(t *testing.T, header []byte) {
		asIs := func(b []byte) (string, error) { return string(b), nil }
		m, _ := Read(header, asIs)
		var again []byte
		for name, value := range m {
			var ok bool
			if again, ok = Append(again, name, value.(string)); !ok {
				return // a name with bytes that cannot be written
			}
			again = append(again, "; "...)
		}
		if got, err := Read(again, asIs); err != nil || !reflect.DeepEqual(got, m) {
			t.Errorf("%q is read as %v, and what is made of that, %q, as %v (%v)", header, m, again, got, err)
		}
	})
}
