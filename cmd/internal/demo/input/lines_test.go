package input

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCountFileContinuesWhereTheSourceDoes(t *testing.T) {
	const text = "one\ntwo\n\nfour\r\nfive"
	for _, c := range []struct {
		name string
		text string
		from int64
		want int64
	}{
		{"all", text, 0, 5},
		{"from the second line", text, 4, 4},
		{"from the empty line", text, 8, 3},
		{"at the end", text, int64(len(text)), 0},
		{"a last line got its end", "one\ntwo\nthree\n", 7, 1},
		{"another file, not at a line", text, 5, 5},
		{"another file, shorter", text, 1000, 5},
		{"empty", "", 0, 0},
		{"longer than the buffer", strings.Repeat("x", 200<<10) + "\ny\n", 0, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			for form, content := range map[string][]byte{"plain": []byte(c.text), "gz": compressed(t, []byte(c.text))} {
				got, err := CountFile(writeFile(t, "log", content), c.from, 1<<40)
				if err != nil || got != c.want {
					t.Errorf("CountFile(%s, %d) = %d, %v, want %d", form, c.from, got, err, c.want)
				}
			}
		})
	}
}

func TestCountFileLeavesOutWhatWasWrittenLater(t *testing.T) {
	const text = "one\ntwo\nthree\n"
	for to, want := range map[int64]int64{0: 0, 4: 1, 6: 2, 8: 2, 14: 3, 99: 3} {
		got, err := CountFile(writeFile(t, "log", []byte(text)), 0, to)
		if err != nil || got != want {
			t.Errorf("CountFile up to %d = %d, %v, want %d", to, got, err, want)
		}
	}
}

func TestCountFileReportsDamage(t *testing.T) {
	whole := compressed(t, bytes.Repeat([]byte("a line\n"), 10_000))
	if _, err := CountFile(writeFile(t, "log.gz", whole[:len(whole)/2]), 0, 1<<40); err == nil {
		t.Error("CountFile of a file that is cut short = nil, want an error")
	}
}
func writeFile(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func compressed(t *testing.T, text []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
