//go:build integration

package hdfs

import (
	"errors"
	"fmt"
	"path"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connectors/filesets/claim"
	"github.com/suiro/suiro/connectors/filesets/filesetstest"
)

func (r *remote) put(t *testing.T, name, text string) {
	t.Helper()
	if err := r.fs.MkdirAll(path.Dir(name)); err != nil {
		t.Fatal(err)
	}
	f, err := r.fs.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestAPlantedManifestMovesNothingOnHDFS: somebody else writes into the log.
func TestAPlantedManifestMovesNothingOnHDFS(t *testing.T) {
	r := openRemote(t, service(t, "SUIRO_HDFS", "hdfs.sh"))
	const id, log = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "/topics/+commits/access/0/"
	name := fmt.Sprintf("%020d+%020d.pending", 0, 9)
	for _, c := range []struct{ temp, to string }{{"a", "../stolen"}, {"../../../../../../secret", "access/x/f"}} {
		r.put(t, r.dir+log+name, fmt.Sprintf(`{"version":1,"topic":"access","partition":0,"claim":"%s","first":0,"last":9,`+
			`"files":[{"temp":"%s","path":"%s","records":1,"bytes":4}]}`, id, c.temp, c.to))
		r.put(t, r.dir+"/topics/+tmp/access/0/fenced/"+id+"/a", "text")
		r.put(t, r.dir+"/secret", "keep")
		task := &SinkTask{}
		connecttest.StartSink(t, Plugin().Info, task, r.props("topics.dir", r.dir+"/topics"))
		err := task.Open(t.Context(), []connect.TopicPartition{p0})
		if !errors.Is(err, claim.ErrUnreadable) || !strings.Contains(err.Error(), log+name) {
			t.Errorf("Open = %v, want ErrUnreadable and the name of the set", err)
		}
		for name, want := range map[string]string{"/secret": "keep", "/topics/+tmp/access/0/fenced/" + id + "/a": "text"} {
			if got, err := r.fs.ReadFile(r.dir+name, 100); err != nil || string(got) != want {
				t.Errorf("%s holds %q, %v, want %q", name, got, err, want)
			}
		}
		if err := r.fs.Remove(r.dir + "/topics"); err != nil {
			t.Fatal(err)
		}
		if err := r.fs.Remove(r.dir + "/secret"); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTopicsAndValuesWithReservedNamesOnHDFS: the name node refuses them.
func TestTopicsAndValuesWithReservedNamesOnHDFS(t *testing.T) {
	r := openRemote(t, service(t, "SUIRO_HDFS", "hdfs.sh"))
	if err := r.fs.MkdirAll(r.dir + "/x/.snapshot"); err == nil {
		t.Fatal("HDFS takes a folder named .snapshot")
	}
	for _, topic := range []string{".snapshot", ".reserved"} {
		tp := connect.TopicPartition{Topic: topic}
		sink := connecttest.StartSink(t, Plugin().Info, &SinkTask{}, r.props("flush.size", "4", "format.class", "JsonFormat",
			"partitioner.class", "FieldPartitioner", "partition.field.name", "q"))
		sink.Open(tp)
		sink.Put(connecttest.Records(tp, 0, `{"q":".snapshot"}`, `{"q":"a:b/../c=d%2F\n"}`, `{"q":""}`,
			`{"q":"`+strings.Repeat("é", 120)+`"}`)...)
		filesetstest.Eventually(t, "the set is committed", func() bool { return sink.Commit()[tp] == 4 })
		sink.Stop()
		n := 0
		for name := range r.files(t) {
			if strings.HasPrefix(name, r.dir+"/%2E"+topic[1:]+"/q=") {
				n++
			}
		}
		if n != 4 {
			t.Errorf("topic %s has %d files, want 4", topic, n)
		}
	}
}
