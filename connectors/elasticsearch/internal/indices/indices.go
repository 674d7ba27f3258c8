// Package indices gets indices ready for their first document.
package indices

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/connectors/elasticsearch/internal/cluster"
	"github.com/suiro/suiro/connectors/elasticsearch/internal/settings"
)

// Indices makes sure that an index has a mapping before its first document comes:
// that of index.template.file, of a template of the cluster, of the records'
// schema, or one under which no document can have others refused. It may be used
// from any goroutine.
type Indices struct {
	settings *settings.Settings
	log      *slog.Logger
	cluster  *cluster.Client

	mu    sync.Mutex // guards ready
	ready map[string]bool
}

// New returns what prepares the indices of a task. It asks nothing yet.
func New(s *settings.Settings, log *slog.Logger, c *cluster.Client) *Indices {
	return &Indices{settings: s, log: log, cluster: c, ready: map[string]bool{}}
}

// Unprepared reports whether Prepare has still to be called for an index.
func (ix *Indices) Unprepared(index string) bool {
	if ix.settings.Stream() {
		return false // Its template is that of the cluster: without one there is no data stream.
	}
	ix.mu.Lock()
	defer ix.mu.Unlock()
	return !ix.ready[index]
}

// maxReady bounds how many indices are remembered, as records may name many. One that
// is forgotten is looked at again.
const maxReady = 10000

// note remembers that an index is ready.
func (ix *Indices) note(index string) {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	if len(ix.ready) >= maxReady {
		clear(ix.ready)
	}
	ix.ready[index] = true
}

// Prepare creates an index that is not there, and gives it a mapping when it has
// none. schema is that of its records, nil for none. What exists and has a mapping,
// from a template or from documents, stays as it is. An error ends the task unless
// it may pass.
func (ix *Indices) Prepare(ctx context.Context, index string, schema *data.Schema) error {
	created, err := ix.create(ctx, index, schema)
	if err == nil {
		err = ix.complete(ctx, index, schema, created)
	}
	if err == nil {
		ix.note(index)
		return nil
	}
	if !ix.bearable(err, schema) {
		return err
	}
	ix.note(index)
	ix.log.Warn("an index is left without a mapping that keeps one document from having others refused; give it an "+
		"index template, or the user or API key the privileges view_index_metadata and manage", "index", index, "error", err)
	return nil
}

// bearable reports whether to go on without a mapping. What only some records ask
// for is not worth the whole task: their documents are judged one by one. What the
// configuration asks for is.
func (ix *Indices) bearable(err error, schema *data.Schema) bool {
	var status *cluster.StatusError
	if !errors.As(err, &status) || cluster.Passing(status.Kind) {
		return false
	}
	switch status.Status {
	case http.StatusBadRequest:
		return ix.settings.Template == nil || status.Kind == "invalid_index_name_exception"
	case http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed:
		return ix.settings.Template == nil && schema == nil
	}
	return false
}

// create creates an index that is not there, and reports whether it did.
func (ix *Indices) create(ctx context.Context, index string, schema *data.Schema) (bool, error) {
	_, err := ix.cluster.Mapping(ctx, index)
	var status *cluster.StatusError
	if !errors.As(err, &status) || status.Status != http.StatusNotFound || ix.settings.External() {
		return false, err
	}
	switch {
	case ix.settings.Template != nil:
		err = ix.cluster.CreateIndex(ctx, index, ix.settings.Template)
	case schema != nil:
		err = ix.cluster.CreateIndex(ctx, index, object{"mappings": ix.mapper().of(schema)})
		if errors.As(err, &status) && status.Status == http.StatusBadRequest && !cluster.Passing(status.Kind) {
			ix.log.Warn("elasticsearch refuses the mapping made of a schema; the index is created without it",
				"index", index, "error", err)
			err = ix.cluster.CreateIndex(ctx, index, nil)
		}
	default:
		err = ix.cluster.CreateIndex(ctx, index, nil)
	}
	return err == nil, err
}

// complete adds to the mapping of an index what is missing. created says that it
// was made just now; somebody else may have been quicker, or may have a template.
func (ix *Indices) complete(ctx context.Context, index string, schema *data.Schema, created bool) error {
	found, err := ix.cluster.Mapping(ctx, index)
	if err != nil {
		return err
	}
	if schema != nil && !found.HasFields() {
		if err := ix.cluster.PutMapping(ctx, index, ix.mapper().of(schema)); err != nil {
			return err
		}
		created = true
	}
	own := ix.settings.Template == nil && !ix.settings.External() && ix.settings.Safe()
	if !own || found.HasRules() || found.HasFields() && (!created || schema == nil) {
		return nil
	}
	if err := ix.cluster.PutMapping(ctx, index, safeDynamic()); err != nil {
		return err
	}
	return ix.cluster.IgnoreBeyondLimit(ctx, index)
}

func (ix *Indices) mapper() mapper {
	return mapper{compactMaps: ix.settings.CompactMaps, safe: ix.settings.Safe()}
}
