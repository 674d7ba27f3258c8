package screen

import (
	"bytes"
	"strings"
	"testing"

	"github.com/suiro/suiro/internal/rejections"
)

func TestNumbersAndColumns(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1: "-1",
		-1234: "-1,234", -123: "-123"} {
		if got := Number(n); got != want {
			t.Errorf("Number(%d) = %s, want %s", n, got, want)
		}
	}
	got := strings.Join(Aligned([][]string{{"stage", "in", "what"}, {"a", "1,000", "b"}}), "\n")
	if want := "stage     in   what\na      1,000   b"; got != want {
		t.Errorf("Aligned = %q, want %q", got, want)
	}
	if got, want := Printable("a\t\"b\"\x00"), `a\t"b"\x00`; got != want {
		t.Errorf("Printable = %s, want %s", got, want)
	}
	if got, want := Cut("水路水路", 3), "水路…"; got != want {
		t.Errorf("Cut = %s, want %s", got, want)
	}
}

func TestWarningsAreShownOnceAndEverythingIsLogged(t *testing.T) {
	var shown, file bytes.Buffer
	log := NewLogger(&file, &Screen{w: &shown}).With("stage", "hdfs")
	for range 3 {
		log.Warn("disk is slow", "seconds", 3)
	}
	log.Info("all is well")
	log.Warn(rejections.First, "record", "in-0@1")
	if got, want := shown.String(), "  warning: disk is slow stage=hdfs seconds=3\n"; got != want {
		t.Errorf("shown %q, want %q", got, want)
	}
	if got, want := strings.Count(file.String(), "disk is slow"), 3; got != want {
		t.Errorf("logged %d times, want %d", got, want)
	}
	if !strings.Contains(file.String(), "in-0@1") {
		t.Errorf("log lacks the rejected record:\n%s", &file)
	}
	if !strings.Contains(file.String(), "level=INFO msg=\"all is well\" stage=hdfs") {
		t.Errorf("log lacks the information:\n%s", &file)
	}
}

func TestProgressIsPaintedOverOnATerminal(t *testing.T) {
	var b bytes.Buffer
	s := &Screen{w: &b, terminal: true}
	s.Paint([]string{"a 1", "b 1"})
	s.Paint([]string{"a 2", "b 2"})
	s.Above("warning")
	s.Paint([]string{"a 3"})
	s.Println("end")
	want := "a 1\nb 1\n\x1b[2A\x1b[Ja 2\nb 2\n\x1b[2A\x1b[Jwarning\na 3\nend\n"
	if got := b.String(); got != want {
		t.Errorf("screen = %q, want %q", got, want)
	}
}
