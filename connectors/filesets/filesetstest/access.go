// Package filesetstest holds the records that the tests of sinks which write
// files put, and counts them in the files.
package filesetstest

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/connectors/filesets/format"
)

// Epoch is about the time of all records.
var Epoch = time.Date(2015, 5, 17, 10, 0, 0, 0, time.UTC)

// Schema is that of all records: the offset n and the time.
var Schema = &data.Schema{Kind: data.Struct, Name: "Access", Fields: []data.Field{
	{Name: "n", Schema: &data.Schema{Kind: data.Int64}},
	{Name: "time", Schema: &data.Schema{Kind: data.Int64, Name: data.TimestampName}},
}}

// Record makes the record of an offset. Their hours interleave.
func Record(tp connect.TopicPartition, offset int64) *connect.SinkRecord {
	at := Epoch.Add(time.Duration(offset%3)*time.Hour + time.Duration(offset)*time.Second)
	value := map[string]any{"n": offset, "time": at}
	return &connect.SinkRecord{
		Record: connect.Record{Topic: tp.Topic, Partition: connect.InPartition(tp.Partition), Offset: offset, Timestamp: at,
			Value: connect.Decoded(Schema, value)},
		OriginalTopic: tp.Topic, OriginalPartition: tp.Partition,
	}
}

// Records makes the records from an offset up to another, exclusive.
func Records(tp connect.TopicPartition, from, to int64) (rs []*connect.SinkRecord) {
	for o := from; o < to; o++ {
		rs = append(rs, Record(tp, o))
	}
	return rs
}

// Offsets returns the field n of every record in Avro files, sorted. Files by
// their paths that are in a folder of the sink's own, as +tmp, do not count.
func Offsets(t testing.TB, files map[string][]byte) (got []int64) {
	t.Helper()
	for name, content := range files {
		if strings.Contains(name, "/+") {
			continue
		}
		r, err := format.Avro{}.Read(bytes.NewReader(content))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for {
			v, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			got = append(got, v.(map[string]any)["n"].(int64))
		}
	}
	slices.Sort(got)
	return got
}

// WantOnce fails the test unless the files hold the records up to total, each
// once.
func WantOnce(t testing.TB, files map[string][]byte, total int64) {
	t.Helper()
	got := Offsets(t, files)
	for want := range total {
		if int64(len(got)) <= want || got[want] != want {
			t.Errorf("files hold %d records, want %d once each: the first difference is at %d", len(got), total, want)
			return
		}
	}
	if int64(len(got)) > total {
		t.Errorf("files hold %d records, want %d once each", len(got), total)
	}
}

// Eventually waits for a condition that goroutines bring about, at most a
// minute.
func Eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	limit := time.NewTimer(time.Minute)
	defer limit.Stop()
	poll := time.NewTicker(time.Millisecond)
	defer poll.Stop()
	for !ok() {
		select {
		case <-poll.C:
		case <-limit.C:
			t.Fatalf("timed out waiting until %s", what)
		}
	}
}
