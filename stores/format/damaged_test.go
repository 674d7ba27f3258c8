package format_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/suiro/suiro/stores/format"
)

func TestDamagedBytesAreRefused(t *testing.T) {
	parsers := map[string]func(string) error{
		"timestamped": func(s string) error { _, _, err := format.ParseTimestamped([]byte(s)); return err },
		"window":      func(s string) error { _, err := format.ParseWindowKey([]byte(s)); return err },
		"time":        func(s string) error { _, err := format.ParseTimeWindowedKey([]byte(s)); return err },
		"session":     func(s string) error { _, err := format.ParseSessionKey([]byte(s)); return err },
		"change":      func(s string) error { _, err := format.ParseChange([]byte(s)); return err },
		"combined":    func(s string) error { _, err := format.ParseCombinedKey([]byte(s)); return err },
		"subscription": func(s string) error {
			_, err := format.ParseSubscription([]byte(s))
			return err
		},
		"response":  func(s string) error { _, err := format.ParseSubscriptionResponse([]byte(s)); return err },
		"joinkey":   func(s string) error { _, err := format.ParseJoinKey([]byte(s)); return err },
		"joinvalue": func(s string) error { _, err := format.ParseJoinValue([]byte(s)); return err },
		"list":      func(s string) error { _, err := format.ParseList([]byte(s)); return err },
		"buffered":  func(s string) error { _, err := format.ParseBuffered([]byte(s), version(3)); return err },
		"buffered2": func(s string) error { _, err := format.ParseBuffered([]byte(s), version(2)); return err },
		"version":   func(s string) error { _, err := format.ParseBuffered(nil, version(s[0])); return err },
	}
	zeros := strings.Repeat("\x00", 100)
	for _, c := range []struct{ parser, data, says string }{
		{"timestamped", "", "8 that should follow"},
		{"timestamped", zeros[:7], "7 bytes are left"},
		{"window", zeros[:11], "key of a window store"},
		{"time", zeros[:7], "key with a time window"},
		{"session", zeros[:15], "key with a session"},
		{"session", zeros[:15] + "\x01", "starts at 1 and ends at 0"},
		{"change", "", "empty"},
		{"change", "value\x06", "last byte is 6"},
		{"change", "value\xff", "last byte is 255"},
		{"change", "\x04", "neither 0 nor 1"},
		{"change", "v\x02\x04", "neither 0 nor 1"},
		{"change", "\x08abc\x02", "length of its new value"},
		{"change", "\x01abc\x02", "length of its new value"},
		{"change", "\x02", "length of its new value"},
		{"combined", "\x00\x00\x00", "3 bytes are left"},
		{"combined", "\x00\x00\x00\x02k", "1 bytes are left of the 2"},
		{"combined", "\xff\xff\xff\xffk", "bytes are left"},
		{"subscription", "\x80", "0 bytes are left"},
		{"subscription", "\x00\x00" + zeros[:15], "bytes are left"},
		{"subscription", "\x82\x00k", "its version is 2"},
		{"subscription", "\x80\x04k", "its instruction is 4"},
		{"subscription", "\x81\x00k12", "bytes are left"},
		{"response", "", "bytes are left"},
		{"response", "\x00" + zeros[:8], "bytes are left"},
		{"response", "\x81", "its version is 1"},
		{"joinkey", zeros[:8], "0 bytes are left"},
		{"joinkey", zeros[:8] + "\x02k", "its side is 2"},
		{"joinvalue", "\x03", "its side is 3"},
		{"list", "\x00\x00\x00\x00\x00", "first byte is 0"},
		{"list", "\x01\x7f\xff\xff\xff\x00\x00", "cannot have 2147483647 values"},
		{"list", "\x01\x00\x00\x00\x01\x00\x00\x00\x05a", "1 bytes are left of the 5"},
		{"list", "\x01\x00\x00\x00\x00x", "1 bytes follow its end"},
		{"buffered", zeros[:47], "bytes are left"},
		{"buffered", zeros[:49], "1 bytes follow"},
		{"buffered", zeros[:24] + "\x7f\xff\xff\xff" + zeros[:20], "cannot have 2147483647 headers"},
		{"buffered2", zeros[:24], "bytes are left"},
		{"version", "\x04", "versions 1 to 3 are known"},
		{"version", "\x00", "versions 1 to 3 are known"},
	} {
		err := parsers[c.parser](c.data)
		if !errors.Is(err, format.ErrDamaged) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s of %x: %v, want that it is damaged: %q", c.parser, c.data, err, c.says)
		}
	}
}

func version(v byte) format.RecordContext {
	return format.RecordContext{Headers: []format.Header{{Key: format.BufferVersionHeader, Value: []byte{v}}}}
}

// roundTrip reads data and, when it can be read, reads what it writes again.
func roundTrip[T any](f *testing.F, parse func([]byte) (T, error), write func(T) []byte, seeds ...string) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		first, err := parse(data)
		if err != nil {
			if !errors.Is(err, format.ErrDamaged) {
				t.Errorf("error %v does not say that the bytes are damaged", err)
			}
			return
		}
		wrote := write(first)
		again, err := parse(wrote)
		if err != nil || !reflect.DeepEqual(first, again) {
			t.Errorf("%x is %+v, which is written as %x and read as %+v, %v", data, first, wrote, again, err)
		}
	})
}

func FuzzTimestamped(f *testing.F) {
	roundTrip(f, func(data []byte) (timestamped, error) {
		ts, value, err := format.ParseTimestamped(data)
		return timestamped{ts, value}, err
	}, func(v timestamped) []byte { return format.AppendTimestamped(nil, v.timestamp, v.value) }, "12345678value")
}

func FuzzWindowKey(f *testing.F) {
	roundTrip(f, format.ParseWindowKey, func(k format.WindowKey) []byte { return k.Append(nil) }, "key123456781234")
}

func FuzzTimeWindowedKey(f *testing.F) {
	roundTrip(f, format.ParseTimeWindowedKey, func(k format.TimeWindowedKey) []byte { return k.Append(nil) }, "key12345678")
}

func FuzzSessionKey(f *testing.F) {
	roundTrip(f, format.ParseSessionKey, func(k format.SessionKey) []byte { return k.Append(nil) }, "key1234567912345678")
}

func FuzzChange(f *testing.F) {
	roundTrip(f, format.ParseChange, func(c format.Change) []byte {
		wrote, _ := c.Append(nil) // a change that was read has a value
		if c.Outdated {
			last := len(wrote) - 1
			return append(wrote[:last:last], 0, wrote[last]+3)
		}
		return wrote
	}, "old\x00", "new\x01", "\x06newold\x02", "old\x01\x03", "\x06newold\x00\x05")
}

func FuzzCombinedKey(f *testing.F) {
	roundTrip(f, format.ParseCombinedKey, func(k format.CombinedKey) []byte { return k.Append(nil) }, "\x00\x00\x00\x01fp")
}

func FuzzSubscription(f *testing.F) {
	roundTrip(f, format.ParseSubscription, func(s format.Subscription) []byte { return s.Append(nil) },
		"\x80\x01key", "\x81\x02key\x00\x00\x00\x07", "\x01\x031234567812345678key\x00\x00\x00\x07")
}

func FuzzSubscriptionResponse(f *testing.F) {
	roundTrip(f, format.ParseSubscriptionResponse, func(s format.SubscriptionResponse) []byte { return s.Append(nil) },
		"\x80", "\x80value", "\x001234567812345678value")
}

func FuzzJoinKey(f *testing.F) {
	roundTrip(f, format.ParseJoinKey, func(k format.JoinKey) []byte { return k.Append(nil) }, "12345678\x01key")
}

func FuzzJoinValue(f *testing.F) {
	roundTrip(f, format.ParseJoinValue, func(v format.JoinValue) []byte { return v.Append(nil) }, "\x00value")
}

func FuzzList(f *testing.F) {
	roundTrip(f, format.ParseList, func(l [][]byte) []byte { return format.AppendList(nil, l...) },
		"\x01\x00\x00\x00\x02\x00\x00\x00\x01a\x00\x00\x00\x00")
}

func FuzzBuffered(f *testing.F) {
	b := format.Buffered{Context: format.RecordContext{Topic: "t", Headers: []format.Header{{Key: "h"}}},
		Prior: []byte("p"), Old: []byte("p"), New: []byte("n"), Time: 5}
	roundTrip(f, func(data []byte) (format.Buffered, error) { return format.ParseBuffered(data, version(3)) },
		func(b format.Buffered) []byte { return b.Append(nil) }, string(b.Append(nil)))
}

// The earlier versions are read only.
func FuzzBufferedOfEarlierVersions(f *testing.F) {
	f.Add(byte(0), []byte("12345678\xff\xff\xff\xff\x00\x00\x00\x01n"))
	f.Add(byte(1), []byte{})
	f.Add(byte(2), []byte{})
	f.Fuzz(func(t *testing.T, v byte, data []byte) {
		record := version(v)
		if v == 0 {
			record.Headers = nil
		}
		if _, err := format.ParseBuffered(data, record); err != nil && !errors.Is(err, format.ErrDamaged) {
			t.Errorf("error %v does not say that the bytes are damaged", err)
		}
	})
}
