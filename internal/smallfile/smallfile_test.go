package smallfile_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/suiro/suiro/internal/smallfile"
)

func TestReadReturnsTheContent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	if err := os.WriteFile(path, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, read := range map[string]func(string) ([]byte, error){"Read": smallfile.Read, "ReadRegular": smallfile.ReadRegular} {
		if got, err := read(path); err != nil || string(got) != "text" {
			t.Errorf("%s = %q, %v, want text", name, got, err)
		}
		if _, err := read(path + "x"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s of a missing file = %v", name, err)
		}
	}
}

// What never ends, or nobody writes to, is neither held nor waited for.
func TestWhatIsNoSmallFileIsRefused(t *testing.T) {
	folder := t.TempDir()
	fifo, huge := filepath.Join(folder, "fifo"), filepath.Join(folder, "huge")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(huge, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(huge, 2<<30); err != nil { // without taking room
		t.Fatal(err)
	}
	for path, want := range map[string]string{"/dev/zero": "is a pipe or a device", fifo: "is a pipe or a device",
		folder: "is a directory", huge: "has more than 16 MiB"} {
		if _, err := smallfile.ReadRegular(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ReadRegular(%s) = %v, want %q", path, err, want)
		}
	}
	for _, path := range []string{"/dev/zero", huge} {
		if _, err := smallfile.Read(path); err == nil || !strings.Contains(err.Error(), "has more than 16 MiB") {
			t.Errorf("Read(%s) = %v, want its length refused", path, err)
		}
	}
}
