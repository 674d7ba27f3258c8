package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// index asks Elasticsearch what it holds.
type index struct {
	url, name string
	client    *http.Client
}

func newIndex(url, name string) *index {
	return &index{url, name, &http.Client{Timeout: 30 * time.Second}}
}

// ping reports why Elasticsearch does not answer.
func (i *index) ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := i.ask(ctx, http.MethodGet, "/", nil); err != nil {
		return fmt.Errorf("reach Elasticsearch: %w", err)
	}
	return nil
}

// count makes everything written visible and counts the documents.
func (i *index) count(ctx context.Context) (int64, error) {
	const ignore = "?ignore_unavailable=true" // without a document there is no index
	if err := i.ask(ctx, http.MethodPost, "/"+i.name+"/_refresh"+ignore, nil); err != nil {
		return 0, err
	}
	var answer struct{ Count int64 }
	err := i.ask(ctx, http.MethodGet, "/"+i.name+"/_count"+ignore, &answer)
	return answer.Count, err
}

func (i *index) ask(ctx context.Context, method, path string, into any) error {
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
