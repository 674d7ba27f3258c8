package ctl_test

import (
	"context"
	"encoding/pem"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/cli"
	"github.com/suiro/suiro/connect/herder/api"
)

func TestConnectorsAreShown(t *testing.T) {
	c := newCluster(t).with("in", map[string]string{"db.password": "s3cret"}, api.Running, api.Running).
		with("out", map[string]string{}, api.Running, api.Failed)
	c.connectors["out"].offsets = api.ConnectorOffsets{Offsets: []api.ConnectorOffset{{
		Partition: map[string]any{"kafka_topic": "a", "kafka_partition": 1}, Offset: map[string]any{"kafka_offset": 7}}}}
	term := newTerminal(t, c.URL)
	code, stdout, _ := term.typed(t.Context(), "", "get", "connectors", "--url", c.URL)
	want := "NAME   TYPE   STATE     TASKS                 WORKER\n" +
		"in     sink   RUNNING   2 RUNNING             a:8083\n" +
		"out    sink   RUNNING   1 FAILED, 1 RUNNING   a:8083\n"
	if code != cli.ExitOK || stdout != want {
		t.Errorf("get connectors: code %d\n%s\nwant\n%s", code, stdout, want)
	}
	term.run([]step{
		{args: "get connectors --state failed -o name --url URL", want: []string{"out\n"}},
		{args: "get connectors -o json --url URL", want: []string{`"in": {`, `"status": {`}},
		{args: "get connector ou --url URL", code: 1, want: []string{"there is no connector ou, did you mean out?"}},
		{args: "get tasks out -o yaml --url URL", want: []string{"- connector: out\n  id: 0\n  state: RUNNING\n"}},
		{args: "get tasks --url URL", want: []string{"CONNECTOR   TASK   STATE     WORKER", "out", "1", "FAILED", "disk is full\n"}},
		{args: "get topics out --url URL", want: []string{"TOPIC\na\nb\n"}},
		{args: "get offsets out --url URL", want: []string{"PARTITION   OFFSET\na-1         7\n"}},
		{args: "get config in --url URL", want: []string{"KEY           VALUE\ndb.password   s3cret\nname          in\n"}},
		{args: "get config in -o properties --url URL", want: []string{"db.password=s3cret\nname=in\n"}},
		{args: "describe connector in --url URL", want: []string{"Name:     in\n", "Tasks:    2 RUNNING\n", "db.password = [hidden]\n"}},
		{args: "status in --url URL", want: []string{"NAME       STATE", "in         RUNNING", "  task 0   RUNNING"}},
		{args: "status --url URL", code: 1, want: []string{"FAILED", "disk is full", "1 connector failed or with a failed task: suiro ctl describe connector out"}},
		{args: "info --url URL", want: []string{"URL", "4.3.1", "abc", "kafka\n"}},
		{args: "health --url URL,http://127.0.0.1:1", code: 1, want: []string{"URL", "healthy", "http://127.0.0.1:1", "unknown", "nothing listens there",
			"1 worker of 2 not healthy"}},
	})
}

// What a worker answers cannot move the cursor of a terminal.
func TestNamesOfConnectorsArePrintable(t *testing.T) {
	c := newCluster(t).with("a\x1b[2J", map[string]string{"k": "v\x1b[2J"}, api.Running)
	for _, args := range []string{"get connectors", "get tasks", "status", "get connectors -o name", "get connectors -o json",
		"get connectors -o yaml", "top --count 1"} {
		term := newTerminal(t, c.URL)
		if _, stdout, stderr := term.typed(t.Context(), "", append(strings.Fields(args), "--url", c.URL)...); strings.Contains(stdout+stderr, "\x1b") {
			t.Errorf("%s prints an escape: %q%q", args, stdout, stderr)
		}
	}
}

func TestFilesAreApplied(t *testing.T) {
	c := newCluster(t).with("in", map[string]string{"topic": "a", "login": "old-s3cret", "gone": "1"}, api.Running)
	term := newTerminal(t, c.URL)
	yaml := "name: in\nconfig:\n  connector.class: C\n  topic: b\n  login: new-s3cret\n"
	term.run([]step{
		{args: "apply -f - --dry-run --url URL", in: yaml, want: []string{"connector in would be changed\n  + connector.class = C\n" +
			"  - gone = 1\n  ~ login = [hidden] (was [hidden])\n  ~ topic = b (was a)\n"}},
		{args: "validate -f - --url URL", in: "name=x\nconnector.class=C\n", want: []string{"connector x is valid\n"}},
		{args: "validate -f - --url URL", in: "name=x\nconnector.class=C\ntasks.max=0\n", code: 1,
			want: []string{"connector x: the configuration is not valid:\n  tasks.max: Value must be at least 1\n"}},
		{args: "create -f - --url URL", in: `{"name":"in","connector.class":"C"}`, code: 1, want: []string{"Connector in already exists"}},
		{args: "create -f - --state asleep --url URL", in: `{"name":"in","connector.class":"C"}`, code: 2, want: []string{"--state asleep: must be running"}},
	})
	for _, change := range c.changes() {
		if strings.HasPrefix(change, "PUT /connectors/") {
			t.Errorf("a dry run asked %s", change)
		}
	}
	before := len(c.changes())
	term.run([]step{
		{args: "apply -f - --url URL", in: yaml, want: []string{"connector in changed\n"}},
		{args: "apply -f - --url URL", in: yaml, want: []string{"connector in unchanged\n"}},
		{args: "apply -f - --url URL", in: "name=new\nconnector.class=C\n", want: []string{"connector new created\n"}},
		{args: "apply -f - --url URL", in: `{"name":"late","config":{"connector.class":"C"},"initial_state":"STOPPED"}`,
			want: []string{"connector late created\n"}},
	})
	want := []string{`PUT /connectors/in/config {"connector.class":"C","login":"new-s3cret","name":"in","topic":"b"}`,
		`PUT /connectors/new/config {"connector.class":"C","name":"new"}`,
		`POST /connectors {"name":"late","config":{"connector.class":"C","name":"late"},"initial_state":"STOPPED"}`}
	if got := c.changes()[before:]; !slices.Equal(got, want) {
		t.Errorf("asked %q, want %q", got, want)
	}
}

// A secret that the worker hides may be another: the file is sent.
func TestAHiddenSecretIsSent(t *testing.T) {
	c := newCluster(t).with("in", map[string]string{"login": "[hidden]"}, api.Running)
	newTerminal(t, c.URL).run([]step{{args: "apply -f - --url URL", in: "name=in\nlogin=[hidden]\nconnector.class=C\n",
		want: []string{"connector in changed\n"}}})
}

func TestConnectorsAreChanged(t *testing.T) {
	c := newCluster(t).with("in", map[string]string{"connector.class": "C", "k": "1", "old": "x"}, api.Running).with("out", map[string]string{}, api.Running)
	term := newTerminal(t, c.URL)
	term.run([]step{
		{args: "patch in --set k=2 -s l=a=b --remove old --dry-run --url URL", want: []string{"+ l = a=b\n", "- old = x\n"}},
		{args: "pause connector in out --url URL", want: []string{"connector in is being paused\nconnector out is being paused\n"}},
		{args: "resume in nosuch out --url URL", code: 1, want: []string{"connector in is being resumed\nconnector out is being resumed\n",
			"connector nosuch: PUT /connectors/nosuch/resume: Unknown connector nosuch"}},
		{args: "restart in --url URL", want: []string{"connector in is being restarted\n"}},
		{args: "restart in --connector-only --url URL"},
		{args: "restart in --only-failed --url URL"},
		{args: "restart in --task 0 --task 3 --url URL"},
		{args: "wait in out --url URL"},
		{args: "wait in --for paused --timeout 10ms --url URL", code: 1, want: []string{"is not paused in time, but RUNNING"}},
		{args: "reset topics in --url URL"},
		{args: "delete in --url URL", want: []string{"connector in deleted\n"}},
		{args: "wait in --for deleted --url URL"},
		{args: "delete in --url URL", code: 1},
		{args: "delete in --ignore-not-found --url URL"},
	})
	var got []string
	for _, each := range c.changes() {
		if strings.Contains(each, "/in/restart") || strings.Contains(each, "/in/tasks") {
			got = append(got, each)
		}
	}
	want := []string{"POST /connectors/in/restart?includeTasks=true&onlyFailed=false", "POST /connectors/in/restart?includeTasks=false&onlyFailed=false",
		"POST /connectors/in/restart?includeTasks=true&onlyFailed=true", "POST /connectors/in/tasks/0/restart", "POST /connectors/in/tasks/3/restart"}
	if !slices.Equal(got, want) {
		t.Errorf("asked %q, want %q", got, want)
	}
}

// A worker that cannot change single keys is given all of them.
func TestPatchOfAnOldWorker(t *testing.T) {
	c := newCluster(t).with("in", map[string]string{"k": "1", "old": "x"}, api.Running)
	c.old = true
	newTerminal(t, c.URL).run([]step{{args: "patch in --set k=2 --remove old --url URL", want: []string{"connector in changed\n"}}})
	want := []string{`PATCH /connectors/in/config {"k":"2","old":null}`, `PUT /connectors/in/config {"k":"2","name":"in"}`}
	if got := c.changes(); !slices.Equal(got, want) {
		t.Errorf("asked %q, want %q", got, want)
	}
}

// With --stop a connector is afterwards what it was before, also when the worker refuses.
func TestOffsetsAreAltered(t *testing.T) {
	for name, c := range map[string]struct {
		state  api.State
		refuse string
		code   int
		want   []string
	}{
		"running": {api.Running, "", 0, []string{"PUT /connectors/out/stop", "PATCH", "PUT /connectors/out/resume"}},
		"paused":  {api.Paused, "", 0, []string{"PUT /connectors/out/stop", "PATCH", "PUT /connectors/out/pause"}},
		"stopped": {api.Stopped, "", 0, []string{"PATCH"}},
		"refused": {api.Running, "no such partition", 1, []string{"PUT /connectors/out/stop", "PATCH", "PUT /connectors/out/resume"}},
	} {
		t.Run(name, func(t *testing.T) {
			fake := newCluster(t).with("out", map[string]string{}, api.Running)
			fake.connectors["out"].state, fake.refuse = c.state, c.refuse
			newTerminal(t, fake.URL).run([]step{{args: "alter offsets out --to my-topic-3=12 --stop --url URL", code: c.code, want: []string{c.refuse}}})
			got := fake.changes()
			for i := range got {
				if strings.HasPrefix(got[i], "PATCH") {
					const body = `PATCH /connectors/out/offsets {"offsets":[{"partition":{"kafka_partition":3,"kafka_topic":"my-topic"},"offset":{"kafka_offset":12}}]}`
					if got[i] != body {
						t.Errorf("asked %s, want %s", got[i], body)
					}
					got[i] = "PATCH"
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("asked %q, want %q", got, c.want)
			}
		})
	}
}

func TestMistakesAreNotSent(t *testing.T) {
	c := newCluster(t)
	term := newTerminal(t, c.URL)
	var steps []step
	for args, want := range map[string]string{
		"pause":                                        "name at least one connector: suiro ctl pause NAME",
		"get config":                                   "0 arguments: name the connector: suiro ctl get config NAME",
		"get config a b":                               "2 arguments",
		"get conectors":                                "did you mean connectors?",
		"get connectors -o xml":                        "--output xml: must be table, json, yaml or name",
		"apply":                                        "name at least one file: suiro ctl apply -f connector.json",
		"apply -f /no/such.json":                       "/no/such.json: no such file",
		"patch a":                                      "nothing to change: --set key=value, or --remove key",
		"patch a --set k":                              "--set k: must be key=value",
		"patch a --set k=1 --remove k":                 "--remove k: --set sets it too",
		"restart a b --task 1":                         "--task names tasks of one connector",
		"alter offsets a":                              "no offsets: --to topic-partition=offset for a sink, or -f file",
		"alter offsets a --to topic=1":                 "--to topic=1: must be topic-partition=offset",
		"alter offsets a --to topic-0=-1":              "must be topic-partition=offset",
		"wait a --for failed":                          "--for failed: must be running, paused, stopped or deleted",
		"tap a --stage put":                            "--stage put: must be one of polled, consumed, converted, transformed",
		"tap a --limit -1":                             "--limit -1: must not be negative",
		"tap a -o yaml":                                "-o yaml: must be table or json",
		"tap":                                          "name",
		"top --sort size":                              "--sort size: must be name, records or lag",
		"get connectors --watch --interval 1ms":        "--interval 1ms: must be at least 10ms",
		"get connectors --context nosuch":              "there is no context nosuch",
		"get connectors --url ftp://a":                 "must begin with http:// or https://",
		"get connectors --cert-file a.pem":             "--cert-file and --key-file go together",
		"get connectors --ca-file /no/such.pem":        "--ca-file: open /no/such.pem: no such file",
		"get connectors --user a --password-file /no/": "--password-file /no/",
		"patch a tasks.max=4":                          "tasks.max=4 does not name a connector: write --set tasks.max=4",
		"alter offsets a t-0=4":                        "t-0=4 does not name a connector: write --to t-0=4",
		"wait a running":                               "running does not name a connector: write --for running",
		"tap a 0":                                      "0 does not name a connector: write --task 0",
		"restart a 0":                                  "0 does not name a connector: write --task 0",
		"pause a http://b":                             "http://b does not name a connector: write --url http://b",
		"set logger root":                              "1 argument: name the logger and its level: suiro ctl set logger NAME LEVEL",
		"config set-context a":                         "--url is needed",
		"config use-context a":                         "there is no context a",
	} {
		steps = append(steps, step{args: args, code: cli.ExitUsage, want: []string{want}})
	}
	term.run(steps)
	term.run([]step{
		{args: "apply -f -", in: "bootstrap.servers=a:1\nkey.converter=x\n", code: cli.ExitUsage, want: []string{"-: is a worker's configuration: a file holds one connector"}},
		{args: "apply -f -", in: "name: in\nconfig:\n  topics: [a, b]\n", code: cli.ExitUsage, want: []string{"line 3: the values of a configuration are texts, and a list is written as a,b"}},
		{args: "alter offsets a -f -", in: `{"offset":[]}`, code: cli.ExitUsage, want: []string{`is not the JSON that get offsets -o json prints: json: unknown field "offset"`}},
	})
	if got := c.changes(); len(got) > 0 {
		t.Errorf("asked %q, want nothing", got)
	}
}

func TestContexts(t *testing.T) {
	c := newCluster(t).with("in", map[string]string{}, api.Running)
	term := newTerminal(t, c.URL)
	term.run([]step{
		{args: "config get-contexts", want: []string{"There are no contexts.\n"}},
		{args: "config current-context", code: 1, want: []string{"no context is current"}},
		{args: "config set-context test --url URL --user ann --password-file -", in: "s3cret\n", want: []string{"context test set\n"}},
		{args: "config set-context prod --url http://bob:t0p@127.0.0.1:1", want: []string{"context prod set\n"}},
		{args: "config get-contexts", want: []string{"NAME   CURRENT   URL", "prod             http://127.0.0.1:1", "user bob\n", "test   *", "user ann\n"}},
		{args: "get connectors -o name", want: []string{"in\n"}},
		{args: "config use-context prod", want: []string{"context prod is current\n"}},
		{args: "config current-context", want: []string{"prod\n"}},
		{args: "get connectors -o name", code: 1, want: []string{"http://127.0.0.1:1/connectors: nothing listens there"}},
		{args: "get connectors -o name --context test", want: []string{"in\n"}},
		{args: "config use-context tst", code: 2, want: []string{"did you mean test?"}},
		{args: "config delete-context prod", want: []string{"context prod deleted\n"}},
		{args: "config get-contexts -o json", want: []string{`"name": "test"`, `"current": false`, `"login": "user ann"`}},
	})
	for _, args := range []string{"config get-contexts", "config get-contexts -o json", "config get-contexts -o yaml"} {
		if _, stdout, _ := term.typed(t.Context(), "", strings.Fields(args)...); strings.Contains(stdout, "s3cret") || strings.Contains(stdout, "t0p") {
			t.Errorf("%s shows a password:\n%s", args, stdout)
		}
	}
}

// Whoever sends a password over a network is told so.
func TestALoginWithoutEncryptionIsWarnedOf(t *testing.T) {
	term := newTerminal(t, newCluster(t).URL)
	for url, want := range map[string]bool{"http://connect.invalid:8083": true, "https://connect.invalid:8083": false, "URL": false,
		"http://ann:s3cret@connect.invalid:8083": true} {
		args := []string{"get", "connectors", "--url", url}
		if !strings.Contains(url, "@") {
			args = append(args, "--user", "ann", "--password-file", "-")
		}
		_, _, stderr := term.typed(t.Context(), "s3cret\n", args...)
		if got := strings.Contains(stderr, "without encryption: use https"); got != want || strings.Contains(stderr, "s3cret") {
			t.Errorf("%s: warned %v, want %v: %s", url, got, want, stderr)
		}
	}
}

func TestARebalanceIsWaitedFor(t *testing.T) {
	c := newCluster(t).with("in", map[string]string{}, api.Running)
	c.rebalance = 2
	term := newTerminal(t, c.URL)
	code, stdout, stderr := term.typed(t.Context(), "", "pause", "in", "--url", c.URL)
	if code != 0 || stdout != "connector in is being paused\n" || strings.Count(stderr, "trying again") != 1 {
		t.Errorf("code %d, %q, %q, want it done and one line about the rebalance", code, stdout, stderr)
	}
	c.rebalance = 2
	term.run([]step{{args: "pause in --retry-for 0 --url URL", code: 1, want: []string{"worker rebalance"}}})
}

// It asks again until it has as many records as it was told.
func TestTapShowsRecords(t *testing.T) {
	c := newCluster(t).with("out", map[string]string{}, api.Running)
	term := newTerminal(t, c.URL)
	term.run([]step{
		{args: "tap out --limit 3 --stage consumed --url URL", want: []string{"record 1   task 0", "  consumed     in   value",
			"limit=3", "after drop dropped\n", "record 2 ", `key "\u001b`, "record 3 ", "limit=1"}},
		{args: "tap out --limit 1 -o json --task 0 --url URL", want: []string{`"record":1,"stage":"consumed"`, `"outcome":"dropped"`}},
		{args: "tap nosuch --url URL", code: 1, want: []string{"nosuch"}},
	})
	if c.taps != 3 {
		t.Errorf("the worker was asked %d times, want 2 for three records and 1 for one", c.taps)
	}
	c.old = true
	term.run([]step{{args: "tap out --url URL", code: 1, want: []string{"only workers of Suiro show records"}}})
}

// A connector's tasks may be in many workers, and move.
func TestTapAsksEveryWorkerThatRunsTasks(t *testing.T) {
	c := newCluster(t).with("out", map[string]string{}, api.Running, api.Running, api.Running, api.Running)
	other := newCluster(t).with("out", map[string]string{}, api.Running)
	other.runs = []int{1}
	java := newCluster(t).with("out", map[string]string{}, api.Running)
	java.old = true
	term := newTerminal(t, c.URL)
	at := func(task int, url string) {
		c.connectors["out"].tasks[task].WorkerID = strings.TrimPrefix(url, "http://")
	}
	at(1, other.URL)
	at(2, java.URL)
	term.run([]step{{args: "tap out --limit 6 --url URL", want: []string{"record 5", "record 6", "task 2 on", "only workers of Suiro",
		"task 3 on", "it is not there now; it may be on its way to another worker"}}})
	if c.taps < 1 || other.taps < 1 {
		t.Errorf("asked %d and %d times, want both workers", c.taps, other.taps)
	}
	other.runs, other.moving = []int{1}, other.taps+1
	term.run([]step{
		{args: "tap out --limit 1 --task 1 --url " + other.URL, code: 1, want: []string{"has no such task now"}},
		{args: "tap out --limit 1 --task 0 --url " + other.URL, want: []string{"record 1", "is not shown"}},
	})
}

func TestTopShowsRatesAndLag(t *testing.T) {
	c := newCluster(t).with("out", map[string]string{}, api.Running, api.Failed).with("idle", map[string]string{}, api.Running)
	term := newTerminal(t, c.URL)
	code, stdout, stderr := term.typed(t.Context(), "", "top", "--count", "2", "--interval", "100ms", "--tasks", "--sort", "lag", "--url", c.URL)
	looks := strings.Split(stdout, "2 connectors, 3 tasks, 1 failed\n")
	if code != 0 || len(looks) != 3 {
		t.Fatalf("code %d, %d looks, want 2:\n%s%s", code, len(looks)-1, stdout, stderr)
	}
	row := func(look, name string) []string {
		for line := range strings.Lines(look) {
			if fields := strings.Fields(line); len(fields) > 6 && fields[0] == name {
				return fields
			}
		}
		t.Fatalf("no row of %s in\n%s", name, look)
		return nil
	}
	if first := row(looks[1], "out"); first[len(first)-1] != "42" || first[len(first)-3] != "-" {
		t.Errorf("first look %q, want the lag 42 and no rate", first)
	}
	if second := row(looks[2], "out"); second[len(second)-4] == "-" || second[len(second)-4] == "0" {
		t.Errorf("second look %q, want a rate", second)
	}
	if at := strings.Index(looks[2], "out "); at < 0 || at > strings.Index(looks[2], "idle ") {
		t.Errorf("out, which has a lag, does not come first:\n%s", looks[2])
	}
}

// A person who watches sees what has changed, and that a worker is away.
func TestWatchShowsChanges(t *testing.T) {
	c := newCluster(t).with("in", map[string]string{}, api.Running)
	term := newTerminal(t, c.URL)
	ctx, end := context.WithCancel(t.Context())
	c.onList = func(n int) bool {
		if n == 5 {
			end()
		}
		return n == 3
	}
	code, stdout, _ := term.typed(ctx, "", "get", "connectors", "-o", "name", "--watch", "--interval", "10ms", "--url", c.URL)
	if want := "in\nsuiro: GET /connectors: broken (HTTP status 500)\nin\n"; code != 0 || stdout != want {
		t.Errorf("code %d, %q, want %q", code, stdout, want)
	}
}

func TestNamesAreCompleted(t *testing.T) {
	c := newCluster(t).with("in", map[string]string{}, api.Running).with("out", map[string]string{}, api.Running)
	term := newTerminal(t, c.URL)
	term.run([]step{{args: "config set-context test --url URL"}})
	for args, want := range map[string]string{"pause|in|": "out\n", "pause|": "in\nout\n", "get|connectors|--context|": "test\n",
		"wait|in|--for|": "running\npaused\nstopped\ndeleted\n", "get|connectors|-o|": "table\njson\nyaml\nname\n"} {
		if _, stdout, _ := term.complete(t.Context(), strings.Split(args, "|")...); !strings.HasPrefix(stdout, want) {
			t.Errorf("%s completes\n%s\nwant\n%s", args, stdout, want)
		}
	}
}

func TestHTTPS(t *testing.T) {
	fake := newCluster(t).with("in", map[string]string{}, api.Running)
	secure := httptest.NewTLSServer(fake.handler())
	t.Cleanup(secure.Close)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw})
	if err := os.WriteFile(ca, text, 0o600); err != nil {
		t.Fatal(err)
	}
	newTerminal(t, secure.URL).run([]step{
		{args: "get connectors -o name --url URL --ca-file " + ca, want: []string{"in\n"}},
		{args: "get connectors -o name --url URL --insecure", want: []string{"in\n"}},
		{args: "get connectors -o name --url URL", code: 1, want: []string{"certificate"}},
	})
}
