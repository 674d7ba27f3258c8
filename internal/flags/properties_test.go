package flags_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/suiro/suiro/internal/flags"
)

func TestReadPropertiesSaysWhatAFileLooksLike(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := write("good", "# a comment\na=1\nb = {2}\n")
	if props, err := flags.ReadProperties(good); err != nil || len(props) != 2 || props["b"] != "{2}" {
		t.Errorf("ReadProperties = %v, %v, want a and b", props, err)
	}
	json := write("json", "\ufeff \n{\"name\": \"x\"}")
	if _, err := flags.ReadProperties(json); !errors.Is(err, flags.ErrJSON) {
		t.Errorf("ReadProperties of JSON = %v, want ErrJSON", err)
	}
	for path, want := range map[string]string{
		json:                     json + ": is JSON, and a properties file is expected: lines of key=value",
		write("array", "[1]"):    dir + "/array: is JSON, and a properties file is expected: lines of key=value",
		write("store", "a\x00b"): dir + "/store: is not text, and a properties file is expected: lines of key=value",
		dir:                      dir + ": is a folder: name a file in it",
		dir + "/none":            dir + "/none: no such file or directory",
		"":                       `"": a file must have a name`,
		write("escape", "\\u1"):  dir + "/escape: read properties: line 1: malformed \\uxxxx escape",
	} {
		if _, err := flags.ReadProperties(path); err == nil || err.Error() != want {
			t.Errorf("ReadProperties(%s) = %v, want %s", path, err, want)
		}
	}
}
