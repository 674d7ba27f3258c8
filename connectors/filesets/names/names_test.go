package names

import (
	"math"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connectors/filesets/storage/storagetest"
)

func TestNamesTellPartitionsApart(t *testing.T) {
	n := Names{Delim: "+", Pad: 3}
	const name = "access+1+007+1234.avro"
	if got := n.Name(connect.TopicPartition{Topic: "access", Partition: 1}, 7, 1234, ".avro"); got != name {
		t.Errorf("name = %q, want %q", got, name)
	}
	for _, c := range []struct {
		tp   connect.TopicPartition
		last int64
		ok   bool
	}{
		{connect.TopicPartition{Topic: "access", Partition: 1}, 1234, true},
		{connect.TopicPartition{Topic: "access", Partition: 11}, 0, false},
		{connect.TopicPartition{Topic: "acces", Partition: 1}, 0, false},
	} {
		if last, ok := n.last(c.tp, name); last != c.last || ok != c.ok {
			t.Errorf("last(%v, %q) = %d, %v, want %d, %v", c.tp, name, last, ok, c.last, c.ok)
		}
	}
}

func FuzzNamesAreReadBack(f *testing.F) {
	f.Add("access", int32(0), "+", 10, int64(0), int64(9), ".avro")
	f.Add("a.b-c_d", int32(99), "@@", 0, int64(1)<<62, int64(1)<<62, ".snappy.parquet")
	f.Fuzz(func(t *testing.T, topic string, partition int32, delim string, pad int, first, last int64, ext string) {
		legal := CheckDelim(delim) == nil && !strings.ContainsAny(topic, delim) && partition >= 0
		if !legal || pad < 0 || pad > 20 || first < 0 || last < first || last == math.MaxInt64 || !strings.HasPrefix(ext, ".") {
			return
		}
		n, tp := Names{Delim: delim, Pad: pad}, connect.TopicPartition{Topic: topic, Partition: partition}
		name := n.Name(tp, first, last, ext)
		if got, ok := n.last(tp, name); got != last || !ok {
			t.Errorf("last(%q) = %d, %v, want %d", name, got, ok, last)
		}
	})
}

// TestAHostileNameIsNotTheEnd: the offset after 2^63-1 is negative.
func TestAHostileNameIsNotTheEnd(t *testing.T) {
	st := storagetest.NewMem()
	if err := st.MkdirAll("/root/access/access+1+0000+9999.avro"); err != nil { // a directory by a file's name
		t.Fatal(err)
	}
	for _, name := range []string{"access+1+0000+0009.avro", "access+1+0000+9223372036854775807.avro",
		"access+1+0000+-5.avro", "access+1+0+99999999999999999999.avro"} {
		if _, err := st.Create("/root/access/" + name); err != nil {
			t.Fatal(err)
		}
	}
	tp := connect.TopicPartition{Topic: "access", Partition: 1}
	if end, ok, err := (Names{Delim: "+"}).End(st, "/root", tp); end != 10 || !ok || err != nil {
		t.Errorf("End = %d, %v, %v, want 10", end, ok, err)
	}
}
