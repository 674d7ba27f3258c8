package dlq_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/cmd/internal/dlq"
	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/cli"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
)

// run executes suiro dlq and returns what it printed, with the address of the Kafka as KAFKA.
func run(t *testing.T, kafka, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	root := cli.Command(connect.Plugins{})
	root.AddCommand(dlq.New())
	var out, err bytes.Buffer
	root.SetArgs(append([]string{"dlq"}, append(args, "--bootstrap-servers", kafka)...))
	root.SetIn(strings.NewReader(stdin))
	root.SetOut(&out)
	root.SetErr(&err)
	code = cli.Execute(t.Context(), root)
	return code, out.String(), strings.ReplaceAll(err.String(), kafka, "KAFKA")
}

// start starts a Kafka with topics of two partitions.
func start(t *testing.T, topics ...string) string {
	t.Helper()
	return kafkatest.Start(t, kfake.SeedTopics(2, topics...)).ListenAddrs()[0]
}

var instant = time.Date(2026, 1, 31, 8, 0, 0, 0, time.UTC)

func header(key, value string) kgo.RecordHeader {
	return kgo.RecordHeader{Key: key, Value: []byte(value)}
}

// letter is a dead letter of a sink, whose record was in orders. Its value has the offset.
func letter(partition int32, offset int, stage, reason string, own ...kgo.RecordHeader) *kgo.Record {
	const p = "__connect.errors."
	return &kgo.Record{Topic: "rejected", Value: fmt.Appendf(nil, "order %d", offset),
		Timestamp: instant.Add(time.Duration(offset) * time.Second),
		Headers: append(own, header(p+"topic", "orders"), header(p+"partition", fmt.Sprint(partition)),
			header(p+"offset", fmt.Sprint(offset)), header(p+"connector.name", "files"), header(p+"task.id", "0"),
			header(p+"stage", stage), header(p+"class.name", "org.example.JsonConverter"),
			header(p+"exception.class.name", "*json.Error"), header(p+"exception.message", reason),
			header(p+"exception.stacktrace", "at line 1\nat line 2"))}
}

func TestListCountsLettersByWhereAndWhyTheyFailed(t *testing.T) {
	kafka := start(t, "rejected", "orders")
	kafkatest.Produce(t, []string{kafka},
		letter(0, 3, "VALUE_CONVERTER", `at byte 7: "x" is no number`), letter(1, 4, "VALUE_CONVERTER", `at byte 12: "yz" is no number`),
		letter(0, 5, "TASK_PUT", "status 400"),
		&kgo.Record{Topic: "rejected", Value: []byte("in a stream"), Timestamp: instant, Headers: []kgo.RecordHeader{
			header("__streams.errors.exception", "deserialization"), header("__streams.errors.message", "no JSON"),
			header("__streams.errors.topic", "clicks"), header("__streams.errors.partition", "0"),
			header("__streams.errors.offset", "9")}},
		&kgo.Record{Topic: "rejected", Value: []byte("bare"), Timestamp: instant, Partition: 1})
	code, stdout, stderr := run(t, kafka, "", "list", "rejected")
	const want = `LETTERS   BACK   ORIGIN    CONNECTOR   STAGE             CLASS           FIRST                  LAST                   EXAMPLE   REASON
2         0      orders    files       VALUE_CONVERTER   JsonConverter   2026-01-31T08:00:03Z   2026-01-31T08:00:04Z   0@1       at byte #: "…" is no number
1         0      unknown   -           unknown           -               2026-01-31T08:00:00Z   2026-01-31T08:00:00Z   1@0       unknown
1         0      clicks    -           deserialization   -               2026-01-31T08:00:00Z   2026-01-31T08:00:00Z   0@3       no JSON
1         0      orders    files       TASK_PUT          JsonConverter   2026-01-31T08:00:05Z   2026-01-31T08:00:05Z   0@2       status #

Read 5 letters of 2 partitions, all that there are.
`
	if code != 0 || stdout != want || stderr != "" {
		t.Errorf("list: code %d\n%s%s\nwant\n%s", code, stdout, stderr, want)
	}
	for _, c := range []struct {
		args string
		want []string
	}{
		{"--stage value_converter", []string{"2  ", "Read 5 letters of 2 partitions, all that there are; 2 of them as the flags say."}},
		{"--reason-regexp byte.1", []string{"1 ", "; 1 of them as"}},
		{"--reason status --origin orders --connector files", []string{"TASK_PUT", "; 1 of them as"}},
		{"--partition 1", []string{"unknown", "Read 1 letter of 1 partition, all in the part of the topic that the flags mean."}},
		{"--partition 0 --offset 1-2", []string{"Read 2 letters of 1 partition, all in the part"}},
		{"--partition 0 --offset 3-", []string{"Read 1 letter of 1 partition, all in the part"}},
		{"--partition 0 --offset -1", []string{"Read 2 letters of 1 partition, all in the part"}},
		{"--max 2", []string{"Read the newest 2 letters of 2 partitions; 3 older offsets were not read, see --max."}},
		{"--since 2026-01-31T08:00:04Z", []string{"TASK_PUT", "08:00:04Z   2026-01-31T08:00:04Z"}},
		{"--origin nowhere", []string{"No letters.\n"}},
		{"-o json", []string{`"reason": "status #"`, `"read": 5,`, `"unread": 0,`}},
		{"-o yaml", []string{"reason: 'status #'\n", "  matched: 5\n"}},
	} {
		code, stdout, stderr := run(t, kafka, "", append([]string{"list", "rejected"}, strings.Fields(c.args)...)...)
		for _, want := range c.want {
			if code != 0 || !strings.Contains(stdout, want) || stderr != "" {
				t.Errorf("list %s: code %d\n%s%s\nwant it to hold %q", c.args, code, stdout, stderr, want)
			}
		}
	}
}

func TestMistakesAreUsageErrors(t *testing.T) {
	kafka := start(t, "rejected", "orders")
	for _, c := range []struct {
		args string
		code int
		want string
	}{
		{"list", 2, "name the topic of the dead letters: suiro dlq list TOPIC"},
		{"list rejcted", 1, "there is no topic rejcted, did you mean rejected?"},
		{"list rejected --partition 7", 1, "--partition 7: the topic has no such partition, it has 2"},
		{"list rejected --offset 7-3 --since yesterday --reason-regexp ( --partition -3", 2, "--partition -3: must be at least 0\n" +
			"--offset 7-3: is neither an offset such as 12 nor a span such as 12-40, 12- or -40\n" +
			"--reason-regexp (: error parsing regexp: missing closing ): `(`\n" +
			"--since yesterday: is neither a time such as 2026-01-31T08:00:00Z nor a duration such as 36h"},
		{"list rejected --max -1", 2, "--max -1"},
		{"show rejected --limit 0", 2, "--limit 0"},
		{"show rejected -o xml", 2, "--output xml: must be table, json or yaml"},
		{"replay rejected --to rejected --limit -1 --max-replays -1", 2, "--to rejected: is the topic of the dead letters"},
	} {
		code, stdout, stderr := run(t, kafka, "", strings.Fields(c.args)...)
		if code != c.code || stdout != "" || !strings.Contains(stderr, c.want) {
			t.Errorf("dlq %s: code %d\n%s%s\nwant code %d and %q", c.args, code, stdout, stderr, c.code, c.want)
		}
	}
}

func TestShowExplainsALetter(t *testing.T) {
	kafka := start(t, "rejected", "orders")
	cut := letter(0, 8, "TASK_PUT", "too large")
	cut.Headers = append(cut.Headers, header("__connect.errors.value.truncated.from", "2000000"))
	bytes := letter(1, 4, "TASK_PUT", "status 400\nand a\tsecond \x1bline", header("trace-id", "7"), header("api-token", "word"),
		header("__suiro.dlq.replays", "2"))
	bytes.Key, bytes.Value = []byte("no text"), []byte{0, 0, 0, 0, 7, 200}
	bytes.Headers = append(bytes.Headers, header("__connect.errors.elasticsearch.status", "400"))
	kafkatest.Produce(t, []string{kafka}, cut, letter(0, 3, "VALUE_CONVERTER", "no JSON"))
	kafkatest.Produce(t, []string{kafka}, bytes)
	for args, want := range map[string]string{
		"--stage VALUE_CONVERTER": `rejected-0@1
  origin     orders-0@3
  time       2026-01-31T08:00:03Z
  connector  files, task 0
  stage      VALUE_CONVERTER
  class      org.example.JsonConverter
  exception  *json.Error
  reason     no JSON
  key        null
  value      order 3

Read 3 letters of 2 partitions, all that there are; 1 of them as the flags say.
`,
		"--reason status --bytes 4 --trace": `rejected-1@0
  origin                orders-1@4
  time                  2026-01-31T08:00:04Z
  connector             files, task 0
  stage                 TASK_PUT
  class                 org.example.JsonConverter
  exception             *json.Error
  reason                status 400
                        and a second \x1bline
  elasticsearch.status  400
  trace                 at line 1
                        at line 2
  replays               put back 2 times, and failed again
  key                   no t… (cut, 7 bytes)
  value                 6 bytes, in hex: 00000000… (cut, 6 bytes)
  header                trace-id: 7
  header                api-token: [hidden]

Read 3 letters of 2 partitions, all that there are; 1 of them as the flags say.
`,
	} {
		code, stdout, stderr := run(t, kafka, "", append([]string{"show", "rejected"}, strings.Fields(args)...)...)
		if code != 0 || stdout != want || stderr != "" {
			t.Errorf("show %s: code %d\n%s%s\nwant\n%s", args, code, stdout, stderr, want)
		}
	}
	for args, want := range map[string]string{
		"--offset 0 --partition 0":        "note                  the letter has only a part of the record",
		"--partition 1 -o json --bytes 0": `"base64": "AAAAAAfI",`,
		"-o yaml --limit 3":               "topic: orders",
	} {
		code, stdout, stderr := run(t, kafka, "", append([]string{"show", "rejected"}, strings.Fields(args)...)...)
		if code != 0 || !strings.Contains(stdout, want) || stderr != "" {
			t.Errorf("show %s: code %d\n%s%s\nwant it to hold\n%s", args, code, stdout, stderr, want)
		}
	}
}

// records are what readers of committed records see of a topic: partition, value and time.
func records(t *testing.T, kafka, topic string, n int) []string {
	t.Helper()
	var out []string
	for _, r := range kafkatest.Consume(t, []string{kafka}, topic, n) {
		text := fmt.Sprintf("%d %s %s %s", r.Partition, r.Key, r.Value, r.Timestamp.UTC().Format(time.TimeOnly))
		for _, h := range r.Headers {
			text += fmt.Sprintf(" %s=%s", h.Key, h.Value)
		}
		out = append(out, text)
	}
	slices.Sort(out)
	return out
}

func TestReplayPutsEachRecordBackOnce(t *testing.T) {
	kafka := start(t, "rejected", "orders", "elsewhere")
	keyed := letter(1, 4, "TASK_PUT", "status 400", header("trace", "a"), header("__suiro.dlq.replays", "1"))
	keyed.Key = []byte("k")
	cut := letter(0, 8, "TASK_PUT", "too large")
	cut.Headers = append(cut.Headers, header("__connect.errors.value.truncated.from", "2000000"))
	again := letter(0, 9, "TASK_PUT", "status 400", header("__suiro.dlq.replays", "5"))
	kafkatest.Produce(t, []string{kafka}, letter(0, 3, "VALUE_CONVERTER", "no JSON"), keyed, cut, again,
		letter(1, 5, "VALUE_CONVERTER", "no JSON"), &kgo.Record{Topic: "rejected", Value: []byte("bare"), Timestamp: instant})
	for _, step := range []struct {
		args, stdin    string
		code           int
		stdout, stderr string
	}{
		{"--dry-run", "", 0, `TO       LETTERS   FIRST                  LAST
orders   3         2026-01-31T08:00:03Z   2026-01-31T08:00:05Z

1 letter had been put back before and failed again, one of them once.
1 letter left, such as 0@2: the letter has only a part of the record: read the whole record at its origin.
1 letter left, such as 0@3: the record has failed again after 5 replays: mend its cause, or raise --max-replays.
1 letter left, such as 0@5: the letter does not say where the record came from: give a topic with --to.
Group suiro-dlq-rejected remembers nothing of the topic: letters that another group has put back, or this one so long ago that Kafka has forgotten it, are put back again.
`, ""},
		{"--stage TASK_PUT", "n\n", 1, "", "suiro: nothing was put back, as the answer was not y\n"},
		{"--stage TASK_PUT", "", 2, "", "suiro: nothing was put back, as nobody answered: use --yes where nobody can\n"},
		{"--stage VALUE_CONVERTER --offset 4", "y\n", 0, "", ""},
		{"--stage VALUE_CONVERTER --dry-run", "", 0, `TO       LETTERS   FIRST                  LAST
orders   1         2026-01-31T08:00:03Z   2026-01-31T08:00:03Z

1 letter put back before, as group suiro-dlq-rejected remembers.
4 letters left out, as the flags say.
`, ""},
		{"--yes", "", 0, `TO       LETTERS   FIRST                  LAST
orders   2         2026-01-31T08:00:03Z   2026-01-31T08:00:04Z

2 letters put back.
1 letter left, such as 0@2: the letter has only a part of the record: read the whole record at its origin.
1 letter left, such as 0@3: the record has failed again after 5 replays: mend its cause, or raise --max-replays.
1 letter left, such as 0@5: the letter does not say where the record came from: give a topic with --to.
`, ""},
		{"--yes", "", 0, `No letters to put back.

3 letters put back before, as group suiro-dlq-rejected remembers.
1 letter left, such as 0@2: the letter has only a part of the record: read the whole record at its origin.
1 letter left, such as 0@3: the record has failed again after 5 replays: mend its cause, or raise --max-replays.
1 letter left, such as 0@5: the letter does not say where the record came from: give a topic with --to.
`, ""},
		{"--to elsewhere --yes -o json --max-replays 0", "", 0, "", ""},
		{"--to nowhere --yes --group other", "", 1, "", "suiro: there is no topic nowhere, where letters of rejected are to go: make it, " +
			"choose another one with --to, or leave these letters out with --origin\n"},
	} {
		code, stdout, stderr := run(t, kafka, step.stdin, append([]string{"replay", "rejected"}, strings.Fields(step.args)...)...)
		if code != step.code || step.stdout != "" && stdout != step.stdout || stderr != step.stderr {
			t.Errorf("replay %s: code %d\n%s%s\nwant %d\n%s%s", step.args, code, stdout, stderr, step.code, step.stdout, step.stderr)
		}
	}
	want := []string{"0  order 3 08:00:03 __suiro.dlq.replays=1", "1  order 5 08:00:05 __suiro.dlq.replays=1",
		"1 k order 4 08:00:04 trace=a __suiro.dlq.replays=2"}
	if got := records(t, kafka, "orders", 3); !slices.Equal(got, want) {
		t.Errorf("orders = %q, want %q", got, want)
	}
	got := records(t, kafka, "elsewhere", 2)
	for i := range got {
		got[i] = got[i][2:] // any partition
	}
	slices.Sort(got)
	if want := []string{" bare 08:00:00 __suiro.dlq.replays=1", " order 9 08:00:09 __suiro.dlq.replays=6"}; !slices.Equal(got, want) {
		t.Errorf("elsewhere = %q, want %q", got, want)
	}
	if code, stdout, stderr := run(t, kafka, "", "list", "rejected"); code != 0 || stderr != "" ||
		!strings.Contains(stdout, "2         2      orders    files       VALUE_CONVERTER") {
		t.Errorf("list: code %d\n%s%s\nwant 2 letters that were put back", code, stdout, stderr)
	}
}

func TestTopicsComplete(t *testing.T) {
	kafka := start(t, "rejected", "orders")
	root := cli.Command(connect.Plugins{})
	root.AddCommand(dlq.New())
	var out bytes.Buffer
	root.SetArgs([]string{"__complete", "dlq", "list", "--bootstrap-servers", kafka, ""})
	root.SetOut(&out)
	if code := cli.Execute(t.Context(), root); code != 0 || out.String() != "orders\nrejected\n:4\n" {
		t.Errorf("completion: code %d, %q, want both topics", code, &out)
	}
}
