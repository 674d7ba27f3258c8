package demo

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func TestFolderIsTakenOverOnlyFromADemoOfTheSameKind(t *testing.T) {
	const embedded, brokers = "", "kafka1:9092"
	foreign := t.TempDir()
	if err := os.WriteFile(filepath.Join(foreign, "thesis.txt"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	made := func(kafka string) string {
		f, err := openFolder(filepath.Join(t.TempDir(), "d"), kafka)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.write("left/over", nil); err != nil {
			t.Fatal(err)
		}
		if err := f.lock.Close(); err != nil {
			t.Fatal(err)
		}
		return f.path
	}
	used := made(embedded)
	running, err := openFolder(used, embedded)
	if err != nil {
		t.Fatal(err)
	}
	defer running.lock.Close()
	if _, err := running.write("left/over", nil); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, path, kafka string
		want              string // of the error
		kept              bool
	}{
		{"new", filepath.Join(t.TempDir(), "a", "b"), embedded, "", false},
		{"empty", t.TempDir(), embedded, "", false},
		{"embedded again", made(embedded), embedded, "", false},
		{"brokers again", made(brokers), brokers, "", true},
		{"embedded after brokers", made(brokers), embedded, "belongs to a demo on Kafka at kafka1:9092", true},
		{"brokers after embedded", made(embedded), brokers, "belongs to a demo on the embedded Kafka", true},
		{"of one that runs", used, embedded, "another demo runs in it: choose another with --dir", true},
		{"somebody's", foreign, embedded, "not empty and not a demo's", false},
		{"a file", filepath.Join(foreign, "thesis.txt"), embedded, "not a directory", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := openFolder(c.path, c.kafka)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("openFolder = %v, want an error with %q", err, c.want)
			}
			if _, err := os.Stat(filepath.Join(c.path, "left", "over")); (err == nil) != c.kept {
				t.Errorf("what was in the folder: %v, want kept %v", err, c.kept)
			}
		})
	}
	if _, err := os.Stat(filepath.Join(foreign, "thesis.txt")); err != nil {
		t.Errorf("a file of somebody else: %v", err)
	}
}

func TestCountFileGoesOnWhereTheSourceDoes(t *testing.T) {
	const text = "one\ntwo\n\nfour\r\nfive"
	for _, c := range []struct {
		name string
		text string
		from int64
		want int64
	}{
		{"all", text, 0, 5},
		{"from the second line", text, 4, 4},
		{"from the empty line", text, 8, 3},
		{"at the end", text, int64(len(text)), 0},
		{"a last line got its end", "one\ntwo\nthree\n", 7, 1},
		{"another file, not at a line", text, 5, 5},
		{"another file, shorter", text, 1000, 5},
		{"empty", "", 0, 0},
		{"longer than the buffer", strings.Repeat("x", 200<<10) + "\ny\n", 0, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			for form, content := range map[string][]byte{"plain": []byte(c.text), "gz": compressed(t, []byte(c.text))} {
				got, err := countFile(writeFile(t, "log", content), c.from, 1<<40)
				if err != nil || got != c.want {
					t.Errorf("countFile(%s, %d) = %d, %v, want %d", form, c.from, got, err, c.want)
				}
			}
		})
	}
}

func TestCountFileLeavesOutWhatWasWrittenLater(t *testing.T) {
	const text = "one\ntwo\nthree\n"
	for to, want := range map[int64]int64{0: 0, 4: 1, 6: 2, 8: 2, 14: 3, 99: 3} {
		got, err := countFile(writeFile(t, "log", []byte(text)), 0, to)
		if err != nil || got != want {
			t.Errorf("countFile up to %d = %d, %v, want %d", to, got, err, want)
		}
	}
}

func TestCountFileTellsOfDamage(t *testing.T) {
	whole := compressed(t, bytes.Repeat([]byte("a line\n"), 10_000))
	if _, err := countFile(writeFile(t, "log.gz", whole[:len(whole)/2]), 0, 1<<40); err == nil {
		t.Error("countFile of a file that is cut short = nil, want an error")
	}
}

func TestTallyCountsCommittedRecordsOnly(t *testing.T) {
	fake, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "t"))
	if err != nil {
		t.Fatal(err)
	}
	defer fake.Close()
	opts := []kgo.Opt{kgo.SeedBrokers(fake.ListenAddrs()...)}
	producer, err := kgo.NewClient(append(opts, kgo.TransactionalID("x"), kgo.DefaultProduceTopic("t"))...)
	if err != nil {
		t.Fatal(err)
	}
	defer producer.Close()
	for i, end := range []kgo.TransactionEndTry{kgo.TryCommit, kgo.TryAbort, kgo.TryCommit} {
		if err := producer.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		for range 3 + i {
			if err := producer.ProduceSync(t.Context(), kgo.StringRecord("v")).FirstErr(); err != nil {
				t.Fatal(err)
			}
		}
		if err := producer.EndTransaction(t.Context(), end); err != nil {
			t.Fatal(err)
		}
	}
	tally, err := openTally(opts, []string{"t"}, map[string]int{"t": 2})
	if err != nil {
		t.Fatal(err)
	}
	defer tally.close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := tally.catchUp(ctx); err != nil {
		t.Fatal(err)
	}
	if got, want := tally.records("t"), int64(3+5); got != want {
		t.Errorf("tally counts %d records, want %d", got, want)
	}
	if got, want := len(tally.remembered("t")), 2; got != want {
		t.Errorf("tally remembers %d records, want %d", got, want)
	}
	// 0-2 | commit 3 | 4-7 aborted | abort 8 | 9-13 | commit 14
	c := tally.topics["t"][0]
	for offset, want := range map[int64]int64{0: 0, 2: 2, 3: 3, 4: 3, 8: 3, 9: 3, 10: 4, 14: 8, 15: 8, 99: 8} {
		if got := c.below(offset); got != want {
			t.Errorf("below(%d) = %d, want %d", offset, got, want)
		}
	}
}

func TestTallyWaitsForATopicThatABrokerDoesNotKnowYet(t *testing.T) {
	fake, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "t"))
	if err != nil {
		t.Fatal(err)
	}
	defer fake.Close()
	tally, err := openTally([]kgo.Opt{kgo.SeedBrokers(fake.ListenAddrs()...)}, []string{"t"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tally.close()
	asked := 0
	fake.ControlKey(kmsg.ListOffsets.Int16(), func(req kmsg.Request) (kmsg.Response, error, bool) {
		if r := req.(*kmsg.ListOffsetsRequest); r.Topics[0].Partitions[0].Timestamp != -1 {
			return nil, nil, false // not for the end
		}
		fake.KeepControl()
		if asked++; asked > 2 {
			return nil, nil, false
		}
		resp := req.ResponseKind().(*kmsg.ListOffsetsResponse)
		topic, p := kmsg.NewListOffsetsResponseTopic(), kmsg.NewListOffsetsResponseTopicPartition()
		topic.Topic, p.ErrorCode = "t", kerr.UnknownTopicOrPartition.Code
		topic.Partitions = append(topic.Partitions, p)
		resp.Topics = append(resp.Topics, topic)
		return resp, nil, true
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := tally.catchUp(ctx); err != nil {
		t.Errorf("catchUp = %v, want nil once the topic is known", err)
	}
	if asked < 3 {
		t.Errorf("asked %d times for the end, want another time after each error", asked)
	}
}

func TestOptionsReportEverythingThatIsWrong(t *testing.T) {
	for _, c := range []struct {
		name string
		o    Options
		want []string
	}{
		{"defaults", Options{}, nil},
		{"all wrong", Options{Name: "My-Demo", Elasticsearch: "es:9200", Store: "s3://bucket", HiveServer: "h:10000"},
			[]string{"--name", "--elasticsearch-url", "--store-url", "--hive-metastore-uris is not"}},
		{"hive on local files", Options{Metastore: "thrift://h:9083"}, []string{"Hive could not read the files"}},
		{"metastore without scheme", Options{Store: "hdfs://h:8020/x", Metastore: "h:9083"}, []string{"want thrift://"}},
		{"full", Options{Store: "hdfs://h:8020/x", Metastore: "thrift://h:9083", HiveServer: "h:10000"}, nil},
		{"listens without serve", Options{HTTPListen: "127.0.0.1:0"}, []string{"no effect without --serve"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := c.o.Validate()
			if (err != nil) != (c.want != nil) {
				t.Fatalf("Validate = %v, want %v", err, c.want)
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("Validate = %v, want %q in it", err, want)
				}
			}
		})
	}
}

func TestNumbersAndColumns(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1: "-1", -1234: "-1,234", -123: "-123"} {
		if got := number(n); got != want {
			t.Errorf("number(%d) = %s, want %s", n, got, want)
		}
	}
	got := strings.Join(aligned([][]string{{"stage", "in", "what"}, {"a", "1,000", "b"}}), "\n")
	if want := "stage     in   what\na      1,000   b"; got != want {
		t.Errorf("aligned = %q, want %q", got, want)
	}
	if got, want := printable("a\t\"b\"\x00"), `a\t"b"\x00`; got != want {
		t.Errorf("printable = %s, want %s", got, want)
	}
	if got, want := cut("水路水路", 3), "水路…"; got != want {
		t.Errorf("cut = %s, want %s", got, want)
	}
}

func TestRowsThatDoNotAddUp(t *testing.T) {
	for _, c := range []struct {
		row  row
		want string
	}{
		{row{stage: "s", in: 10, out: 7, rejected: 2, waiting: 1}, ""},
		{row{stage: "s", in: 10, out: 9}, "s: 1 record is missing"},
		{row{stage: "s", in: 5000, out: 2000}, "s: 3,000 records are missing"},
		{row{stage: "s", in: 10, out: 11}, "s: there is 1 record too many"},
		{row{stage: "s", in: 10, out: 10, rejected: 2}, "s: there are 2 records too many"},
		{row{stage: "s", uncounted: os.ErrClosed}, "s: file already closed"},
	} {
		if got := c.row.trouble(); got != c.want {
			t.Errorf("trouble of %+v = %q, want %q", c.row, got, c.want)
		}
	}
}

func TestWarningsAreShownOnceAndEverythingIsLogged(t *testing.T) {
	var shown, file bytes.Buffer
	log := newLogger(&file, &screen{w: &shown}).With("stage", "hdfs")
	for range 3 {
		log.Warn("disk is slow", "seconds", 3)
	}
	log.Info("all is well")
	if got, want := shown.String(), "  warning: disk is slow stage=hdfs seconds=3\n"; got != want {
		t.Errorf("shown %q, want %q", got, want)
	}
	if got, want := strings.Count(file.String(), "disk is slow"), 3; got != want {
		t.Errorf("logged %d times, want %d", got, want)
	}
	if !strings.Contains(file.String(), "level=INFO msg=\"all is well\" stage=hdfs") {
		t.Errorf("log lacks the information:\n%s", &file)
	}
}

func TestProgressIsPaintedOverOnATerminal(t *testing.T) {
	var b bytes.Buffer
	s := &screen{w: &b, terminal: true}
	s.paint([]string{"a 1", "b 1"})
	s.paint([]string{"a 2", "b 2"})
	s.above("warning")
	s.paint([]string{"a 3"})
	s.println("end")
	want := "a 1\nb 1\n\x1b[2A\x1b[Ja 2\nb 2\n\x1b[2A\x1b[Jwarning\na 3\nend\n"
	if got := b.String(); got != want {
		t.Errorf("screen = %q, want %q", got, want)
	}
}
