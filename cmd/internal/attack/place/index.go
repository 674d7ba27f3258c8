package place

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/suiro/suiro/cmd/internal/attack/honest"
)

var _ Place = (*Index)(nil)

// Index counts the documents of an index of Elasticsearch whose field vhost has a value
// that honest records alone have.
type Index struct {
	name  string
	base  string // of Elasticsearch
	url   string
	query map[string]any
	lane  *honest.Lane
	tally *honest.Tally
	count int
}

// NewIndex returns the place of an index, which need not exist yet.
func NewIndex(url, index, vhost string, l *honest.Lane) *Index {
	return &Index{name: "index " + index, base: url, url: url + "/" + index, lane: l, tally: honest.NewTally(l),
		query: map[string]any{"match_phrase": map[string]any{"vhost": vhost}}}
}

// Name implements [Place].
func (i *Index) Name() string { return i.name }

// Look implements [Place]. As long as there are fewer documents than records were fed,
// it counts them; then it reads them.
func (i *Index) Look(ctx context.Context) error {
	fed := i.lane.Fed()
	if err := i.ask(ctx, "POST", "/_refresh", nil, nil); err != nil {
		return err
	}
	var counted struct{ Count int }
	if err := i.ask(ctx, "POST", "/_count", map[string]any{"query": i.query}, &counted); err != nil {
		return err
	}
	if i.count = counted.Count; i.count < fed {
		return nil
	}
	return i.Read(ctx)
}

// page is how many documents are read at a time.
const page = 5000

// Read reads all documents, however many there are, so that Wrong tells which are missing.
func (i *Index) Read(ctx context.Context) error {
	tally := honest.NewTally(i.lane)
	body := map[string]any{"size": page, "query": i.query, "_source": []string{"id"}, "sort": []string{"_doc"}}
	type answer struct {
		ScrollID string `json:"_scroll_id"`
		Hits     struct {
			Hits []struct {
				Source json.RawMessage `json:"_source"`
			}
		}
	}
	var got answer
	err := i.ask(ctx, "POST", "/_search?scroll=1m", body, &got)
	for err == nil && len(got.Hits.Hits) > 0 {
		for _, h := range got.Hits.Hits {
			tally.Scan(h.Source)
		}
		next := map[string]any{"scroll": "1m", "scroll_id": got.ScrollID}
		got = answer{}
		err = i.scroll(ctx, next, &got)
	}
	if err != nil {
		return err
	}
	i.tally = tally
	return nil
}

// Arrived implements [Place].
func (i *Index) Arrived() int { return max(i.tally.Arrived(), min(i.count, i.lane.Fed())) }

// Wrong implements [Place].
func (i *Index) Wrong() error { return i.tally.Wrong() }

// ask sends a request and decodes the answer. An index that does not exist yet has
// nothing.
func (i *Index) ask(ctx context.Context, method, path string, body, into any) error {
	a := asking{method: method, url: i.url + path}
	if body != nil {
		var err error
		if a.body, err = json.Marshal(body); err != nil {
			return err
		}
	}
	return a.do(ctx, into)
}

func (i *Index) scroll(ctx context.Context, next, into any) error {
	text, err := json.Marshal(next)
	if err != nil {
		return err
	}
	return asking{"POST", i.base + "/_search/scroll", text}.do(ctx, into)
}

// asking is a request with a body of JSON, or none.
type asking struct {
	method, url string
	body        []byte
}

func (a asking) do(ctx context.Context, into any) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, a.method, a.url, bytes.NewReader(a.body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	switch {
	case err != nil:
		return fmt.Errorf("%s %s: %w", a.method, a.url, err)
	case res.StatusCode == http.StatusNotFound:
		return nil
	case res.StatusCode >= 300:
		return fmt.Errorf("%s %s: %s: %.300s", a.method, a.url, res.Status, text)
	case into == nil:
		return nil
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s %s: %w", a.method, a.url, err)
	}
	return nil
}
