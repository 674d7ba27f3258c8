package serdes_test

import (
	"bytes"
	_ "embed"
	"encoding/hex"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/streams/serdes"
)

//go:embed testdata/kafka.tsv
var kafka string

// judge compares a serde with Kafka's, given the text of a value and its bytes.
type judge func(t *testing.T, text string, data []byte)

// same returns the judge of a serde whose values parse reads from text.
func same[T any](s serdes.Serde[T], parse func(string) (T, error)) judge {
	return func(t *testing.T, text string, data []byte) {
		t.Helper()
		want, err := parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := s.Serialize(want); err != nil || !bytes.Equal(got, data) {
			t.Errorf("%s is written as %x (%v), want %x", text, got, err, data)
		}
		if got, err := s.Deserialize(data); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%x is read as %v (%v), want %v", data, got, err, want)
		}
	}
}

type id [16]byte

func parseID(s string) (v id, err error) {
	_, err = hex.Decode(v[:], []byte(strings.ReplaceAll(s, "-", "")))
	return v, err
}

// listOf parses a list; null is the zero value.
func listOf[T any](parse func(string) (T, error)) func(string) ([]T, error) {
	return func(text string) ([]T, error) {
		list := []T{}
		for part := range strings.SplitSeq(text, ",") {
			if text == "" {
				break
			}
			var v T
			if part != "null" {
				var err error
				if v, err = parse(part); err != nil {
					return nil, err
				}
			}
			list = append(list, v)
		}
		return list, nil
	}
}

func parseInt64(s string) (int64, error)   { return strconv.ParseInt(s, 10, 64) }
func parseText(s string) (string, error)   { return s, nil }
func parseBytes(s string) ([]byte, error)  { return []byte(s), nil }
func parseFloat(s string) (float64, error) { return strconv.ParseFloat(s, 64) }

func narrow[A, B any](parse func(string) (A, error), to func(A) B) func(string) (B, error) {
	return func(s string) (B, error) {
		v, err := parse(s)
		return to(v), err
	}
}

// judges are those of the file, by name.
var judges = map[string]judge{
	"Int16":      same(serdes.Int16(), narrow(parseInt64, func(n int64) int16 { return int16(n) })),
	"Int32":      same(serdes.Int32(), narrow(parseInt64, func(n int64) int32 { return int32(n) })),
	"Int64":      same(serdes.Int64(), parseInt64),
	"Float32":    same(serdes.Float32(), narrow(parseFloat, func(n float64) float32 { return float32(n) })),
	"Float64":    same(serdes.Float64(), parseFloat),
	"Bool":       same(serdes.Bool(), strconv.ParseBool),
	"String":     same(serdes.String(), parseText),
	"UUID":       same(serdes.UUID[id](), parseID),
	"ListInt64":  same(serdes.List(serdes.Int64()), listOf(parseInt64)),
	"ListString": same(serdes.List(serdes.String()), listOf(parseText)),
	"ListBool":   same(serdes.List(serdes.Bool()), listOf(strconv.ParseBool)),
	"ListUUID":   same(serdes.List(serdes.UUID[id]()), listOf(parseID)),
	"ListBytes":  same(serdes.List(serdes.Bytes()), listOf(parseBytes)),

	"Unlimited":       same(serdes.TimeWindowed(serdes.String(), 0), parseWindowed),
	"TimeWindowed":    same(serdes.TimeWindowed(serdes.String(), time.Minute), parseWindowed),
	"SessionWindowed": same(serdes.SessionWindowed(serdes.String()), parseWindowed),
}

func TestBytesAreKafkas(t *testing.T) {
	met := map[string]bool{}
	for line := range strings.Lines(kafka) {
		parts := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if strings.HasPrefix(line, "#") {
			continue
		}
		data, err := hex.DecodeString(parts[2])
		if err != nil {
			t.Fatal(err)
		}
		judges[parts[0]](t, parts[1], data)
		met[parts[0]] = true
	}
	if len(met) != len(judges) {
		t.Errorf("the file has cases of %d serdes, want all %d", len(met), len(judges))
	}
}

func TestWhatIsNotOfATypeIsRefused(t *testing.T) {
	refuses(t, serdes.Int16(), "", "1", "123")
	refuses(t, serdes.Int32(), "123", "12345")
	refuses(t, serdes.Int64(), "", "1234567", "123456789")
	refuses(t, serdes.Float32(), "123")
	refuses(t, serdes.Float64(), "123456789")
	refuses(t, serdes.Bool(), "", "\x02", "\x00\x00")
	refuses(t, serdes.UUID[id](), "", "0123456789abcdef0123456789abcdef", "01234567-89ab-cdef-fedc-ba987654321g",
		"01234567+89ab-cdef-fedc-ba9876543210")
	refuses(t, serdes.JSON[int](), "", "x", "{}")
	refuses(t, serdes.LTSV(), "no colon", "a:1\ta:2")
	refuses(t, serdes.TimeWindowed(serdes.String(), time.Second), "", "1234567")
	refuses(t, serdes.TimeWindowed(serdes.Int64(), time.Second), "12345678", "12345678901234567")
	refuses(t, serdes.SessionWindowed(serdes.String()), "", "123456789012345",
		"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01")
	refuses(t, serdes.List(serdes.String()), "", "\x02", "\x01\x00\x00\x00\x01", "\x01\xff\xff\xff\xff",
		"\x01\x00\x00\x00\x01\xff\xff\xff\xff", "\x01\x00\x00\x00\x01\xff\xff\xff\xfe", "\x01\x00\x00\x00\x00more",
		"\x01\x7f\xff\xff\xff\x00\x00\x00\x00", "\x00\x00\x00\x00\x00\x00\x00\x00\x00")
	refuses(t, serdes.List(serdes.Int16()), "\x00", "\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x01",
		"\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00", "\x01\x00\x00\x00\x00")
	refuses(t, serdes.List(serdes.Bool()), "\x01\x00\x00\x00\x01\x00\x00\x00\x01\x02")
}

func refuses[T any](t *testing.T, s serdes.Serde[T], all ...string) {
	t.Helper()
	for _, data := range all {
		if v, err := s.Deserialize([]byte(data)); err == nil {
			t.Errorf("%x is read as %v, want an error", data, v)
		}
	}
}

// FuzzSerdes checks that what a topic or a changelog holds is refused or comes back.
func FuzzSerdes(f *testing.F) {
	for _, seed := range []string{"", "12345678", `{"a":[1,null,"x"]}`, "a:1\tb:2", "\x01\x00\x00\x00\x01\x00\x00\x00\x01a",
		"\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x01", "01234567-89ab-cdef-fedc-ba9876543210"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		comesBack(t, serdes.Int16(), b)
		comesBack(t, serdes.Int32(), b)
		comesBack(t, serdes.Int64(), b)
		comesBack(t, serdes.Bool(), b)
		comesBack(t, serdes.String(), b)
		comesBack(t, serdes.Bytes(), b)
		comesBack(t, serdes.UUID[id](), b)
		comesBack(t, serdes.JSON[any](), b)
		comesBack(t, serdes.LTSV(), b)
		comesBack(t, serdes.List(serdes.Int16()), b)
		comesBack(t, serdes.List(serdes.Bytes()), b)
		comesBack(t, serdes.TimeWindowed(serdes.Bytes(), time.Second), b)
		comesBack(t, serdes.SessionWindowed(serdes.Bytes()), b)
	})
}

// comesBack compares values by their text: a NaN differs from itself.
func comesBack[T any](t *testing.T, s serdes.Serde[T], b []byte) {
	t.Helper()
	v, err := s.Deserialize(b)
	if err != nil {
		return
	}
	data, err := s.Serialize(v)
	if err != nil {
		t.Fatalf("%T of %x is not written again: %v", v, b, err)
	}
	again, err := s.Deserialize(data)
	if err != nil || fmt.Sprint(again) != fmt.Sprint(v) {
		t.Errorf("%T: %v came back as %v (%v)", v, v, again, err)
	}
}
