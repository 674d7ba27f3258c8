package services

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Index is an index of Elasticsearch, asked over HTTP for what it holds.
type Index struct {
	url, name string
	client    *http.Client
}

// NewIndex returns the index of a name in the Elasticsearch at url.
func NewIndex(url, name string) *Index {
	return &Index{url, name, &http.Client{Timeout: 30 * time.Second}}
}

// Ping reports why Elasticsearch does not answer.
func (i *Index) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, dialFor)
	defer cancel()
	if err := i.Ask(ctx, http.MethodGet, "/", nil); err != nil {
		return fmt.Errorf("reach Elasticsearch: %w", err)
	}
	return nil
}

// Count makes all documents that were written visible to searches and counts
// them.
func (i *Index) Count(ctx context.Context) (int64, error) {
	const ignore = "?ignore_unavailable=true" // the index begins with its first document
	if err := i.Ask(ctx, http.MethodPost, "/"+i.name+"/_refresh"+ignore, nil); err != nil {
		return 0, err
	}
	var answer struct{ Count int64 }
	err := i.Ask(ctx, http.MethodGet, "/"+i.name+"/_count"+ignore, &answer)
	return answer.Count, err
}

// Ask sends a request and decodes the JSON answer into into, unless that is nil.
// A status of 300 and more is an error.
func (i *Index) Ask(ctx context.Context, method, path string, into any) error {
	req, err := http.NewRequestWithContext(ctx, method, i.url+path, nil)
	if err != nil {
		return err
	}
	resp, err := i.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, i.url+path, err)
	}
	if resp.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s: %.200s", method, i.url+path, resp.Status, body)
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("%s %s: %w", method, i.url+path, err)
	}
	return nil
}
