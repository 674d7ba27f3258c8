package samples

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/data"
)

// all reads an input as a sink's records, each in short.
func all(input, form string) string {
	var b strings.Builder
	r := NewReader(strings.NewReader(input), form)
	for i := int64(0); ; i++ {
		s, err := r.Next()
		if errors.Is(err, io.EOF) {
			return b.String()
		}
		if err != nil {
			return b.String() + err.Error()
		}
		rec, err := s.Consumed(Defaults{Topic: "t"}, i)
		if err != nil {
			return b.String() + err.Error()
		}
		fmt.Fprintf(&b, "%d:%s-%d@%d", s.Line, rec.Topic, rec.Partition, rec.Offset)
		if !rec.Timestamp.IsZero() {
			fmt.Fprintf(&b, " %d", rec.Timestamp.UnixMilli())
		}
		for _, part := range [][]byte{rec.Key, rec.Value} {
			if part == nil {
				b.WriteString(" null")
			} else {
				fmt.Fprintf(&b, " <%s>", part)
			}
		}
		for _, h := range rec.Headers {
			fmt.Fprintf(&b, " %s=%s", h.Key, h.Value)
		}
		b.WriteString("\n")
	}
}

func TestReader(t *testing.T) {
	raw := base64.StdEncoding.EncodeToString([]byte{0, 1})
	for _, c := range []struct{ name, form, in, want string }{
		{"nothing", Auto, "", ""},
		{"lines", Auto, "a\n\nb", "1:t-0@0 null <a>\n2:t-0@1 null <>\n3:t-0@2 null <b>\n"},
		{"lines of Windows", Auto, "a\r\n", "1:t-0@0 null <a>\n"},
		{"JSON that is a value", Auto, `{"order":1}`, "1:t-0@0 null <{\"order\":1}>\n"},
		{"JSON that is a value and looks like a place", Auto, `{"topic":"x"}`, "1:t-0@0 null <{\"topic\":\"x\"}>\n"},
		{"records", Auto, "\n{\"key\":\"k\",\"value\":{\"a\": 1}}\n\n{\"value\":null}\n",
			"2:t-0@0 <k> <{\"a\": 1}>\n4:t-0@1 null null\n"},
		{"a whole record", Auto, `{"topic":"o","partition":2,"offset":7,"timestamp":12,"key":1,"value":"x","headers":{"b":"2","a":1}}`,
			"1:o-2@7 12 <1> <x> a=1 b=2\n"},
		{"a time", Auto, `{"value":1,"timestamp":"1970-01-01T00:00:01Z"}`, "1:t-0@0 1000 null <1>\n"},
		{"headers in order", Auto, `{"value":1,"headers":[{"key":"b","value":"2"},{"key":"a","value":null},{"key":"b","value":"3"}]}`,
			"1:t-0@0 null <1> b=2 a= b=3\n"},
		{"bytes", Auto, `{"key_base64":"` + raw + `","value_base64":"` + raw + `"}`, "1:t-0@0 <\x00\x01> <\x00\x01>\n"},
		{"a text that is JSON", Auto, `{"value":"{\"a\":1}"}`, "1:t-0@0 null <{\"a\":1}>\n"},
		{"lines that look like records", Lines, `{"value":1}`, "1:t-0@0 null <{\"value\":1}>\n"},
		{"a record without a value", Records, `{"topic":"x"}`, "1:x-0@0 null null\n"},
		{"a field too much", Auto, "{\"value\":1}\n{\"valeu\":1}", "1:t-0@0 null <1>\nline 2: unknown field \"valeu\": a record has " +
			"topic, partition, offset, timestamp, key, value, key_base64, value_base64, headers"},
		{"no record", Auto, "{\"value\":1}\nx", "1:t-0@0 null <1>\nline 2: is not a record: invalid character 'x' looking for " +
			"beginning of value"},
		{"two", Records, `{"value":1} {"value":2}`, "line 1: there is more on the line than one JSON object"},
		{"twice", Auto, `{"value":1,"value_base64":"AA=="}`, "line 1: value: it is there twice, as JSON and as base64"},
		{"no time", Auto, `{"value":1,"timestamp":"soon"}`, "line 1: timestamp: \"soon\" is neither a number of milliseconds " +
			"since 1970 nor a time such as \"2026-01-31T12:00:00Z\""},
		{"no headers", Auto, `{"value":1,"headers":1}`, "line 1: headers: must be an object, or a list of objects with key and value"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := all(c.in, c.form); got != c.want {
				t.Errorf("%s\nwant %s", got, c.want)
			}
		})
	}
}

func TestARecordWithoutATopic(t *testing.T) {
	if _, err := (Sample{}).Consumed(Defaults{}, 0); !errors.Is(err, ErrNoTopic) {
		t.Errorf("Consumed: %v, want ErrNoTopic", err)
	}
	if _, err := (Sample{}).Polled(Defaults{}, Converters{}); !errors.Is(err, ErrNoTopic) {
		t.Errorf("Polled: %v, want ErrNoTopic", err)
	}
}

// enveloped is a converter whose data are marked.
type enveloped struct{ connecttest.Converter }

func (e enveloped) ToConnect(topic string, raw []byte) (*data.Schema, any, error) {
	return &data.Schema{Kind: data.Struct}, "with schema", nil
}

func TestPolled(t *testing.T) {
	conv := Converters{Plain: connecttest.Converter{Fmt: connect.FormatJSON}, Enveloped: enveloped{}}
	for _, c := range []struct {
		part Part
		want string
	}{
		{Part{}, "nil <nil>"},
		{Text("a"), "STRING a"},
		{Part{raw: []byte{1}}, "BYTES [1]"},
		{JSON([]byte(`"a"`)), "nil a"},
		{JSON([]byte(`{"a": 1}`)), "nil map[a:1]"},
		{JSON([]byte(`{"schema": {}, "payload": 1}`)), "STRUCT with schema"},
		{JSON([]byte(`{"schema": {}, "payload": 1, "more": 1}`)), "nil map[more:1 payload:1 schema:map[]]"},
	} {
		r, err := Sample{Line: 3, Key: c.part, Value: c.part, Headers: []Header{{"h", c.part}}}.Polled(
			Defaults{Topic: "t", Time: time.Now(), Name: "in"}, conv)
		if err != nil {
			t.Fatal(err)
		}
		schema, value, _ := r.Value.Decode()
		got := "nil"
		if schema != nil {
			got = schema.Kind.String()
		}
		if got = fmt.Sprint(got, " ", value); got != c.want || !r.Timestamp.IsZero() ||
			fmt.Sprint(r.Headers[0].Value) != fmt.Sprint(value) || fmt.Sprint(r.SourceOffset) != "map[line:3]" {
			t.Errorf("%s, record %+v, want %s", got, r, c.want)
		}
	}
	if _, err := (Sample{Value: JSON([]byte("1"))}).Polled(Defaults{Topic: "t"}, Converters{}); err == nil {
		t.Error("JSON was read without a converter")
	}
}

func FuzzReader(f *testing.F) {
	f.Add("{\"key\":\"a\",\"value\":1,\"headers\":[{\"key\":\"a\"}]}\n{\"value_base64\":\"AA==\",\"timestamp\":1}")
	f.Add("a\nb")
	f.Fuzz(func(t *testing.T, input string) {
		r := NewReader(strings.NewReader(input), Auto)
		last := 0
		for {
			s, err := r.Next()
			if err != nil {
				return
			}
			if s.Line <= last {
				t.Fatalf("line %d comes after line %d", s.Line, last)
			}
			last = s.Line
			if _, err := s.Consumed(Defaults{Topic: "t"}, 0); err != nil {
				t.Fatal(err)
			}
		}
	})
}
