package format_test

import (
	"bytes"
	_ "embed"
	"encoding/hex"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/suiro/suiro/stores/format"
)

//go:embed testdata/kafka-streams.tsv
var kafkaStreams string

// parts are those of a case, which the methods read one after the other.
type parts struct {
	t    *testing.T
	left []string
}

func (p *parts) text() string {
	p.t.Helper()
	if len(p.left) == 0 {
		p.t.Fatal("the case has too few parts")
	}
	s := p.left[0]
	p.left = p.left[1:]
	return s
}

func (p *parts) bytes() []byte {
	p.t.Helper()
	return decode(p.t, p.text())
}

func decode(t *testing.T, text string) []byte {
	t.Helper()
	if text == "null" {
		return nil
	}
	data, err := hex.DecodeString(strings.TrimPrefix(text, "x"))
	if err != nil || !strings.HasPrefix(text, "x") {
		t.Fatalf("part %q is neither null nor x and hexadecimal digits", text)
	}
	return data
}

func (p *parts) int() int64 {
	p.t.Helper()
	text := p.text()
	if text == "null" {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		p.t.Fatal(err)
	}
	return n
}

func (p *parts) bool() bool { return p.text() == "true" }

func (p *parts) hash() *format.Hash {
	text := p.text()
	if text == "null" {
		return nil
	}
	high, low, _ := strings.Cut(text, ",")
	inner := parts{p.t, []string{high, low}}
	return &format.Hash{inner.int(), inner.int()}
}

// check compares what was written with the rest of the case, and what is read from the
// rest with what was meant.
func check[T any](p *parts, want T, wrote []byte, parse func([]byte) (T, error)) {
	p.t.Helper()
	java := p.bytes()
	if !bytes.Equal(wrote, java) {
		p.t.Errorf("wrote %x, and Kafka Streams writes %x", wrote, java)
	}
	got, err := parse(java)
	if err != nil || !reflect.DeepEqual(got, want) {
		p.t.Errorf("read %+v, %v of %x, want %+v", got, err, java, want)
	}
}

type timestamped struct {
	timestamp int64
	value     []byte
}

// formats say how a case of each name is written and read.
var formats = map[string]func(*parts){
	"ValueAndTimestamp": func(p *parts) {
		want := timestamped{p.int(), p.bytes()}
		check(p, want, format.AppendTimestamped(nil, want.timestamp, want.value), func(data []byte) (timestamped, error) {
			ts, value, err := format.ParseTimestamped(data)
			return timestamped{ts, value}, err
		})
	},
	"WindowKeySchema": func(p *parts) {
		want := format.WindowKey{Key: p.bytes(), Start: p.int(), Sequence: int32(p.int())}
		check(p, want, want.Append(nil), format.ParseWindowKey)
	},
	"TimeWindowedSerializer": func(p *parts) {
		want := format.TimeWindowedKey{Key: p.bytes(), Start: p.int()}
		check(p, want, want.Append(nil), format.ParseTimeWindowedKey)
	},
	"SessionKeySchema":          sessionKey,
	"SessionWindowedSerializer": sessionKey,
	"ChangedSerializer": func(p *parts) {
		want := format.Change{Old: p.bytes(), New: p.bytes()}
		wrote, err := want.Append(nil)
		if err != nil {
			p.t.Error(err)
		}
		check(p, want, wrote, format.ParseChange)
	},
	"ChangedDeserializer": func(p *parts) {
		want := format.Change{Old: p.bytes(), New: p.bytes(), Outdated: !p.bool()}
		got, err := format.ParseChange(p.bytes())
		if err != nil || !reflect.DeepEqual(got, want) {
			p.t.Errorf("read %+v, %v, want %+v", got, err, want)
		}
	},
	"CombinedKey": func(p *parts) {
		want := format.CombinedKey{Foreign: p.bytes(), Primary: p.bytes()}
		check(p, want, want.Append(nil), format.ParseCombinedKey)
	},
	"CombinedKeyPrefix": func(p *parts) {
		want := format.CombinedKey{Foreign: p.bytes(), Primary: []byte{}}
		check(p, want, format.AppendCombinedPrefix(nil, want.Foreign), format.ParseCombinedKey)
	},
	"SubscriptionWrapper": func(p *parts) {
		want := format.Subscription{Version: byte(p.int()), Instruction: format.Instruction(p.int()), Hash: p.hash(),
			PrimaryKey: p.bytes(), Partition: int32(p.int())}
		check(p, want, want.Append(nil), format.ParseSubscription)
	},
	"SubscriptionResponseWrapper": func(p *parts) {
		want := format.SubscriptionResponse{Hash: p.hash(), Value: p.bytes()}
		wrote := want.Append(nil)
		if len(want.Value) == 0 {
			want.Value = nil
		}
		check(p, want, wrote, format.ParseSubscriptionResponse)
	},
	"TimestampedKeyAndJoinSide": func(p *parts) {
		want := format.JoinKey{Timestamp: p.int(), Left: p.bool(), Key: p.bytes()}
		check(p, want, want.Append(nil), format.ParseJoinKey)
	},
	"LeftOrRightValue": func(p *parts) {
		want := format.JoinValue{Left: p.bool(), Value: p.bytes()}
		check(p, want, want.Append(nil), format.ParseJoinValue)
	},
	"ListSerde": func(p *parts) {
		var want [][]byte
		if list := p.text(); list != "" {
			for v := range strings.SplitSeq(list, ",") {
				want = append(want, decode(p.t, v))
			}
		}
		check(p, want, format.AppendList(nil, want...), format.ParseList)
	},
	"Murmur3": func(p *parts) {
		data, want := p.bytes(), format.Hash{p.int(), p.int()}
		if got := format.HashOf(data); got != want {
			p.t.Errorf("HashOf(%x) = %v, and Kafka Streams says %v", data, got, want)
		}
	},
	"BufferValue": buffered,
}

func sessionKey(p *parts) {
	want := format.SessionKey{Key: p.bytes(), Start: p.int(), End: p.int()}
	check(p, want, want.Append(nil), format.ParseSessionKey)
}

func buffered(p *parts) {
	version := byte(p.int())
	want := format.Buffered{Context: format.RecordContext{
		Timestamp: p.int(), Offset: p.int(), Partition: int32(p.int()), Topic: p.text(),
	}}
	if list := p.text(); list != "" {
		for h := range strings.SplitSeq(list, ",") {
			key, value, _ := strings.Cut(h, "=")
			want.Context.Headers = append(want.Context.Headers, format.Header{Key: key, Value: decode(p.t, value)})
		}
	}
	want.Prior, want.Old, want.New, want.Time = p.bytes(), p.bytes(), p.bytes(), p.int()
	record := format.RecordContext{Timestamp: 1234, Offset: 99, Topic: "changelog", Partition: 5,
		Headers: []format.Header{{Key: "h", Value: []byte{9}}}}
	if version > 0 {
		record.Headers = append(record.Headers, format.Header{Key: "v", Value: []byte{version}})
	}
	java := p.bytes()
	if wrote := want.Append(nil); version == format.BufferVersion && !bytes.Equal(wrote, java) {
		p.t.Errorf("wrote %x, and Kafka Streams writes %x", wrote, java)
	}
	got, err := format.ParseBuffered(java, record)
	if err != nil || !reflect.DeepEqual(got, want) {
		p.t.Errorf("read %+v, %v\nwant %+v", got, err, want)
	}
}

func TestBytesAreThoseOfKafkaStreams(t *testing.T) {
	seen := map[string]int{}
	for i, line := range strings.Split(strings.TrimSpace(kafkaStreams), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Split(line, "\t")
		compare, ok := formats[fields[0]]
		if !ok {
			t.Fatalf("line %d is of the format %s, which no test knows", i+1, fields[0])
		}
		seen[fields[0]]++
		t.Run(fields[0]+"/"+strconv.Itoa(i+1), func(t *testing.T) {
			p := &parts{t, fields[1:]}
			compare(p)
			if len(p.left) > 0 {
				t.Errorf("the case has %d parts too many", len(p.left))
			}
		})
	}
	for name := range formats {
		if seen[name] == 0 {
			t.Errorf("there is no case of %s", name)
		}
	}
}

func TestChangeNeedsAValue(t *testing.T) {
	if got, err := (format.Change{}).Append(nil); err == nil {
		t.Errorf("wrote %x for a change without values, want an error", got)
	}
}
