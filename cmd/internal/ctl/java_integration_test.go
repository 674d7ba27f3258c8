//go:build integration

package ctl_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/internal/servicetest"
)

// A connector's whole life on a Java worker, as a person types it.
func TestAJavaWorkerIsSteered(t *testing.T) {
	term := newTerminal(t, servicetest.JavaWorker(t))
	name := fmt.Sprintf("ctl-%d", time.Now().UnixNano())
	lines := filepath.Join(t.TempDir(), "lines.txt")
	if err := os.WriteFile(lines, []byte("a\nb\nc\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { term.forget(context.WithoutCancel(t.Context()), name) })
	file := func(more string) string {
		return fmt.Sprintf(`{"name":%q,"config":{"connector.class":"FileStreamSource","file":%q,"topic":%q%s}}`, name, lines, name, more)
	}
	replaced := func(steps []step) []step {
		for i := range steps {
			steps[i].args = strings.ReplaceAll(steps[i].args, "NAME", name)
			for j := range steps[i].want {
				steps[i].want[j] = strings.ReplaceAll(steps[i].want[j], "NAME", name)
			}
		}
		return steps
	}
	term.run(replaced([]step{
		{args: "config set-context java --url URL", want: []string{"context java set\n"}},
		{args: "info", want: []string{"WORKER", "VERSION", "URL", "4."}},
		{args: "health", want: []string{"healthy"}},
		{args: "get plugins", want: []string{"FileStreamSourceConnector"}},
		{args: "get plugins --all -o name", want: []string{"org.apache.kafka.connect.converters."}},
		{args: "describe plugin FileStreamSource", want: []string{"topic", "The topic to publish data to", "required"}},
		{args: "validate -f -", in: file(`,"tasks.max":"0"`), code: 1, want: []string{"is not valid:\n  Invalid value 0 for configuration tasks.max"}},
		{args: "apply -f - --dry-run", in: file(""), want: []string{"connector NAME would be created\n", "+ topic = NAME\n"}},
		{args: "get config NAME", code: 1, want: []string{"Connector NAME not found (HTTP status 404)"}},
		{args: "create -f - --state stopped", in: file(""), want: []string{"connector NAME created\n"}},
		{args: "create -f -", in: file(""), code: 1, want: []string{"Connector NAME already exists (HTTP status 409)"}},
		{args: "wait NAME --for stopped --timeout 1m"},
		{args: "apply -f -", in: file(""), want: []string{"connector NAME unchanged\n"}},
		{args: "apply -f - --dry-run", in: file(`,"batch.size":"7"`), want: []string{"would be changed\n", "+ batch.size = 7\n"}},
		{args: "apply -f -", in: file(`,"batch.size":"7"`), want: []string{"connector NAME changed\n"}},
		{args: "patch NAME --set batch.size=8 --remove file --dry-run", want: []string{"~ batch.size = 8 (was 7)\n", "- file = "}},
		{args: "patch connector NAME --set batch.size=8", want: []string{"connector NAME changed\n"}},
		{args: "get config NAME -o properties", want: []string{"batch.size=8\n", "name=NAME\n"}},
		{args: "resume NAME", want: []string{"connector NAME is being resumed\n"}},
		{args: "wait NAME --timeout 1m"},
		{args: "get connectors NAME", want: []string{"NAME", "source", "RUNNING", "1 RUNNING"}},
		{args: "get tasks NAME -o json", want: []string{`"connector": "NAME"`, `"state": "RUNNING"`}},
		{args: "status NAME", want: []string{"NAME", "RUNNING", "task 0", "RUNNING"}},
		{args: "top --count 2 --interval 50ms", want: []string{"failed\n", "RECORDS/S", "NAME", "source", "RUNNING"}},
		{args: "pause NAME", want: []string{"is being paused"}},
		{args: "wait NAME --for paused --timeout 1m"},
		{args: "resume NAME"},
		{args: "wait NAME --timeout 1m"},
		{args: "restart NAME --task 0", want: []string{"is being restarted"}},
		{args: "restart NAME", want: []string{"is being restarted"}},
		{args: "wait NAME --timeout 1m"},
		{args: "alter offsets NAME -f -", in: position(lines, 2), code: 1, want: []string{"Connectors must be in the STOPPED state"}},
		{args: "alter offsets NAME -f - --stop", in: position(lines, 2), want: []string{"altered successfully"}},
		{args: "wait NAME --timeout 1m"},
		{args: "stop NAME", want: []string{"is being stopped"}},
		{args: "wait NAME --for stopped --timeout 1m"},
		{args: "get offsets NAME -o json", want: []string{`"filename": `, `"position": `}},
		{args: "reset offsets NAME", want: []string{"reset successfully"}},
		{args: "get offsets NAME", want: []string{"There are no offsets.\n"}},
		{args: "reset topics NAME", want: []string{"has no topics any more"}},
		{args: "describe connector NAME", want: []string{"Name:", "NAME", "STOPPED", "Configuration:", "batch.size = 8"}},
		{args: "set logger org.example.NAME DEBUG", want: []string{"1 logger changed"}},
		{args: "get loggers org.example.NAME", want: []string{"org.example.NAME", "DEBUG"}},
		{args: "delete NAME nosuch", code: 1, want: []string{"connector NAME deleted\n", "connector nosuch: ", "not found"}},
		{args: "delete NAME --ignore-not-found", want: []string{"connector NAME deleted\n"}},
		{args: "wait NAME --for deleted --timeout 1m"},
	}))
}

// position is the offset of a file source.
func position(file string, at int) string {
	return fmt.Sprintf(`{"offsets":[{"partition":{"filename":%q},"offset":{"position":%d}}]}`, file, at)
}

// forget leaves a worker and a Kafka that others use too as they were.
func (t *terminal) forget(ctx context.Context, name string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	t.typed(ctx, "", "delete", name, "--ignore-not-found")
	if os.Getenv("SUIRO_KAFKA") == "" {
		return
	}
	adm := kadm.NewClient(kafkatest.Client(t, kafkatest.Real(t)))
	if _, err := adm.DeleteTopics(ctx, name); err != nil {
		t.Error(err)
	}
}
