package accesslog

//go:generate go test -run TestExampleIsUpToDate -update .

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/suiro/suiro/transforms/formats/ltsv"
)

var update = flag.Bool("update", false, "write examples/access.ltsv")

const examplePath = "../../examples/access.ltsv"

// example is what examples/access.ltsv is made with.
func example() Options { return Options{Lines: 2000, Seed: 15, Broken: true} }

func TestExampleIsUpToDate(t *testing.T) {
	var b bytes.Buffer
	if err := Write(&b, example()); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(examplePath, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	committed, err := os.ReadFile(examplePath)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), committed) {
		t.Errorf("%s differs from what Write makes: run go generate", examplePath)
	}
}

func TestWriteMakesValidLinesUnlessAskedToBreakSome(t *testing.T) {
	for _, test := range []struct {
		broken bool
		want   int
	}{{false, 0}, {true, 4}} { // not LTSV, cut short, a label twice, empty
		var b bytes.Buffer
		if err := Write(&b, Options{Lines: 500, Seed: 1, Broken: test.broken}); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
		if got, want := len(lines), 500; got != want {
			t.Fatalf("Write made %d lines, want %d", got, want)
		}
		bad, parser := 0, ltsv.NewParser(nil)
		for _, l := range lines {
			if err := parser.Parse(new(ltsv.Record), []byte(l)); err != nil || l == "" {
				bad++
			}
		}
		if bad != test.want {
			t.Errorf("with Broken %v, %d lines are not LTSV, want %d", test.broken, bad, test.want)
		}
	}
}

func TestWriteTellsOfAFullDisk(t *testing.T) {
	full := errors.New("no space left")
	if err := Write(failing{full}, Options{Lines: 1}); !errors.Is(err, full) {
		t.Errorf("Write = %v, want %v", err, full)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
