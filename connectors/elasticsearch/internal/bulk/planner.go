package bulk

import (
	"bytes"
	"errors"
	"fmt"
	"hash/maphash"
	"strconv"
	"strings"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/connectors/elasticsearch/internal/settings"
)

// maxIDBytes is the longest id Elasticsearch takes. A longer one fails the
// whole bulk request, so it is refused before.
const maxIDBytes = 512

// Operation is what happens to a document.
type Operation uint8

// The operations of a bulk request.
const (
	// Index writes a document, new or not.
	Index Operation = iota
	// Create writes a document that is not there yet.
	Create
	// Update merges fields into a document, and writes it when it is not there.
	Update
	// Delete deletes a document.
	Delete
)

var operationNames = [...]string{"index", "create", "update", "delete"}

// String returns the name of the operation in a bulk body.
func (o Operation) String() string { return operationNames[o] }

// maxTargets bounds how many topics a planner remembers.
const maxTargets = 10000

// target is where the records of one topic go.
type target struct {
	ignoreKey    bool
	ignoreSchema bool
	// index is the resource's name; with a time pattern it holds from one
	// time to another.
	index    string
	from, to time.Time
	dated    bool
	err      error
}

// Plan is what is to be done with one record, before its document is encoded.
type Plan struct {
	// Op is what happens to the document.
	Op Operation
	// Index is the name of the resource to write to.
	Index string
	// Mapped means that the record's schema makes the mapping of a new index.
	Mapped bool
	// Versioned means that the document has an external version.
	Versioned bool
	// Order is the same for records whose writes must not overtake each
	// other, and 0 for those that no other record can meet.
	Order uint64
	// Skip means that there is nothing to do.
	Skip bool

	ignoreKey bool
	id        []byte // valid until the next plan
	noID      bool
	version   int64 // used when Versioned
}

// Planner decides what is to be done with records. It is used by one goroutine
// at a time.
type Planner struct {
	settings *settings.Settings
	seed     maphash.Seed
	targets  map[string]*target
	id       []byte
	now      func() time.Time
}

// NewPlanner returns a planner that has seen no record yet.
func NewPlanner(s *settings.Settings) *Planner {
	return &Planner{settings: s, seed: maphash.MakeSeed(), targets: map[string]*target{}, now: time.Now}
}

// Plan decides what to do with r. An error means that r cannot be made a
// document, or, when it is retriable, that it cannot be decoded for now.
func (p *Planner) Plan(r *connect.SinkRecord) (Plan, error) {
	t := p.target(r.Topic)
	if err := p.locate(t, r); err != nil {
		return Plan{}, err
	}
	out := Plan{Op: Index, Index: t.index, ignoreKey: t.ignoreKey, noID: p.settings.AutoIDs}
	switch null, err := isNull(&r.Value); {
	case err != nil:
		return out, fmt.Errorf("value: %w", err)
	case null:
		if err := p.planNull(&out, r); out.Skip || err != nil {
			return out, err
		}
	case p.settings.Stream():
		out.Op = Create
	case p.settings.WriteMethod == settings.WriteUpsert:
		out.Op = Update
	}
	out.Mapped = !t.ignoreSchema && out.Op != Delete && out.Op != Create
	if out.noID {
		return out, nil
	}
	return out, p.identify(&out, r)
}

// planNull plans a record without value.
func (p *Planner) planNull(out *Plan, r *connect.SinkRecord) error {
	switch {
	case p.settings.OnNull == settings.NullFail:
		return errors.New("value is null; set behavior.on.null.values to ignore or delete to accept it")
	case p.settings.OnNull == settings.NullIgnore, out.ignoreKey, r.Key.IsNull():
		out.Skip = true // No document was written under an id made of it.
		return nil
	}
	out.Op, out.noID = Delete, false
	return nil
}

// isNull also finds bytes that mean null, such as JSON's.
func isNull(p *connect.Payload) (bool, error) {
	if p.IsNull() {
		return true, nil
	}
	if raw, ok := p.Raw(connect.FormatJSON); ok {
		return string(bytes.Trim(raw, " \t\r\n")) == "null", nil
	}
	_, v, err := p.Decode()
	return v == nil, err
}

// version returns the external version of a record: its offset, or what the
// named header holds.
func (p *Planner) version(r *connect.SinkRecord) (int64, error) {
	name := p.settings.VersionHeader
	if name == "" {
		return r.Offset, nil
	}
	for i := len(r.Headers) - 1; i >= 0; i-- {
		h := &r.Headers[i]
		if h.Key != name {
			continue
		}
		text, err := headerText(h)
		if err != nil {
			return 0, fmt.Errorf("header %s: %w", name, err)
		}
		n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
		if err != nil || n < 0 {
			return 0, fmt.Errorf("header %s: %.40q is not a version; it must be a whole number from 0", name, text)
		}
		return n, nil
	}
	return 0, fmt.Errorf("header %s is missing; it holds the version of the document", name)
}

// headerText is the text of a header, whether it is bytes or decoded.
func headerText(h *connect.Header) (string, error) {
	if h.Value == nil {
		return string(h.Raw), nil
	}
	if b, ok := h.Value.([]byte); ok {
		return string(b), nil
	}
	b, err := data.AppendText(nil, h.Schema, h.Value)
	return string(b), err
}

func (p *Planner) target(topic string) *target {
	if t, ok := p.targets[topic]; ok {
		return t
	}
	t := &target{ignoreKey: p.settings.IgnoresKey(topic), ignoreSchema: p.settings.IgnoresSchema(topic)}
	switch resource, mapped := p.settings.Resources[topic]; {
	case mapped:
		t.index = resource
	case p.settings.External():
		t.err = fmt.Errorf("topic %s has no pair in topic.to.external.resource.mapping", topic)
	case p.settings.Typed():
		t.index, t.err = dataStreamName(p.settings.StreamType, p.settings.StreamDataset, p.settings.StreamNamespace, topic)
	case strings.Contains(p.settings.IndexFormat, settings.TimestampPlaceholder):
		t.dated = true
	default:
		t.index, t.err = indexName(p.settings.IndexFormat, topic, "")
	}
	if len(p.targets) >= maxTargets {
		clear(p.targets) // A transform may make any number of topics.
	}
	p.targets[topic] = t
	return t
}

// locate makes sure that t names the resource r belongs to.
func (p *Planner) locate(t *target, r *connect.SinkRecord) error {
	if !t.dated {
		return t.err
	}
	at := r.Timestamp
	if at.IsZero() {
		return errors.New("record has no timestamp; index.name.format needs one")
	}
	if !at.Before(t.from) && at.Before(t.to) {
		return t.err
	}
	if y := at.UTC().Year(); y < 0 || y > 9999 {
		return fmt.Errorf("record has a timestamp in the year %d: are its milliseconds some other unit?", y)
	}
	if err := p.settings.InTime(at, p.now()); err != nil {
		return err
	}
	unit := p.settings.IndexTime.Unit()
	t.from = at.UTC().Truncate(unit)
	t.to = t.from.Add(unit)
	t.index, t.err = indexName(p.settings.IndexFormat, r.Topic, p.settings.IndexTime.Format(t.from))
	return t.err
}
