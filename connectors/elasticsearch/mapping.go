package elasticsearch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/suiro/suiro/connect/data"
)

func newSchemas() map[string]*data.Schema { return map[string]*data.Schema{} }

// ensureMappings gives the indices of a batch the mapping of their records'
// schemas, once, unless they have one.
func (w *writer) ensureMappings(ctx context.Context, b *batch) error {
	for index, schema := range b.schemas {
		w.mu.Lock()
		done := w.mapped[index]
		w.mu.Unlock()
		if done {
			continue
		}
		err := w.persist(ctx, "give index "+index+" a mapping", func(ctx context.Context) error {
			return w.client.ensureMapping(ctx, index, mappingOf(schema, w.s.compactMaps), w.s.external())
		})
		if err != nil {
			return err
		}
		w.mu.Lock()
		w.mapped[index] = true
		w.mu.Unlock()
	}
	b.schemas = nil
	return nil
}

// ensureIndices creates indices or data streams that a bulk request missed,
// where Elasticsearch does not do it by itself.
func (w *writer) ensureIndices(ctx context.Context, names []string) error {
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		if name == "" {
			continue
		}
		if w.s.external() {
			return &statusError{404, "index_not_found_exception", name +
				" does not exist; create it, or set external.resource.usage to disabled"}
		}
		err := w.persist(ctx, "create "+name, func(ctx context.Context) error {
			return w.client.create(ctx, name, w.s.stream())
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// persist calls f until it succeeds or fails for good.
func (w *writer) persist(ctx context.Context, what string, f func(context.Context) error) (err error) {
	p := &pace{s: w.s, what: what, born: time.Now()}
	defer func() { w.done(p, err) }()
	for {
		try, cancel := context.WithTimeout(ctx, max(p.timeout(), maxBackoff))
		err := f(try)
		cancel()
		if err == nil {
			return nil
		}
		if v := judgeRequest(err); v == fatal || v == divide {
			return fmt.Errorf("%s: %w", what, err)
		}
		if err := w.again(ctx, p, err); err != nil {
			return err
		}
	}
}

// create makes an index or a data stream; that it exists is no error.
func (c *client) create(ctx context.Context, name string, stream bool) error {
	var r esapi.Request = esapi.IndicesCreateRequest{Index: name}
	if stream {
		r = esapi.IndicesCreateDataStreamRequest{Name: name}
	}
	_, err := c.do(ctx, r)
	return unlessExists(err)
}

func unlessExists(err error) error {
	var status *statusError
	if errors.As(err, &status) && status.kind == "resource_already_exists_exception" {
		return nil
	}
	return err
}

// ensureMapping creates the index with the mapping, or adds the mapping to an
// index that exists and has none.
func (c *client) ensureMapping(ctx context.Context, index string, mapping map[string]any, external bool) error {
	body := func(v any) *bytes.Reader {
		b, _ := json.Marshal(v)
		return bytes.NewReader(b)
	}
	answer, err := c.do(ctx, esapi.IndicesGetMappingRequest{Index: []string{index}})
	var status *statusError
	switch {
	case errors.As(err, &status) && status.status == 404 && !external:
		_, err = c.do(ctx, esapi.IndicesCreateRequest{Index: index, Body: body(map[string]any{"mappings": mapping})})
		return unlessExists(err)
	case err != nil:
		return err
	case hasFields(answer):
		return nil
	}
	_, err = c.do(ctx, esapi.IndicesPutMappingRequest{Index: []string{index}, Body: body(mapping)})
	return err
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

// mappingOf makes the mapping of a schema; at the top it is that of an index.
func mappingOf(s *data.Schema, compactMaps bool) map[string]any {
	switch s.Name {
	case data.DateName, data.TimeName, data.TimestampName:
		return map[string]any{"type": "date"}
	case data.DecimalName:
		return map[string]any{"type": "double"}
	}
	switch s.Kind {
	case data.Struct:
		fields := map[string]any{}
		for _, f := range s.Fields {
			fields[f.Name] = mappingOf(f.Schema, compactMaps)
		}
		return map[string]any{"properties": fields}
	case data.Array:
		return mappingOf(s.Elem, compactMaps)
	case data.Map:
		if compactMaps && s.Key != nil && s.Key.Kind == data.String {
			return map[string]any{"type": "object"}
		}
		return map[string]any{"properties": map[string]any{
			"key": mappingOf(s.Key, compactMaps), "value": mappingOf(s.Elem, compactMaps)}}
	case data.String:
		return map[string]any{"type": "text",
			"fields": map[string]any{"keyword": map[string]any{"type": "keyword", "ignore_above": 256}}}
	}
	return map[string]any{"type": scalarTypes[s.Kind]}
}

// scalarTypes are Elasticsearch's names of the simple kinds.
var scalarTypes = map[data.Kind]string{
	data.Int8: "byte", data.Int16: "short", data.Int32: "integer", data.Int64: "long",
	data.Float32: "float", data.Float64: "double", data.Boolean: "boolean", data.Bytes: "binary",
}
