package place_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/suiro/suiro/cmd/internal/attack/honest"
	"github.com/suiro/suiro/cmd/internal/attack/place"
	"github.com/suiro/suiro/cmd/internal/attack/wire"
	"github.com/suiro/suiro/connectors/hdfs/readback"
	"github.com/suiro/suiro/internal/kafka/kafkatest"
)

// want fails the test unless the place has all that was fed, once each, or not.
func want(t *testing.T, p place.Place, arrived int, wrong string) {
	t.Helper()
	if err := p.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	err := p.Wrong()
	if p.Arrived() != arrived || wrong == "" && err != nil || wrong != "" && (err == nil || !strings.Contains(err.Error(), wrong)) {
		t.Errorf("%s: %d have arrived, %v; want %d and %q", p.Name(), p.Arrived(), err, arrived, wrong)
	}
}

func TestFileFindsAnIDThatWasCutByTheLastLook(t *testing.T) {
	lane := honest.NewLane("secret", "a")
	path := filepath.Join(t.TempDir(), "out.txt")
	p := place.NewFile(path, lane)
	want(t, p, 0, "")
	text := "x " + lane.Next(0) + "\n" + lane.Next(1) + "\n"
	lane.Feed(2)
	for _, cut := range []int{10, 15, len(text)} {
		if err := os.WriteFile(path, []byte(text[:cut]), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := p.Look(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	want(t, p, 2, "")
	if err := os.WriteFile(path, []byte(text+text), 0o600); err != nil {
		t.Fatal(err)
	}
	want(t, p, 2, "2 are there more than once")
}

func TestFolderReadsWhatIsCommitted(t *testing.T) {
	lane := honest.NewLane("secret", "a")
	dir := t.TempDir()
	st, root, err := readback.Open("file://"+dir, "topics")
	if err != nil {
		t.Fatal(err)
	}
	p := place.NewFolder(st, root, lane)
	want(t, p, 0, "")
	for path, text := range map[string]string{"topics/a/vhost=x/1.json": lane.Next(0), "topics/a/2.json": lane.Next(1),
		"topics/+tmp/3.json": lane.Next(0), "topics/a/.hidden": lane.Next(1)} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, path)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, path), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	lane.Feed(2)
	want(t, p, 2, "")
	want(t, p, 2, "") // nothing is read twice
}

func TestTopicPassesOverABatchThatIsTooLarge(t *testing.T) {
	c := kafkatest.Start(t, kfake.SeedTopics(1, "t"))
	lane := honest.NewLane("secret", "a")
	p, err := place.NewTopic(c.ListenAddrs(), "t", lane)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	producer, err := wire.New(c.ListenAddrs())
	if err != nil {
		t.Fatal(err)
	}
	defer producer.Close()
	b := &wire.Batch{Codec: wire.Zstd}
	b.Add(nil, make([]byte, 20<<20))
	if err := producer.Write(t.Context(), "t", 0, b); err != nil {
		t.Fatal(err)
	}
	if err := producer.Records(t.Context(), &kgo.Record{Topic: "t", Value: []byte(lane.Next(0))}); err != nil {
		t.Fatal(err)
	}
	lane.Feed(1)
	kafkatest.Eventually(t, "the record behind the batch", func() bool { return p.Arrived() == 1 })
	want(t, p, 1, "")
}

func TestIndexReadsItsDocumentsWhenAllAreThere(t *testing.T) {
	lane := honest.NewLane("secret", "a")
	hits := func(n ...int) string {
		var all []string
		for _, i := range n {
			all = append(all, `{"_source":{"id":"`+lane.Next(i)+`"}}`)
		}
		return `{"_scroll_id":"s","hits":{"hits":[` + strings.Join(all, ",") + `]}}`
	}
	documents := []int{0, 2}
	first, second, third := hits(0), hits(1, 1), hits()
	scrolled := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/i/_refresh":
		case "/i/_count":
			fmt.Fprintf(w, `{"count":%d}`, documents[0])
		case "/i/_search":
			fmt.Fprint(w, first)
		case "/_search/scroll":
			scrolled++
			fmt.Fprint(w, []string{third, second}[scrolled%2])
		}
	}))
	defer s.Close()
	p := place.NewIndex(s.URL, "i", "h", lane)
	lane.Feed(2)
	want(t, p, 0, "2 are missing")
	documents[0] = 2
	want(t, p, 2, "1 are there more than once")
}

func TestStatsAddUp(t *testing.T) {
	lane := honest.NewLane("secret", "a")
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RequestURI() != "/stats?server=h.example" {
			t.Errorf("asked for %s", r.URL.RequestURI())
		}
		fmt.Fprint(w, `[{"requests":3},{"requests":4}]`)
	}))
	defer s.Close()
	p := place.NewStats(strings.TrimPrefix(s.URL, "http://"), "h.example", lane)
	lane.Feed(7)
	want(t, p, 7, "")
	lane.Feed(1)
	want(t, p, 7, "want 8")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.Look(ctx); err == nil {
		t.Error("Look without an answer is no error")
	}
}
