//go:build integration

package operator_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/suiro/suiro/internal/rejections"
)

// build builds a command of the module and returns its path.
func build(t *testing.T, folder string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), filepath.Base(folder))
	if out, err := exec.Command("go", "build", "-o", path, "github.com/suiro/suiro/"+folder).CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", folder, err, out)
	}
	return path
}

// process is a program under an operator's eyes: its log, and its pages over HTTP.
type process struct {
	t       *testing.T
	name    string
	http    string // where its pages are
	log     string // a file
	command []string
	cmd     *exec.Cmd
	mark    int // how much of the log was judged
}

func newProcess(t *testing.T, dir, name, http string, command ...string) *process {
	p := &process{t: t, name: name, http: "http://" + http, log: filepath.Join(dir, name+".log"), command: command}
	t.Cleanup(func() {
		if p.cmd != nil {
			p.signal(syscall.SIGKILL)
		}
		if t.Failed() {
			text, _ := os.ReadFile(p.log)
			t.Logf("log of %s:\n%s", name, text)
		}
	})
	return p
}

func (p *process) start() {
	p.t.Helper()
	out, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		p.t.Fatal(err)
	}
	defer out.Close()
	p.cmd = exec.Command(p.command[0], p.command[1:]...)
	p.cmd.Stdout, p.cmd.Stderr = out, out
	if err := p.cmd.Start(); err != nil {
		p.t.Fatalf("start %s: %v", p.name, err)
	}
}

// signal ends the process by the signal and waits until it is gone.
func (p *process) signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Errorf("send %v to %s: %v", s, p.name, err)
	}
	_ = p.cmd.Wait() // it says how it ended, which is in the log
	p.cmd = nil
}

// lines returns the lines of the log since the last call of judged.
func (p *process) lines() []string {
	text, err := os.ReadFile(p.log)
	if err != nil {
		p.t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(text[p.mark:])), "\n")
}

// says reports whether a new line has all of the words.
func (p *process) says(words ...string) bool { return len(p.with(words...)) > 0 }

// with returns the new lines that have all of the words.
func (p *process) with(words ...string) (found []string) {
	for _, line := range p.lines() {
		has := true
		for _, word := range words {
			has = has && strings.Contains(line, word)
		}
		if has {
			found = append(found, line)
		}
	}
	return found
}

// wantLoud holds the new warnings and errors to those wanted, each once and in any
// order, and looks at the log from here on. What follows after a minute, such as a
// reminder of an outage, does not count: how long a step takes is the machine's affair.
func (p *process) wantLoud(want ...string) {
	p.t.Helper()
	isReminder := func(line string) bool {
		return strings.Contains(line, " away=") || strings.Contains(line, rejections.More)
	}
	loud := slices.DeleteFunc(append(p.with("level=WARN"), p.with("level=ERROR")...), isReminder)
	for _, words := range want {
		if n := len(slices.DeleteFunc(p.with("level=WARN", words), isReminder)); n != 1 {
			p.t.Errorf("%s: %d warnings with %q, want one", p.name, n, words)
		}
	}
	if len(loud) != len(want) {
		p.t.Errorf("%s: %d warnings and errors, want %d:\n%s", p.name, len(loud), len(want), strings.Join(loud, "\n"))
	}
	p.judged()
}

// wantLine wants one new line with the words.
func (p *process) wantLine(words ...string) {
	p.t.Helper()
	if found := p.with(words...); len(found) != 1 {
		p.t.Errorf("%s: %d lines with %q, want one:\n%s", p.name, len(found), words, strings.Join(p.lines(), "\n"))
	}
}

// judged looks at the log from here on. What was new is shown by go test -v.
func (p *process) judged() {
	p.t.Logf("%s has logged\n%s", p.name, strings.Join(p.lines(), "\n"))
	text, err := os.ReadFile(p.log)
	if err != nil {
		p.t.Fatal(err)
	}
	p.mark = len(text)
}
