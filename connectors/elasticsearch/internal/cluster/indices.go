package cluster

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/elastic/go-elasticsearch/v8/esapi"
)

// CreateIndex makes an index; that it exists is not an error.
func (c *Client) CreateIndex(ctx context.Context, name string) error {
	_, err := c.do(ctx, esapi.IndicesCreateRequest{Index: name})
	if exists(err) {
		return nil
	}
	return err
}

// CreateDataStream makes a data stream; that it exists is not an error.
func (c *Client) CreateDataStream(ctx context.Context, name string) error {
	_, err := c.do(ctx, esapi.IndicesCreateDataStreamRequest{Name: name})
	if exists(err) {
		return nil
	}
	return err
}

func exists(err error) bool {
	var status *StatusError
	return errors.As(err, &status) && status.Kind == "resource_already_exists_exception"
}

// EnsureMapping adds the mapping to an index that has none. When create is set
// and there is no such index it is created with the mapping.
func (c *Client) EnsureMapping(ctx context.Context, index string, mapping map[string]any, create bool) error {
	answer, err := c.do(ctx, esapi.IndicesGetMappingRequest{Index: []string{index}})
	var status *StatusError
	if create && errors.As(err, &status) && status.Status == http.StatusNotFound {
		_, err = c.do(ctx, esapi.IndicesCreateRequest{Index: index, Body: body(map[string]any{"mappings": mapping})})
		if exists(err) {
			// Somebody was quicker, perhaps without a mapping.
			return c.EnsureMapping(ctx, index, mapping, false)
		}
		return err
	}
	if err != nil || hasFields(answer) {
		return err
	}
	_, err = c.do(ctx, esapi.IndicesPutMappingRequest{Index: []string{index}, Body: body(mapping)})
	return err
}

// body is v as JSON. v is made of maps, lists and texts, which always have one.
func body(v any) *bytes.Reader {
	b, _ := json.Marshal(v)
	return bytes.NewReader(b)
}

// hasFields reports whether the answer to GET _mapping shows any field.
func hasFields(answer []byte) bool {
	var indices map[string]struct {
		Mappings struct{ Properties map[string]json.RawMessage }
	}
	if json.Unmarshal(answer, &indices) != nil {
		return true
	}
	for _, i := range indices {
		if len(i.Mappings.Properties) > 0 {
			return true
		}
	}
	return false
}

// DocumentRef names a document.
type DocumentRef struct {
	// Index is an index, not an alias or a data stream.
	Index string `json:"_index"`
	// ID is the document's id.
	ID string `json:"_id"`
}

// Documents returns the JSON of documents in the order of refs, nil for those
// that are not there or cannot be read.
func (c *Client) Documents(ctx context.Context, refs []DocumentRef) ([]json.RawMessage, error) {
	b, err := c.do(ctx, esapi.MgetRequest{Body: body(map[string]any{"docs": refs}),
		FilterPath: []string{"docs._id", "docs._source"}})
	if err != nil {
		return nil, err
	}
	var answer struct {
		Docs []struct {
			Source json.RawMessage `json:"_source"`
		}
	}
	if err := json.Unmarshal(b, &answer); err != nil || len(answer.Docs) != len(refs) {
		return nil, errors.New("the answer to a multi-get request is unreadable")
	}
	docs := make([]json.RawMessage, len(refs))
	for i := range docs {
		docs[i] = answer.Docs[i].Source
	}
	return docs, nil
}
