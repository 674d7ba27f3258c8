package file

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
)

func TestCheckLooksForTheFile(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	if err := os.WriteFile(in("log"), []byte("a\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(in("log"), in("link")); err != nil {
		t.Fatal(err)
	}
	source, sink := SourcePlugin(), SinkPlugin()
	for name, c := range map[string]struct {
		plugin      connect.Info
		connector   any
		props       map[string]string
		found, want string // "" for no error
	}{
		"source":                {source.Info, source.New(), map[string]string{"file": in("log"), "topic": "t"}, "2 bytes", ""},
		"source, waits":         {source.Info, source.New(), map[string]string{"file": in("new"), "topic": "t"}, "waited for", ""},
		"source, nothing there": {source.Info, source.New(), map[string]string{"file": in("new"), "topic": "t", "file.end": "stop"}, "", "no such file"},
		"source, a folder":      {source.Info, source.New(), map[string]string{"file": dir, "topic": "t"}, "", "folder"},
		"source, standard":      {source.Info, source.New(), map[string]string{"topic": "t"}, "standard input", ""},
		"sink":                  {sink.Info, sink.New(), map[string]string{"file": in("log")}, in("log"), ""},
		"sink, new":             {sink.Info, sink.New(), map[string]string{"file": in("new")}, "is made", ""},
		"sink, no folder":       {sink.Info, sink.New(), map[string]string{"file": in("no/new")}, "", "folder of the file"},
		"sink, a link":          {sink.Info, sink.New(), map[string]string{"file": in("link")}, "", "symbolic link"},
		"sink, standard":        {sink.Info, sink.New(), map[string]string{}, "standard output", ""},
	} {
		t.Run(name, func(t *testing.T) {
			v := connecttest.Parse(t, c.plugin, c.props)
			found, err := c.connector.(connect.Checker).Check(t.Context(), v)
			if !strings.Contains(found, c.found) || (err == nil) != (c.want == "") {
				t.Errorf("Check = %q, %v, want %q and the error %q", found, err, c.found, c.want)
			}
			if err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is %v, want %q", err, c.want)
			}
		})
	}
	if _, err := os.Stat(in("new")); err == nil {
		t.Error("Check has made a file")
	}
}
