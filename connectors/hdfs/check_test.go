package hdfs

import (
	"context"
	"errors"
	"maps"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect/connecttest"
)

func TestCheckLooksForTheFolder(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "there"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	silent, err := net.Listen("tcp", "127.0.0.1:0") // a name node that never answers
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	for name, c := range map[string]struct {
		props       map[string]string
		found, want string // "" for no error
	}{
		"there":     {map[string]string{"store.url": "file://" + dir, "topics.dir": "there"}, "is there", ""},
		"not there": {map[string]string{"store.url": "file://" + dir, "topics.dir": "new"}, "is made with the first file", ""},
		"a file":    {map[string]string{"store.url": "file://" + dir, "topics.dir": "file"}, "", "look for file://"},
		"refused":   {map[string]string{"store.url": "hdfs://127.0.0.1:1"}, "", "look for hdfs://127.0.0.1:1"},
		"silent":    {map[string]string{"store.url": "hdfs://" + silent.Addr().String()}, "", context.DeadlineExceeded.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			props := testProps()
			maps.Copy(props, c.props)
			v, err := connecttest.TryParse(Plugin().Info, props)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			found, err := (&SinkConnector{}).Check(ctx, v)
			if !strings.Contains(found, c.found) || (err == nil) != (c.want == "") {
				t.Errorf("Check = %q, %v, want %q and the error %q", found, err, c.found, c.want)
			}
			if err != nil && !strings.Contains(err.Error(), c.want) && !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the error is %v, want %q", err, c.want)
			}
		})
	}
}
