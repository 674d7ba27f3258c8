package filesets

import (
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
)

func TestNamesTellPartitionsApart(t *testing.T) {
	n := Names{Delim: "+", Pad: 3}
	const name = "access+1+007+1234.avro"
	if got := n.name(connect.TopicPartition{Topic: "access", Partition: 1}, 7, 1234, ".avro"); got != name {
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
		legal := fileDelim().Check(delim) == nil && !strings.ContainsAny(topic, delim) && partition >= 0
		if !legal || pad < 0 || pad > 20 || first < 0 || last < first || !strings.HasPrefix(ext, ".") {
			return
		}
		n, tp := Names{Delim: delim, Pad: pad}, connect.TopicPartition{Topic: topic, Partition: partition}
		name := n.name(tp, first, last, ext)
		if got, ok := n.last(tp, name); got != last || !ok {
			t.Errorf("last(%q) = %d, %v, want %d", name, got, ok, last)
		}
	})
}
