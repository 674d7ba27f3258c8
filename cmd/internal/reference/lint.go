package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/suiro/suiro/connect/builtin"
	"github.com/suiro/suiro/connect/cli"
)

// lintPage has the rules as the command lists them.
func lintPage() *page {
	p := newPage("lint.md", "Rules of connect lint", "What `suiro connect lint` finds, why, and what to do.")
	p.say("%s", p.about)
	p.say("`--disable` leaves a rule out. A file that is not valid is a finding of the rule `invalid`, which cannot be left " +
		"out. [Before a connector is deployed](../guides/try-a-connector.md#legal-and-probably-wrong) shows the command.")
	var rules []struct{ Rule, Finds, Reason, Remedy string }
	if err := json.Unmarshal(printed("connect", "lint", "--rules", "-o", "json"), &rules); err != nil {
		panic(err) // the command prints JSON
	}
	for _, r := range rules {
		p.heading(2, "`"+r.Rule+"`")
		p.say("Finds %s.", r.Finds)
		p.say("%s", r.Reason)
		p.say("%s", r.Remedy)
	}
	return p
}

// printed is what a command prints.
func printed(args ...string) []byte {
	var out bytes.Buffer
	root := cli.Command(builtin.Plugins())
	root.SetArgs(args)
	root.SetOut(&out)
	if code := cli.Execute(context.Background(), root); code != cli.ExitOK {
		panic(fmt.Sprintf("%q ends with %d", args, code)) // these arguments are fixed
	}
	return out.Bytes()
}
