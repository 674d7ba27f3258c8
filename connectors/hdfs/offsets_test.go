package hdfs

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
)

// The files decide where the sink goes on, so that other offsets would have no effect.
func TestOffsetsThatTheFilesContradictAreRefused(t *testing.T) {
	dir := t.TempDir()
	commits := filepath.Join(dir, "topics", "+commits", "orders", "0")
	if err := os.MkdirAll(commits, 0o700); err != nil {
		t.Fatal(err)
	}
	name := "00000000000000000100+00000000000000001199.done"
	if err := os.WriteFile(filepath.Join(commits, name), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	props := testProps()
	maps.Copy(props, map[string]string{"store.url": "file://" + dir, "topics.dir": "topics"})
	v, err := connecttest.TryParse(Plugin().Info, props)
	if err != nil {
		t.Fatal(err)
	}
	written := connect.TopicPartition{Topic: "orders"}
	empty := connect.TopicPartition{Topic: "orders", Partition: 1}
	for what, c := range map[string]struct {
		offsets   connect.Offsets
		forgotten []connect.TopicPartition
		refused   bool
	}{
		"where the files end":          {connect.Offsets{written: 1200}, nil, false},
		"before it":                    {connect.Offsets{written: 0}, nil, true},
		"behind it":                    {connect.Offsets{written: 5000, empty: 7}, nil, true},
		"a partition without files":    {connect.Offsets{empty: 7}, nil, false},
		"a reset of one without files": {nil, []connect.TopicPartition{empty}, false},
		"a reset":                      {nil, []connect.TopicPartition{empty, written}, true},
	} {
		err := (&SinkConnector{}).AlterOffsets(t.Context(), v, c.offsets, c.forgotten)
		if (err != nil) != c.refused || connect.IsRetriable(err) {
			t.Errorf("%s: %v, want a refusal: %t", what, err, c.refused)
		}
		if err != nil && (!strings.Contains(err.Error(), "orders-0 at 1200. To have it go on elsewhere, move the folders") ||
			!strings.Contains(err.Error(), "/topics/+commits/orders")) {
			t.Errorf("%s: %v, want the end and the folders", what, err)
		}
	}
	if err := os.RemoveAll(filepath.Join(dir, "topics")); err != nil {
		t.Fatal(err)
	}
	if err := (&SinkConnector{}).AlterOffsets(t.Context(), v, nil, []connect.TopicPartition{written}); err != nil {
		t.Errorf("a reset after the files are gone: %v", err)
	}
}
