package readback

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/connectors/filesets/format"
)

var schema = &data.Schema{Kind: data.Struct, Name: "R", Fields: []data.Field{
	{Name: "n", Schema: &data.Schema{Kind: data.Int32}}}}

// write writes a file of n numbers in the format that its name tells.
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
	kind := formatOf(path)
	encoder := kind.Encoder(1)
	var w format.Writer
	for i := range n {
		value := connect.Decoded(schema, map[string]any{"n": int32(i)})
		row, err := encoder.Encode(&value)
		if err == nil && w == nil {
			w, err = kind.Open(f, row.Schema, format.Options{})
		}
		if err == nil {
			err = w.Write(row)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestCountFilesReadsTheFilesThatHiveReads(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "t/dt=1/hour=00/t+0+0000+0009.avro"), 10)
	write(t, filepath.Join(dir, "t/dt=1/hour=00/t+1+0000+0006.avro"), 7)
	write(t, filepath.Join(dir, "t/dt=1/hour=01/t+0+0010+0010.avro"), 1)
	write(t, filepath.Join(dir, "t/dt=1/hour=02/t+0+0011+0011.json"), 3)
	write(t, filepath.Join(dir, "t/dt=1/hour=01/.t+0+0011+0011.avro"), 1)
	write(t, filepath.Join(dir, "t/_dt=2/t+0+0012+0012.avro"), 1)
	write(t, filepath.Join(dir, "other/t+0+0013+0013.avro"), 1)
	got, err := CountFiles(t.Context(), "file://"+dir, "t")
	if err != nil {
		t.Fatal(err)
	}
	if want := (Counted{Rows: 21, Files: 4, Folders: 3}); got != want {
		t.Errorf("CountFiles = %+v, want %+v", got, want)
	}
}

func TestCountFilesOfAMissingFolderIsNothing(t *testing.T) {
	got, err := CountFiles(t.Context(), "file://"+t.TempDir(), "t")
	if err != nil || got != (Counted{}) {
		t.Errorf("CountFiles = %+v, %v, want nothing", got, err)
	}
}

func TestCountFilesRefusesADamagedFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "t", "t+0+0+9.avro")
	write(t, path, 10)
	if err := os.Truncate(path, 150); err != nil {
		t.Fatal(err)
	}
	if _, err := CountFiles(t.Context(), "file://"+dir, "t"); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("CountFiles = %v, want an error that names %s", err, path)
	}
}
