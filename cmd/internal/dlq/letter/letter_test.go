package letter_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/cmd/internal/dlq/letter"
)

// headers makes headers of name=value, with c. and s. for the prefixes of Connect and of Streams.
func headers(text string) (out []kgo.RecordHeader) {
	for _, each := range strings.Fields(text) {
		name, value, _ := strings.Cut(each, "=")
		if rest, ok := strings.CutPrefix(name, "c."); ok {
			name = "__connect.errors." + rest
		} else if rest, ok := strings.CutPrefix(name, "s."); ok {
			name = "__streams.errors." + rest
		}
		out = append(out, kgo.RecordHeader{Key: name, Value: []byte(value)})
	}
	return out
}

// text is the reverse.
func text(list []kgo.RecordHeader) string {
	var out []string
	for _, h := range list {
		out = append(out, strings.NewReplacer("__connect.errors.", "c.", "__streams.errors.", "s.").Replace(h.Key)+"="+string(h.Value))
	}
	return strings.Join(out, " ")
}

const connect = "c.topic=in c.partition=1 c.offset=7 c.connector.name=con c.task.id=0 c.stage=TASK_PUT c.class.name=C " +
	"c.exception.class.name=E c.exception.message=bad c.exception.stacktrace=at"

func TestParseTellsTheErrorFromTheRecord(t *testing.T) {
	for name, c := range map[string]struct{ headers, want string }{
		"connect": {"a=1 b=2 " + connect, "in-1@7 con/0 TASK_PUT C E bad own(a=1 b=2) facts() replays 0"},
		"a fact":  {connect + " c.elasticsearch.status=400", "in-1@7 con/0 TASK_PUT C E bad own() facts(elasticsearch.status=400) replays 0"},
		"a dead letter that failed as a record": {"a=1 c.topic=first c.partition=0 c.offset=1 c.stage=OLD c.es=1 " + connect,
			"in-1@7 con/0 TASK_PUT C E bad own(a=1 c.topic=first c.partition=0 c.offset=1 c.stage=OLD c.es=1) facts() replays 0"},
		"a dead letter of a connector in a stream": {connect + " s.topic=rej s.partition=2 s.offset=3 s.exception=processing s.message=no",
			"rej-2@3 / processing   no own(" + connect + ") facts() replays 0"},
		"Kafka Streams in Java": {"a=1 s.exception=java.lang.E s.stacktrace=at s.message=no s.topic=rej s.partition=2 s.offset=3",
			"rej-2@3 /   java.lang.E no own(a=1) facts() replays 0"},
		"a Java source": {"a=1 c.connector.name=con c.task.id=0 c.stage=TRANSFORMATION",
			"--1@-1 con/0 TRANSFORMATION    own(a=1) facts() replays 0"},
		"nothing":         {"a=1", "--1@-1 /     own(a=1) facts() replays 0"},
		"no number":       {"c.topic=in c.partition=x c.offset=9999999999999999999", "in--1@-1 /     own() facts() replays 0"},
		"was put back":    {"a=1 __suiro.dlq.replays=3 " + connect, "in-1@7 con/0 TASK_PUT C E bad own(a=1) facts() replays 3"},
		"no such replays": {"__suiro.dlq.replays=many", "--1@-1 /     own() facts() replays 0"},
	} {
		l := letter.Parse(&kgo.Record{Headers: headers(c.headers)})
		got := fmt.Sprintf("%s-%d@%d %s/%s %s %s %s %s own(%s) facts(%s) replays %d", l.Origin, l.Partition, l.Offset, l.Connector,
			l.Task, l.Stage, l.Class, l.Exception, l.Reason, text(l.Own), text(l.Facts), l.Replays)
		if got != c.want {
			t.Errorf("%s: %s\nwant %s", name, got, c.want)
		}
	}
}

func TestOriginalIsTheRecordAsItWas(t *testing.T) {
	at := time.UnixMilli(5000)
	for name, c := range map[string]struct{ headers, to, want string }{
		"to its origin": {"a=1 " + connect, "", "in-1 k 5 a=1 __suiro.dlq.replays=1"},
		"again":         {"__suiro.dlq.replays=1 a=1 " + connect, "", "in-1 k 5 a=1 __suiro.dlq.replays=2"},
		"elsewhere":     {connect, "else", "else--1 k 5 __suiro.dlq.replays=1"},
		"named origin":  {connect, "in", "in-1 k 5 __suiro.dlq.replays=1"},
		"changed to be written": {connect + " c.timestamp.changed.from=1000 c.key.changed.from=null", "",
			"in-1 null 1 __suiro.dlq.replays=1"},
	} {
		r := letter.Parse(&kgo.Record{Key: []byte("k"), Timestamp: at, Headers: headers(c.headers)}).Original(c.to)
		key := string(r.Key)
		if r.Key == nil {
			key = "null"
		}
		if got := fmt.Sprintf("%s-%d %s %d %s", r.Topic, r.Partition, key, r.Timestamp.Unix(), text(r.Headers)); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestWhatIsNotTheWholeRecordIsNotPutBack(t *testing.T) {
	for name, c := range map[string]struct {
		headers string
		value   string
		to      bool
		want    string
	}{
		"whole":             {connect, "v", false, ""},
		"empty":             {connect, "", false, ""},
		"cut":               {connect + " c.value.truncated.from=9", "v", true, "only a part"},
		"headers are gone":  {connect + " c.headers.removed=9", "v", true, "only a part"},
		"the reason is cut": {connect + " c.exception.message.truncated.from=9", "v", false, ""},
		"coordinates":       {"c.topic=in c.partition=1 c.offset=7", "", true, "only a part"},
		"of a stream":       {"s.topic=in s.partition=1 s.offset=7", "", true, "only a part"},
		"a batch":           {connect + " c.offset.last=12", "", true, "only a part"},
		"no headers":        {"", "v", false, "does not say where"},
		"no headers, --to":  {"", "v", true, ""},
		"a source":          {"c.topic=out c.source.partition={} c.source.offset={} c.stage=TRANSFORMATION", "v", false, "is a source's"},
		"a source, --to":    {"c.topic=out c.source.partition={} c.source.offset={} c.stage=TRANSFORMATION", "v", true, ""},
	} {
		got := letter.Parse(&kgo.Record{Value: []byte(c.value), Headers: headers(c.headers)}).Obstacle(c.to)
		if !strings.Contains(got, c.want) || (got == "") != (c.want == "") {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func ExampleFold() {
	fmt.Println(letter.Fold(`line 12, column 7: "abc" is not one of 'a' and 'b'`))
	// Output: line #, column #: "…" is not one of '…' and '…'
}

func TestPayloadsAreReadable(t *testing.T) {
	for _, c := range []struct {
		in    []byte
		limit int
		want  string
	}{
		{nil, 0, "null"}, {[]byte{}, 0, "empty"}, {[]byte("a\nb"), 0, "a\nb"}, {[]byte("水路"), 4, "水… (cut, 6 bytes)"},
		{[]byte{0, 255}, 0, "2 bytes, in hex: 00ff"}, {[]byte("\x1b[2J"), 2, "4 bytes, in hex: 1b5b… (cut, 4 bytes)"},
	} {
		if got := letter.Readable(c.in, c.limit).String(); got != c.want {
			t.Errorf("Readable(%q, %d) = %q, want %q", c.in, c.limit, got, c.want)
		}
	}
}

// Whatever headers a record has, also those of an older letter, it has the same ones when it comes back.
func FuzzParse(f *testing.F) {
	f.Add("a", []byte("1"), "__connect.errors.topic", []byte("x"))
	f.Add("__streams.errors.topic", []byte("1"), "__streams.errors.exception", []byte("x"))
	f.Add("__connect.errors.stage", []byte(nil), "__connect.errors.elasticsearch.status", []byte("400"))
	f.Fuzz(func(t *testing.T, key1 string, value1 []byte, key2 string, value2 []byte) {
		own := []kgo.RecordHeader{{Key: key1, Value: value1}, {Key: key2, Value: value2}}
		l := letter.Parse(&kgo.Record{Headers: append(own[:2:2], headers(connect)...)})
		own = slices.DeleteFunc(own, func(h kgo.RecordHeader) bool { return h.Key == letter.ReplaysHeader })
		if got, want := text(l.Own), text(own); got != want || l.Origin != "in" || l.Offset != 7 {
			t.Errorf("own headers %q, of %s@%d, want %q, of in@7", got, l.Origin, l.Offset, want)
		}
	})
}
