package cluster

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"

	"github.com/elastic/go-elasticsearch/v8/esapi"
)

// CreateIndex makes an index with the settings, mappings and aliases of how, which
// may be nil; that it exists is not an error.
func (c *Client) CreateIndex(ctx context.Context, name string, how any) error {
	r := esapi.IndicesCreateRequest{Index: url.PathEscape(name)}
	if how != nil {
		r.Body = body(how)
	}
	_, err := c.do(ctx, r)
	if exists(err) {
		return nil
	}
	return err
}

// CreateDataStream makes a data stream; that it exists is not an error.
func (c *Client) CreateDataStream(ctx context.Context, name string) error {
	_, err := c.do(ctx, esapi.IndicesCreateDataStreamRequest{Name: url.PathEscape(name)})
	if exists(err) {
		return nil
	}
	return err
}

func exists(err error) bool {
	var status *StatusError
	return errors.As(err, &status) && status.Kind == "resource_already_exists_exception"
}

// Mapping is what an index says about fields.
type Mapping map[string]json.RawMessage

// HasFields reports whether any field has a mapping.
func (m Mapping) HasFields() bool { return len(m["properties"]) > 0 }

// HasRules reports whether it says anything else, for instance how new fields are
// mapped.
func (m Mapping) HasRules() bool { return len(m) > 1 || len(m) == 1 && !m.HasFields() }

// Mapping returns the mapping of an index, of an alias all that its indices say. It
// is a *StatusError with status 404 when there is no such index.
func (c *Client) Mapping(ctx context.Context, index string) (Mapping, error) {
	answer, err := c.do(ctx, esapi.IndicesGetMappingRequest{Index: []string{url.PathEscape(index)}})
	if err != nil {
		return nil, err
	}
	var indices map[string]struct{ Mappings Mapping }
	if err := json.Unmarshal(answer, &indices); err != nil {
		return nil, fmt.Errorf("the mapping of index %s is unreadable: %w", index, err)
	}
	all := Mapping{}
	for _, i := range indices {
		maps.Copy(all, i.Mappings)
	}
	return all, nil
}

// PutMapping adds to the mapping of an index.
func (c *Client) PutMapping(ctx context.Context, index string, mapping map[string]any) error {
	_, err := c.do(ctx, esapi.IndicesPutMappingRequest{Index: []string{url.PathEscape(index)}, Body: body(mapping)})
	return err
}

// IgnoreBeyondLimit has an index accept documents whose new fields are beyond its
// limit of fields: these fields are kept and not indexed. Elasticsearch before 8.14
// does not know that, which is not an error.
func (c *Client) IgnoreBeyondLimit(ctx context.Context, index string) error {
	_, err := c.do(ctx, esapi.IndicesPutSettingsRequest{Index: []string{url.PathEscape(index)},
		Body: body(map[string]any{"index.mapping.total_fields.ignore_dynamic_beyond_limit": true})})
	var status *StatusError
	if errors.As(err, &status) && status.Status == http.StatusBadRequest {
		return nil
	}
	return err
}

// body is v as JSON. v is made of maps, lists and texts, which always have one.
func body(v any) *bytes.Reader {
	b, _ := json.Marshal(v)
	return bytes.NewReader(b)
}

// DocumentRef names a document.
type DocumentRef struct {
	// Index is an index, not an alias or a data stream.
	Index string `json:"_index"`
	// ID is the document's id.
	ID string `json:"_id"`
}

// Documents returns the JSON of documents in the order of refs, nil for those
// that are not there or cannot be read. size is about how long they are together; a
// much longer answer is a [*TooLongError].
func (c *Client) Documents(ctx context.Context, refs []DocumentRef, size int) ([]json.RawMessage, error) {
	b, err := c.read(ctx, esapi.MgetRequest{Body: body(map[string]any{"docs": refs}),
		FilterPath: []string{"docs._id", "docs._source"}}, maxAnswer+4*int64(size))
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
