package filesets

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/connectors/filesets/filesetstest"
	"github.com/suiro/suiro/connectors/filesets/storage/storagetest"
)

// writeAll runs records through a sink and returns its final files, named
// without their root.
func writeAll(t *testing.T, rs []*connect.SinkRecord, props ...string) map[string]string {
	t.Helper()
	mem := storagetest.NewMem()
	all := append([]string{"flush.size", fmt.Sprint(len(rs))}, props...)
	sink := start(t, mem, all...)
	sink.Open(p0)
	sink.Put(rs...)
	end := rs[len(rs)-1].Offset + 1
	filesetstest.Eventually(t, "all is committed", func() bool { return sink.Commit()[p0] == end })
	out := map[string]string{}
	for name, content := range mem.Files("/root") {
		if name = strings.TrimPrefix(name, "/root/"); name[0] != '+' {
			out[name] = string(content)
		}
	}
	return out
}

func TestJSONFilesHoldALineARecord(t *testing.T) {
	rs := connecttest.Records(p0, 7, `{"a": 1}`, "{\n \"a\": 2\n}")
	decoded := connecttest.Records(p0, 9, `null`)[0]
	decoded.Value = connect.Decoded(nil, map[string]any{"a": []any{true, nil}})
	got := writeAll(t, append(rs, decoded), "format.class", "io.confluent.connect.hdfs.json.JsonFormat",
		"partitioner.class", "io.confluent.connect.storage.partitioner.DefaultPartitioner")
	want := map[string]string{"access/partition=0/access+0+0000000007+0000000009.json": `{"a": 1}
{"a":2}
{"a":[true,null]}
`}
	if !maps.Equal(got, want) {
		t.Errorf("files %q, want %q", got, want)
	}
}

func TestTextFilesHoldALineARecord(t *testing.T) {
	rs := []*connect.SinkRecord{filesetstest.Record(p0, 0), filesetstest.Record(p0, 1), filesetstest.Record(p0, 2)}
	rs[0].Value = connect.Decoded(&data.Schema{Kind: data.String}, "GET /")
	rs[1].Value = connect.Decoded(&data.Schema{Kind: data.Bytes}, []byte("POST /"))
	rs[2].Value = connect.Decoded(nil, int64(3))
	got := writeAll(t, rs, "format.class", "StringFormat", "partitioner.class", "DefaultPartitioner",
		"filename.offset.zero.pad.width", "0", "file.delim", "@")
	want := map[string]string{"access/partition=0/access@0@0@2.txt": "GET /\nPOST /\n3\n"}
	if !maps.Equal(got, want) {
		t.Errorf("files %q, want %q", got, want)
	}
}

// order has a field of each logical type, and a map whose keys are numbers.
var orderSchema = &data.Schema{Kind: data.Struct, Name: "Order", Fields: []data.Field{
	{Name: "amount", Schema: &data.Schema{Kind: data.Bytes, Name: data.DecimalName,
		Parameters: map[string]string{"scale": "2"}}},
	{Name: "day", Schema: &data.Schema{Kind: data.Int32, Name: data.DateName}},
	{Name: "clock", Schema: &data.Schema{Kind: data.Int32, Name: data.TimeName}},
	{Name: "at", Schema: &data.Schema{Kind: data.Int64, Name: data.TimestampName}},
	{Name: "ranks", Schema: &data.Schema{Kind: data.Map, Key: &data.Schema{Kind: data.Int32},
		Elem: &data.Schema{Kind: data.String}}},
}}

func order() map[string]any {
	return map[string]any{"amount": big.NewRat(39, 25),
		"day":   time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC),
		"clock": time.Date(1970, 1, 1, 9, 30, 12, 345e6, time.UTC),
		"at":    time.Date(2026, 1, 15, 9, 30, 12, 345e6, time.UTC),
		"ranks": map[any]any{int32(1): "a", int32(2): "b"}}
}

// TestLogicalTypesHaveJavasForms: the values are those that Kafka Connect's
// JsonConverter and Java's toString give.
func TestLogicalTypesHaveJavasForms(t *testing.T) {
	for class, want := range map[string]string{
		"JsonFormat": `{"amount":"AJw=","day":20468,"clock":34212345,"at":1768469412345,"ranks":[[1,"a"],[2,"b"]]}`,
		"StringFormat": "Struct{amount=1.56,day=Thu Jan 15 00:00:00 UTC 2026,clock=Thu Jan 01 09:30:12 UTC 1970," +
			"at=Thu Jan 15 09:30:12 UTC 2026,ranks={1=a, 2=b}}",
	} {
		r := filesetstest.Record(p0, 0)
		r.Value = connect.Decoded(orderSchema, order())
		files := writeAll(t, []*connect.SinkRecord{r}, "format.class", class, "timestamp.extractor", "Record")
		if len(files) != 1 {
			t.Errorf("%s makes %d files, want one", class, len(files))
		}
		for name, got := range files {
			if got != want+"\n" {
				t.Errorf("%s holds\n%s\nwant\n%s", name, got, want)
			}
		}
	}
}

func TestSchemasStandSideBySide(t *testing.T) {
	same := *filesetstest.Schema // says the same, so shares a file
	other := *filesetstest.Schema
	other.Fields = append(slices.Clone(other.Fields), data.Field{Name: "more",
		Schema: &data.Schema{Kind: data.String, Optional: true}})
	rs := filesetstest.Records(p0, 0, 9)
	for i, r := range rs {
		_, v, _ := r.Value.Decode()
		r.Timestamp = filesetstest.Epoch
		r.Value = connect.Decoded([]*data.Schema{filesetstest.Schema, &same, &other}[i%3], v)
	}
	got := slices.Sorted(maps.Keys(writeAll(t, rs, "timestamp.extractor", "Record")))
	want := []string{"access/dt=2015-05-17/hour=10/access+0+0000000000+0000000007.avro",
		"access/dt=2015-05-17/hour=10/access+0+0000000002+0000000008.avro"}
	if !slices.Equal(got, want) {
		t.Errorf("files %q, want %q", got, want)
	}
}

func TestRoutedTopicsDoNotCollide(t *testing.T) {
	rs := filesetstest.Records(p0, 0, 4)
	for _, r := range rs {
		r.Timestamp = filesetstest.Epoch
	}
	rs[1].Topic, rs[3].Topic = "other", "other"
	got := slices.Sorted(maps.Keys(writeAll(t, rs, "timestamp.extractor", "Record")))
	want := []string{"access/dt=2015-05-17/hour=10/access+0+0000000000+0000000002.avro",
		"other/dt=2015-05-17/hour=10/access+0+0000000001+0000000003.avro"}
	if !slices.Equal(got, want) {
		t.Errorf("files %q, want %q", got, want)
	}
}

func TestMaxOpenFilesClosesTheOldest(t *testing.T) {
	files := writeAll(t, filesetstest.Records(p0, 0, 30), "max.open.files", "1")
	content := map[string][]byte{}
	for name, text := range files {
		content[name] = []byte(text)
	}
	filesetstest.WantOnce(t, content, 30)
	if len(files) != 30 {
		t.Errorf("%d files hold the records, want a file a record", len(files))
	}
}

func TestFilesOfTheJavaSinkAreGoneOnAfter(t *testing.T) {
	mem := storagetest.NewMem()
	for _, name := range []string{"access/partition=0/access+0+0000000000+0000000041.avro",
		"access/partition=1/access+1+0000000000+0000000099.avro",
		"access/partition=0/access+0+0000000000.avro", "access/access+0+x+y.avro"} {
		dir := "/root/" + name[:strings.LastIndexByte(name, '/')]
		if err := mem.MkdirAll(dir); err != nil {
			t.Fatal(err)
		}
		if _, err := mem.Create("/root/" + name); err != nil {
			t.Fatal(err)
		}
	}
	sink := start(t, mem)
	sink.Open(p0)
	if got := sink.Context.Sought()[p0]; got != 42 {
		t.Errorf("sought %d, want 42", got)
	}
}
