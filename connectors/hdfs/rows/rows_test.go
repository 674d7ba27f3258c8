package rows

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/suiro/suiro/transforms/formats/avro"
	"github.com/suiro/suiro/transforms/formats/avro/ocf"
)

// write writes an Avro file of n numbers.
func write(t *testing.T, path string, n int) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	codec, err := avro.ParseCodec([]byte(`{"type":"record","name":"R","fields":[{"name":"n","type":"int"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	w, err := ocf.NewWriter(f, codec, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if err := w.Write(map[string]any{"n": int32(i)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestCountReadsTheFilesThatHiveReads(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "t/dt=1/hour=00/t+0+0000+0009.avro"), 10)
	write(t, filepath.Join(dir, "t/dt=1/hour=00/t+1+0000+0006.avro"), 7)
	write(t, filepath.Join(dir, "t/dt=1/hour=01/t+0+0010+0010.avro"), 1)
	write(t, filepath.Join(dir, "t/dt=1/hour=01/.t+0+0011+0011.avro"), 1)
	write(t, filepath.Join(dir, "t/_dt=2/t+0+0012+0012.avro"), 1)
	write(t, filepath.Join(dir, "other/t+0+0013+0013.avro"), 1)
	got, err := Count(t.Context(), "file://"+dir, "t")
	if err != nil {
		t.Fatal(err)
	}
	if want := (Counted{Rows: 18, Files: 3, Folders: 2}); got != want {
		t.Errorf("Count = %+v, want %+v", got, want)
	}
}

func TestCountOfAMissingFolderIsNothing(t *testing.T) {
	got, err := Count(t.Context(), "file://"+t.TempDir(), "t")
	if err != nil || got != (Counted{}) {
		t.Errorf("Count = %+v, %v, want nothing", got, err)
	}
}

func TestCountRefusesADamagedFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "t", "t+0+0+9.avro")
	write(t, path, 10)
	if err := os.Truncate(path, 150); err != nil {
		t.Fatal(err)
	}
	if _, err := Count(t.Context(), "file://"+dir, "t"); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("Count = %v, want an error that names %s", err, path)
	}
}
