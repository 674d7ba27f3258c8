package deploy_test

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"os"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/cli"
	"github.com/suiro/suiro/connect/herder/api"
)

const (
	source = `{"name": "lines", "config": {"connector.class": "FileStreamSource", "file": "lines.txt", "topic": "orders"}}`
	sink   = "name: copy\nconfig:\n  connector.class: FileStreamSink\n  topics: orders\n  file: copy.txt\n  tasks.max: 2\n"
	soon   = " --settle 300ms --timeout 30s"
)

// A folder, from an empty cluster to one in which nothing of it is left.
func TestAFolderIsApplied(t *testing.T) {
	for mode := range modes {
		t.Run(mode, func(t *testing.T) {
			term := newTerminal(t, startWorker(t, mode))
			term.file("lines.txt", "a\n")
			term.file("lines.json", source)
			term.file("copy.yaml", sink)
			const created = "+ copy: create (copy.yaml)\n    + connector.class = FileStreamSink\n    + file = copy.txt\n    + name = copy\n" +
				"    + tasks.max = 2\n    + topics = orders\n+ lines: create (lines.json)\n    + connector.class = FileStreamSource\n" +
				"    + file = lines.txt\n    + name = lines\n    + topic = orders\n\nPlan: 2 to create\n"
			term.run("plan .", cli.ExitOK, created)
			if names, err := term.client().Connectors(t.Context()); err != nil || len(names) > 0 {
				t.Fatalf("after plan there are %q, %v", names, err)
			}
			term.run("apply . --yes"+soon, cli.ExitOK, created+"copy created\nlines created\n... is RUNNING with tasks ... RUNNING\n"+
				"... is RUNNING with tasks ... RUNNING\n")
			same := "  copy: unchanged (copy.yaml)\n  lines: unchanged (lines.json)\n\nNothing to do: 2 unchanged\n"
			term.run("plan .", cli.ExitOK, same)
			term.run("apply ."+soon, cli.ExitOK, same)

			term.file("copy.yaml", strings.Replace(sink, "tasks.max: 2", "errors.tolerance: all", 1))
			const changed = "~ copy: change (copy.yaml)\n    + errors.tolerance = all\n    - tasks.max = 2\n  lines: unchanged (lines.json)\n\n" +
				"Plan: 1 to change, 1 unchanged\n"
			term.run("apply . --yes"+soon, cli.ExitOK, changed+"copy changed\ncopy is RUNNING with tasks 1 RUNNING\n")
			if err := os.Remove("lines.json"); err != nil {
				t.Fatal(err)
			}
			term.run("plan .", cli.ExitOK, "  copy: unchanged (copy.yaml)\n  lines: not in the files, left alone\n\n"+
				"Nothing to do: 1 unchanged, 1 left alone\n")
			term.run("apply . --prune --yes"+soon, cli.ExitOK, "- lines: delete\n  copy: unchanged (copy.yaml)\n\n"+
				"Plan: 1 to delete, 1 unchanged\nlines deleted\n")
			term.run("apply . --prune --yes"+soon, cli.ExitOK, "  copy: unchanged (copy.yaml)\n\nNothing to do: 1 unchanged\n")
		})
	}
}

// What a worker would refuse keeps everything as it is.
func TestNothingIsDoneWhenAConfigurationIsWrong(t *testing.T) {
	term := newTerminal(t, startWorker(t, "standalone"))
	term.file("lines.json", strings.Replace(source, `"file"`, `"tasks.max": "0", "flie"`, 1))
	term.file("copy.yaml", sink)
	term.file("class.properties", "name=class\nconnector.class=NoSuchSink\ntopics=orders\n")
	for _, line := range []string{"plan .", "apply . --yes" + soon} {
		code, stdout, stderr := term.typed(strings.NewReader(""), line)
		for _, want := range []string{"    error: Invalid value 0 for configuration tasks.max: Value must be at least 1\n",
			"    error: Unknown configuration \"flie\", did you mean \"file\"?\n", "    error: Failed to find any class that implements Connector"} {
			if !strings.Contains(stdout, want) {
				t.Errorf("%s prints\n%s\nwant %q", line, stdout, want)
			}
		}
		if want := "the worker would refuse class, lines: "; code != cli.ExitFailure || !strings.Contains(stderr, want) {
			t.Errorf("%s: code %d, %s, want %q", line, code, stderr, want)
		}
	}
	if names, err := term.client().Connectors(t.Context()); err != nil || len(names) > 0 {
		t.Errorf("there are %q, %v, want nothing", names, err)
	}
}

// A task that fails ends the wait with its reason, long before the time is over.
func TestAFailedTaskIsReported(t *testing.T) {
	term := newTerminal(t, startWorker(t, "standalone"))
	term.file("copy.yaml", strings.Replace(sink, "copy.txt", "/no/such/folder/copy.txt", 1))
	code, _, stderr := term.typed(strings.NewReader(""), "apply . --yes --settle 200ms --timeout 50s")
	if code != cli.ExitFailure || !strings.Contains(stderr, "connector copy: task ") || !strings.Contains(stderr, "/no/such/folder/copy.txt: no such file") {
		t.Errorf("code %d, %s, want the reason of a task", code, stderr)
	}
	term.file("copy.yaml", sink)
	if code, stdout, stderr := term.typed(strings.NewReader(""), "apply . --yes"+soon); code != cli.ExitOK ||
		!strings.Contains(stdout, "copy is RUNNING with tasks 2 RUNNING") {
		t.Errorf("corrected: code %d, %s%s", code, stdout, stderr)
	}
}

// A connector that never has a task does not run in time.
func TestTheTimeOfAWaitEnds(t *testing.T) {
	term := newTerminal(t, startWorker(t, "standalone"))
	term.file("copy.yaml", sink)
	code, _, stderr := term.typed(strings.NewReader(""), "apply . --yes --settle 1h --timeout 2s")
	if want := "connector copy: is not RUNNING in time, but RUNNING on "; code != cli.ExitFailure || !strings.Contains(stderr, want) {
		t.Errorf("code %d, %s, want %q", code, stderr, want)
	}
	term.file("lines.json", source)
	term.run("apply . --yes --no-wait --settle 1h", cli.ExitOK, "+ lines: ...\n    ...\n    ...\n    ...\n    ...\n"+
		"  copy: unchanged (copy.yaml)\n\nPlan: 1 to create, 1 unchanged\nlines created\n")
}

// Secrets are shown as references or not at all, and one that the worker does not show
// makes no difference unless it is asked for.
func TestSecrets(t *testing.T) {
	t.Setenv("DEPLOY_TEST_PASSWORD", "top-secret too")
	term := newTerminal(t, startWorker(t, "standalone"))
	search := func(user, password string) {
		term.file("search.json", `{"name": "search", "initial_state": "STOPPED", "config": {"connector.class": "ElasticsearchSink", "topics": "orders",
			"connection.url": "http://localhost:1", "value.converter": "AvroConverter",
			"value.converter.schema.registry.url": "http://ann:top-secret@localhost:1", "connection.username": "`+user+`", "connection.password": "`+password+`",
			"consumer.override.ssl.key.password": "${env:DEPLOY_TEST_PASSWORD}"}}`)
	}
	search("ann", "top-secret")
	shown := []string{"    + connection.password = [hidden]\n", "    + value.converter.schema.registry.url = http://[hidden]@localhost:1\n",
		"    + consumer.override.ssl.key.password = ${env:DEPLOY_TEST_PASSWORD}\n"}
	code, stdout, stderr := term.typed(strings.NewReader(""), "apply . --yes"+soon)
	for _, want := range append(shown, "search is STOPPED with tasks 0\n") {
		if code != cli.ExitOK || !strings.Contains(stdout, want) {
			t.Errorf("code %d, %s%s, want %q", code, stdout, stderr, want)
		}
	}
	const hidden = "    not compared, as the worker does not show secrets: connection.password, value.converter.schema.registry.url\n"
	search("ann", "another top-secret")
	term.run("plan .", cli.ExitOK, "  search: unchanged (search.json)\n"+hidden+"\nNothing to do: 1 unchanged\n")
	term.run("plan . --resend-secrets", cli.ExitOK, "~ search: change (search.json)\n    ~ connection.password = [hidden] (was [hidden])\n"+
		"    ~ value.converter.schema.registry.url = http://[hidden]@localhost:1 (was http://[hidden]@localhost:1)\n"+hidden+"\nPlan: 1 to change\n")
	search("bob", "another top-secret")
	term.run("apply . --yes"+soon, cli.ExitOK, "~ search: change (search.json)\n    ~ connection.username = bob (was ann)\n"+hidden+
		"\nPlan: 1 to change\nsearch changed\nsearch is STOPPED with tasks 0\n")
}

// meanwhile is a person who is asked, during which something else happens.
type meanwhile struct {
	do     func()
	answer string
}

func (m *meanwhile) Read(p []byte) (int, error) {
	if m.do != nil {
		m.do()
		m.do = nil
		return copy(p, m.answer), nil
	}
	return 0, io.EOF
}

// What somebody else does between the plan and the work ends the work there.
func TestAChangeBySomebodyElseIsRefused(t *testing.T) {
	ctx := context.Background()
	term := newTerminal(t, startWorker(t, "standalone"))
	term.file("copy.yaml", sink)
	term.run("apply . --yes --no-wait", cli.ExitOK, "...\n    ...\n    ...\n    ...\n    ...\n    ...\n\nPlan: 1 to create\ncopy created\n")
	there, err := term.client().Config(ctx, "copy")
	if err != nil {
		t.Fatal(err)
	}
	term.file("copy.yaml", strings.Replace(sink, "tasks.max: 2", "tasks.max: 3", 1))
	term.file("lines.json", source)
	other := maps.Clone(there)
	other["tasks.max"] = "4"
	for _, c := range []struct {
		do   func() error
		want string
	}{
		{func() error { _, _, err := term.client().Put(ctx, "copy", other); return err },
			"connector copy: somebody else has changed it since the plan: look at the plan again\nnot tried, because of the error before: lines\n"},
		{func() error { return term.client().Delete(ctx, "copy") }, "connector copy: somebody else has deleted it since the plan"},
		{func() error {
			_, err := term.client().Create(ctx, api.CreateConnectorRequest{Name: "copy", Config: there})
			return err
		}, "connector copy: somebody else has created it since the plan"},
	} {
		m := &meanwhile{answer: "yes\n", do: func() {
			if err := c.do(); err != nil {
				t.Fatal(err)
			}
		}}
		if code, _, stderr := term.typed(m, "apply ."); code != cli.ExitFailure || !strings.Contains(stderr, c.want) {
			t.Errorf("code %d, %s, want %q", code, stderr, c.want)
		}
	}
	if names, err := term.client().Connectors(ctx); err != nil || len(names) != 1 {
		t.Errorf("there are %q, %v, want copy alone", names, err)
	}
}

// Programs read what would be done, and what was.
func TestJSON(t *testing.T) {
	term := newTerminal(t, startWorker(t, "standalone"))
	term.file("copy.yaml", sink)
	term.file("bad.json", `{"name": "bad", "config": {"connector.class": "FileStreamSink", "topics": "orders", "file": "/no/such/folder/x"}}`)
	type step struct {
		Connector, File, Action, Result, State, Reason string
		Changes                                        []map[string]*string
	}
	read := func(line string, wantCode int) map[string]step {
		code, stdout, stderr := term.typed(strings.NewReader(""), line)
		var doc struct{ Steps []step }
		if err := json.Unmarshal([]byte(stdout), &doc); err != nil || code != wantCode {
			t.Fatalf("%s: code %d, %v\n%s%s", line, code, err, stdout, stderr)
		}
		out := map[string]step{}
		for _, s := range doc.Steps {
			out[s.Connector] = s
		}
		return out
	}
	if s := read("plan . -o json", cli.ExitOK)["copy"]; s.Action != "create" || s.File != "copy.yaml" || len(s.Changes) != 5 || s.Result != "" {
		t.Errorf("the plan has %+v", s)
	}
	steps := read("apply . --yes -o json --settle 200ms", cli.ExitFailure)
	if s := steps["copy"]; s.Result != "done" || s.State != "RUNNING" || s.Reason != "" {
		t.Errorf("copy came to %+v", s)
	}
	if s := steps["bad"]; s.Result != "failed" || !strings.Contains(s.Reason, "no such file") {
		t.Errorf("bad came to %+v", s)
	}
}

func TestMistakesOfTheCommandLine(t *testing.T) {
	term := newTerminal(t, "http://127.0.0.1:1")
	term.file("broken.json", "{")
	term.file("a.json", source)
	term.file("b.json", source)
	for line, want := range map[string]string{
		"plan":                 "suiro connect plan needs a folder or a file of connectors",
		"plan nowhere":         "nowhere: no such file or directory",
		"plan .":               "b.json: connector lines is also in a.json: give one of them another name\nbroken.json: is not a JSON object",
		"plan a.json -o xml":   "--output xml: must be text or json",
		"apply a.json -o json": "-o json asks nobody: add --yes",
	} {
		if code, _, stderr := term.typed(strings.NewReader(""), line); code != cli.ExitUsage || !strings.Contains(stderr, want) {
			t.Errorf("%s: code %d, %s, want %q", line, code, stderr, want)
		}
	}
	if code, _, stderr := term.typed(strings.NewReader(""), "plan a.json"); code != cli.ExitFailure || !strings.Contains(stderr, "nothing listens there") {
		t.Errorf("without a cluster: code %d, %s", code, stderr)
	}
	term.url = startWorker(t, "standalone")
	for answer, wantCode := range map[string]int{"": cli.ExitUsage, "no\n": cli.ExitUsage, "y\n": cli.ExitUsage, "yes\n": cli.ExitOK} {
		term.file("answer", answer)
		code, _, stderr := term.typed(strings.NewReader(answer), "apply a.json --no-wait")
		if code != wantCode || !strings.HasPrefix(stderr, "Do this? Type yes: ") {
			t.Errorf("answered %q: code %d, %s", answer, code, stderr)
		}
		if code == cli.ExitOK {
			break
		}
	}
}
