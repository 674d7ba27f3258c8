//go:build integration

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/suiro/suiro/internal/kafka/kafkatest"
)

// Instances that join and leave under load cost nothing but a pause, of which the test only
// tells: how long it is depends on the machine. With SUIRO_LONG=1 the load is as high as
// that of the figures in DESIGN.md.
func TestInstancesJoinAndLeaveUnderLoad(t *testing.T) {
	app := filepath.Join(t.TempDir(), "ltsv-json")
	if out, err := exec.Command("go", "build", "-o", app, "../../examples/ltsv-json").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	rate, lasts := "10000", "2s"
	if os.Getenv("SUIRO_LONG") == "1" {
		rate, lasts = "50000", "15s"
	}
	c := command()
	c.SetOut(t.Output())
	c.SetArgs([]string{"run-moves", "--bootstrap-servers", strings.Join(kafkatest.Real(t), ","), "--rate", rate,
		"--lasts", lasts, "--dir", t.TempDir(), "--app", app + " --bootstrap-servers {bootstrap} --application-id " +
			"{application.id} --input-topic {input} --output-topic {output} --state-dir {state}"})
	if err := c.ExecuteContext(t.Context()); err != nil {
		t.Fatal(err)
	}
}
