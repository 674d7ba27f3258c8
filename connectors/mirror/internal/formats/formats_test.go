package formats_test

import (
	_ "embed"
	"encoding/hex"
	"strconv"
	"strings"
	"testing"

	"github.com/suiro/suiro/connectors/mirror/internal/formats"
)

// records are what MirrorMaker 2's classes write: the kind, its fields, and key and value.
//
//go:embed testdata/records.tsv
var records string

func number(t *testing.T, text string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	raw, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestRecordsAreMirrorMakersByteForByte(t *testing.T) {
	seen := map[string]int{}
	for line := range strings.Lines(records) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		key, value := unhex(t, f[len(f)-2]), unhex(t, f[len(f)-1])
		seen[f[0]]++
		switch f[0] {
		case "sync":
			want := formats.OffsetSync{Topic: f[1], Partition: int32(number(t, f[2])), Upstream: number(t, f[3]),
				Downstream: number(t, f[4])}
			gotKey, gotValue, err := want.Record()
			same(t, line, gotKey, key, gotValue, value, err)
			if got, err := formats.ParseOffsetSync(key, value); got != want || err != nil {
				t.Errorf("ParseOffsetSync of %s = %+v, %v, want %+v", line, got, err, want)
			}
		case "checkpoint":
			want := formats.Checkpoint{Group: f[1], Topic: f[2], Partition: int32(number(t, f[3])), Upstream: number(t, f[4]),
				Downstream: number(t, f[5]), Metadata: f[6]}
			gotKey, gotValue, err := want.Record()
			same(t, line, gotKey, key, gotValue, value, err)
			if got, err := formats.ParseCheckpoint(key, value); got != want || err != nil {
				t.Errorf("ParseCheckpoint of %s = %+v, %v, want %+v", line, got, err, want)
			}
		case "heartbeat":
			want := formats.Heartbeat{Source: f[1], Target: f[2], Timestamp: number(t, f[3])}
			gotKey, gotValue, err := want.Record()
			same(t, line, gotKey, key, gotValue, value, err)
			if got, err := formats.ParseHeartbeat(key, value); got != want || err != nil {
				t.Errorf("ParseHeartbeat of %s = %+v, %v, want %+v", line, got, err, want)
			}
		}
	}
	if seen["sync"] == 0 || seen["heartbeat"] == 0 || seen["checkpoint"] == 0 {
		t.Errorf("the file has %v, want some of each kind", seen)
	}
}

func same(t *testing.T, line string, gotKey, key, gotValue, value []byte, err error) {
	t.Helper()
	if err != nil || string(gotKey) != string(key) || string(gotValue) != string(value) {
		t.Errorf("record of %s = %x, %x, %v", line, gotKey, gotValue, err)
	}
}

func TestRecordsThatAreNotWholeAreRefused(t *testing.T) {
	for _, c := range []struct {
		name, key, value, want string
	}{
		{"no key", "", "00000000000000010000000000000001", "key of an offset sync: it ends too early"},
		{"a text that is longer than the key", "7fff61", "00000000000000010000000000000001", "key of an offset sync"},
		{"a negative length", "ffff", "00000000000000010000000000000001", "a text has a negative length"},
		{"a text that is not UTF-8", "0001ff00000001", "00000000000000010000000000000001", "a text is not UTF-8"},
		{"half a value", "00016100000001", "0000000000000001", "value of an offset sync: it ends too early"},
	} {
		_, err := formats.ParseOffsetSync(unhex(t, c.key), unhex(t, c.value))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %s", c.name, err, c.want)
		}
	}
	_, err := formats.ParseHeartbeat(unhex(t, "000161000162"), unhex(t, "00010000000000000001"))
	if err == nil || err.Error() != "heartbeat of version 1: only version 0 is known" {
		t.Errorf("heartbeat of version 1: error %v", err)
	}
}

func TestTextThatHasNoRoomIsRefused(t *testing.T) {
	long := strings.Repeat("x", 1<<15)
	if _, _, err := (formats.OffsetSync{Topic: long}).Record(); err == nil {
		t.Error("an offset sync of a topic with 32768 bytes is written")
	}
	if _, _, err := (formats.Heartbeat{Source: "a", Target: long}).Record(); err == nil {
		t.Error("a heartbeat of an alias with 32768 bytes is written")
	}
}

func FuzzParseOffsetSync(f *testing.F) {
	f.Add([]byte("\x00\x01a\x00\x00\x00\x01"), make([]byte, 16))
	f.Fuzz(func(t *testing.T, key, value []byte) {
		s, err := formats.ParseOffsetSync(key, value)
		if err != nil {
			return
		}
		k, v, err := s.Record()
		if err != nil || string(k) != string(key[:len(k)]) || string(v) != string(value[:len(v)]) {
			t.Errorf("%+v of %x, %x is written as %x, %x, %v", s, key, value, k, v, err)
		}
	})
}

func FuzzParseCheckpoint(f *testing.F) {
	f.Add([]byte("\x00\x01g\x00\x01t\x00\x00\x00\x01"), make([]byte, 20))
	f.Fuzz(func(t *testing.T, key, value []byte) {
		c, err := formats.ParseCheckpoint(key, value)
		if err != nil {
			return
		}
		k, v, err := c.Record()
		if err != nil || string(k) != string(key[:len(k)]) || string(v) != string(value[:len(v)]) {
			t.Errorf("%+v of %x, %x is written as %x, %x, %v", c, key, value, k, v, err)
		}
	})
}

func FuzzParseHeartbeat(f *testing.F) {
	f.Add([]byte("\x00\x01a\x00\x01b"), make([]byte, 10))
	f.Fuzz(func(t *testing.T, key, value []byte) {
		h, err := formats.ParseHeartbeat(key, value)
		if err != nil {
			return
		}
		k, v, err := h.Record()
		if err != nil || string(k) != string(key[:len(k)]) || string(v) != string(value[:len(v)]) {
			t.Errorf("%+v of %x, %x is written as %x, %x, %v", h, key, value, k, v, err)
		}
	})
}
