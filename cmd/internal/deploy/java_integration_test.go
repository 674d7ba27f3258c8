//go:build integration

package deploy_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/suiro/suiro/connect/cli"
	"github.com/suiro/suiro/connect/client"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
	"github.com/suiro/suiro/internal/servicetest"
)

// A Java worker is planned for, changed and waited for as one of Suiro's.
func TestAJavaWorkerIsDeployedTo(t *testing.T) {
	url := servicetest.JavaWorker(t)
	name := fmt.Sprintf("deploy-%d", time.Now().UnixNano())
	lines := filepath.Join(t.TempDir(), "lines.txt")
	if err := os.WriteFile(lines, []byte("a\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	term := newTerminal(t, url)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
		defer cancel()
		if err := term.client().Delete(ctx, name); err != nil && !errors.Is(err, client.ErrNotFound) {
			t.Error(err)
		}
		if os.Getenv("SUIRO_KAFKA") != "" {
			_, _ = kadm.NewClient(kafkatest.Client(t, kafkatest.Real(t))).DeleteTopics(ctx, name)
		}
	})
	apply := func(args, file, more string, wantCode int, wants ...string) {
		t.Helper()
		term.file("lines.json", fmt.Sprintf(`{"name":%q,"config":{"connector.class":"FileStreamSource","file":%q,"topic":%q%s}}`,
			name, file, name, more))
		code, stdout, stderr := term.typed(strings.NewReader(""), args+" lines.json")
		for _, want := range wants {
			if code != wantCode || !strings.Contains(stdout+stderr, want) {
				t.Fatalf("%s: code %d, want %d and %q:\n%s%s", args, code, wantCode, want, stdout, stderr)
			}
		}
	}
	const now = "apply --yes --timeout 1m"
	apply("plan", lines, `,"tasks.max":"0"`, cli.ExitFailure, "+ "+name+": create (lines.json)", "error: Invalid value 0 for configuration tasks.max")
	apply(now, lines, "", cli.ExitOK, name+" created\n", name+" is RUNNING with tasks 1 RUNNING\n")
	apply(now, lines, "", cli.ExitOK, "  "+name+": unchanged (lines.json)\n", "Nothing to do: 1 unchanged")
	apply(now, lines, `,"batch.size":"7"`, cli.ExitOK, "    + batch.size = 7\n", name+" changed\n", "is RUNNING with tasks 1 RUNNING\n")
	others := lines + ".2" // which nobody has read yet
	if err := os.WriteFile(others, []byte("b\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	apply(now, others, `,"transforms":"t","transforms.t.type":"org.apache.kafka.connect.transforms.ExtractField$Value","transforms.t.field":"a"`,
		cli.ExitFailure, "connector "+name+": task 0 failed on ", "Only Struct objects supported")
	apply(now, lines, "", cli.ExitOK, "    - transforms = t\n", name+" is RUNNING with tasks 1 RUNNING\n")
}
