package generator

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
	"github.com/suiro/suiro/connect/connecttest/workertest"
)

// counted is a schema whose records are {"n":0}, {"n":1} and so on.
const counted = `{"type": "record", "name": "counted", "fields": [
  {"name": "n", "type": {"type": "long", "arg.properties": {"iteration": {"start": 0}}}}]}`

func props(more ...string) map[string]string {
	p := map[string]string{"kafka.topic": "t", "schema.string": counted, "max.interval": "0"}
	for i := 0; i < len(more); i += 2 {
		p[more[i]] = more[i+1]
	}
	return p
}

// want are the records that tasks make, each task's after those of the one before.
func want(iterations, tasks int) (list []string) {
	for task := range tasks {
		for n := range iterations {
			if n%sequences%tasks == task {
				list = append(list, fmt.Sprintf(`{"n":%d}`, n))
			}
		}
	}
	return list
}

func TestSourceKeepsItsPromises(t *testing.T) {
	connecttest.RunSource(t, SourcePlugin(), func(*testing.T) connecttest.SourceCase {
		return connecttest.SourceCase{Props: props("iterations", "130"), Want: want(130, 3)}
	})
}

func TestSourceLosesNothingWhenItsWorkerIsKilled(t *testing.T) {
	workertest.RunSource(t, SourcePlugin(), func(*testing.T) connecttest.SourceCase {
		return connecttest.SourceCase{Props: props("iterations", "3000"), Want: want(3000, 1)}
	}, nil)
}

func start(t *testing.T, sc *connecttest.SourceContext, p map[string]string) *connecttest.Source {
	t.Helper()
	return connecttest.StartSource(t, SourcePlugin().Info, sc, &SourceTask{}, p)
}

// plan returns the configurations of tasks.
func plan(t *testing.T, tasks int, p map[string]string) (list []map[string]string) {
	t.Helper()
	changes, err := SourcePlugin().New().TaskConfigs(tasks)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range changes {
		own := maps.Clone(p)
		maps.Copy(own, c)
		list = append(list, own)
	}
	return list
}

func numbersOf(t *testing.T, records []*connect.SourceRecord) (list []int64) {
	t.Helper()
	for _, r := range records {
		_, v, err := r.Value.Decode()
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, v.(map[string]any)["n"].(int64))
	}
	return list
}

// However many tasks there are from one life to the next, each number is made once.
func TestTasksShareTheNumbersHoweverManyTheyAre(t *testing.T) {
	sc := connecttest.NewSourceContext()
	seen := map[int64]int{}
	for _, tasks := range []int{1, 3, 2, 64, 100, 1} {
		for _, p := range plan(t, tasks, props()) {
			task := start(t, sc, p)
			records := task.Take(1)
			for _, n := range numbersOf(t, records) {
				seen[n]++
			}
			task.Keep(records...)
			task.Stop()
		}
	}
	for n, times := range seen {
		if times != 1 {
			t.Errorf("number %d was made %d times", n, times)
		}
	}
	if len(seen) < 1000 {
		t.Errorf("%d records, want more", len(seen))
	}
}

func TestOneTaskMakesRecordsInOrder(t *testing.T) {
	sc := connecttest.NewSourceContext()
	first := start(t, sc, props("iterations", "1000"))
	records := first.Take(500)
	if got := numbersOf(t, records); !slices.IsSorted(got) || got[499] != 499 {
		t.Errorf("numbers %v, want 0 to 499", got)
	}
	first.Keep(records[:133]...)
	first.Stop()
	if got := numbersOf(t, start(t, sc, props("iterations", "1000")).Take(500)); got[0] != 133 || !slices.IsSorted(got) {
		t.Errorf("after record 132 come %v, want 133 and so on", got)
	}
}

func TestKeysAreAField(t *testing.T) {
	for _, tt := range []struct {
		props map[string]string
		want  string
	}{
		{props(), "null"},
		{props("schema.keyfield", "n"), "0"},
		{map[string]string{"kafka.topic": "t", "quickstart": "ORDERS", "max.interval": "0"}, "0"},
		{map[string]string{"kafka.topic": "t", "quickstart": "pageviews", "max.interval": "0"}, "1"},
		{map[string]string{"kafka.topic": "t", "quickstart": "users", "schema.keyfield": "gender", "max.interval": "0"}, "MALE"},
	} {
		r := start(t, connecttest.NewSourceContext(), tt.props).Take(1)[0]
		if got, err := connecttest.TextOf(r.Key); got != tt.want || err != nil {
			t.Errorf("%v: key %s, %v, want %s", tt.props, got, err, tt.want)
		}
	}
}

func TestRecordsComeAtTheirPace(t *testing.T) {
	for _, tt := range []struct {
		props     []string
		low, high int // records in a minute
	}{
		{[]string{"records.per.second", "100"}, 5998, 6001},
		{[]string{"records.per.second", "0.1"}, 5, 6},
		{[]string{"records.per.second", "100", "task.sequences", "0,1,2,3"}, 374, 376},
		{[]string{"max.interval", "100"}, 1000, 1400},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := props(tt.props...)
			if p["records.per.second"] != "" {
				delete(p, "max.interval")
			}
			task := start(t, connecttest.NewSourceContext(), p)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			n := 0
			for ctx.Err() == nil {
				records, err := task.Task.Poll(ctx)
				if err != nil {
					t.Fatal(err)
				}
				n += len(records)
			}
			if n < tt.low || n > tt.high {
				t.Errorf("%v: %d records in a minute, want %d to %d", tt.props, n, tt.low, tt.high)
			}
		})
	}
}

func TestAPauseOfKafkaIsNotMadeUpFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := props("records.per.second", "100")
		delete(p, "max.interval")
		task := start(t, connecttest.NewSourceContext(), p)
		<-time.After(time.Hour)
		records, _ := task.Poll()
		if got := len(records); got < 99 || got > 102 {
			t.Errorf("%d records after an hour without a poll, want those of a second", got)
		}
	})
}

func TestBadConfigurationsAreRefused(t *testing.T) {
	without := func(key string, more ...string) map[string]string {
		p := props(more...)
		delete(p, key)
		return p
	}
	for _, tt := range []struct {
		props map[string]string
		want  string
	}{
		{without("kafka.topic"), `"kafka.topic" which has no default`},
		{without("schema.string"), "exactly one of schema.string, schema.filename and quickstart must be set"},
		{props("quickstart", "orders"), "configuration quickstart: exactly one of"},
		{without("schema.string", "quickstart", "shoes"), "there is no such quickstart: want orders, pageviews, users, or"},
		{without("schema.string", "schema.filename", "no-such-file"), "no-such-file: no such file"},
		{props("schema.string", "{"), "Invalid value { for configuration schema.string: "},
		{props("schema.string", strings.Replace(counted, "iteration", "iterration", 1)), `did you mean "iteration"?`},
		{props("schema.string", strings.Replace(counted, "{", "{ // as in Java", 1)), "avro schema: not JSON: invalid character '/'"},
		{props("schema.keyfield", "id"), "schema.keyfield: is not a field of the schema, which has n"},
		{props("max.interval", "-1"), "max.interval"},
		{props("records.per.second", "10"), "max.interval: cannot be set with records.per.second"},
		{without("max.interval", "records.per.second", "0"), "records.per.second: must be from 0.000001"},
		{props("task.sequences", "64"), "must be numbers from 0 to 63"},
	} {
		_, err := connecttest.TryParse(SourcePlugin().Info, tt.props)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v: %v, want an error with %q", tt.props, err, tt.want)
		}
	}
}

func TestOffsetsThatMeanNothingAreRefused(t *testing.T) {
	one := func(partition, offset map[string]any) []connect.SourceOffset {
		return []connect.SourceOffset{{Partition: partition, Offset: offset}}
	}
	at := func(sequence int64) map[string]any { return map[string]any{"sequence": sequence} }
	number := func(n int64) map[string]any { return map[string]any{"number": n} }
	for _, tt := range []struct {
		offsets []connect.SourceOffset
		want    string // empty for what is taken
	}{
		{one(at(3), number(67)), ""},
		{one(map[string]any{"task.id": int64(0)}, nil), ""},
		{one(at(64), number(64)), "with a number from 0 to 63"},
		{one(map[string]any{"task.id": int64(0)}, number(0)), `want {"sequence": n}`},
		{one(at(3), number(4)), "the number 4 is not of the sequence 3, but of 4"},
		{one(at(3), map[string]any{"number": "3"}), `must be {"number": n}`},
	} {
		err := (&SourceConnector{}).AlterOffsets(t.Context(), connecttest.Parse(t, SourcePlugin().Info, props()), tt.offsets)
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("AlterOffsets(%v) = %v, want %q", tt.offsets, err, tt.want)
		}
	}
}

func TestATaskWithABadOffsetDoesNotBegin(t *testing.T) {
	sc := connecttest.NewSourceContext()
	sc.Keep(map[string]any{"sequence": int64(5)}, map[string]any{"number": 6})
	err := (&SourceTask{}).Start(t.Context(), sc, connecttest.Parse(t, SourcePlugin().Info, props()))
	if err == nil || !strings.Contains(err.Error(), "kept offset of sequence 5") {
		t.Errorf("Start = %v, want an error about the offset", err)
	}
}

// The schema may have gone since it was checked, or may not be on this worker.
func TestATaskWithoutItsSchemaDoesNotBegin(t *testing.T) {
	path := filepath.Join(t.TempDir(), "schema.avsc")
	if err := os.WriteFile(path, []byte(counted), 0o600); err != nil {
		t.Fatal(err)
	}
	v := connecttest.Parse(t, SourcePlugin().Info, map[string]string{"kafka.topic": "t", "schema.filename": path})
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	err := (&SourceTask{}).Start(t.Context(), connecttest.NewSourceContext(), v)
	if err == nil || !strings.Contains(err.Error(), "schema.filename") {
		t.Errorf("Start = %v, want an error about schema.filename", err)
	}
}

func TestExampleConfigurationsAreValid(t *testing.T) {
	parse := func(props map[string]string) error {
		_, err := connecttest.TryParse(SourcePlugin().Info, props)
		return err
	}
	connecttest.ExampleConfigs(t, "../../examples/configs/generator-*.json", SourcePlugin().Info, parse)
}
