package elasticsearch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"strconv"
	"strings"
	"time"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
)

// maxIDBytes is the longest id Elasticsearch takes. A longer one fails the
// whole bulk request, so it is refused before.
const maxIDBytes = 512

// operation is what happens to a document.
type operation uint8

const (
	opIndex operation = iota
	opCreate
	opUpdate
	opDelete
)

var operationNames = [...]string{"index", "create", "update", "delete"}

// String returns the name of the operation in a bulk body.
func (o operation) String() string { return operationNames[o] }

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

// plan is what is to be done with one record, before its document is encoded.
type plan struct {
	target *target
	op     operation
	id     []byte // valid until the next plan
	noID   bool
	// version is the external version, used when versioned.
	version   int64
	versioned bool
	// order is the same for records whose writes must not overtake each
	// other, and 0 for those that no other record can meet.
	order uint64
	skip  bool
}

// planner decides what is to be done with records. It is used by one goroutine
// at a time.
type planner struct {
	s       *settings
	seed    maphash.Seed
	targets map[string]*target
	id      []byte
}

func newPlanner(s *settings) *planner {
	return &planner{s: s, seed: maphash.MakeSeed(), targets: map[string]*target{}}
}

// plan decides what to do with r. An error means that r cannot be made a
// document.
func (p *planner) plan(r *connect.SinkRecord) (plan, error) {
	t := p.target(r.Topic)
	out := plan{target: t, op: opIndex, noID: p.s.AutoIDs}
	if err := p.locate(t, r); err != nil {
		return out, err
	}
	switch null, err := isNull(&r.Value); {
	case err != nil:
		return out, fmt.Errorf("value: %w", err)
	case null:
		if skip, err := p.planNull(&out, r); skip || err != nil {
			out.skip = skip
			return out, err
		}
	case p.s.stream():
		out.op = opCreate
	case p.s.WriteMethod == writeUpsert:
		out.op = opUpdate
	}
	if out.noID {
		return out, nil
	}
	return out, p.identify(&out, r)
}

// planNull plans a record without value; skip means there is nothing to do.
func (p *planner) planNull(out *plan, r *connect.SinkRecord) (skip bool, err error) {
	switch p.s.OnNull {
	case onNullIgnore:
		return true, nil
	case onNullFail:
		return false, errors.New("value is null; set behavior.on.null.values to ignore or delete to accept it")
	}
	if out.target.ignoreKey || r.Key.IsNull() {
		return true, nil // No document was written under an id made of it.
	}
	out.op, out.noID = opDelete, false
	return false, nil
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

// identify sets the id, and what follows from how it is made.
func (p *planner) identify(out *plan, r *connect.SinkRecord) error {
	p.id = p.id[:0]
	if out.target.ignoreKey {
		p.id = append(append(p.id, r.OriginalTopic...), '+')
		p.id = append(strconv.AppendInt(p.id, int64(r.OriginalPartition), 10), '+')
		p.id = strconv.AppendInt(p.id, r.Offset, 10)
		out.id = p.id
		return nil
	}
	var err error
	if p.id, err = appendKey(p.id, &r.Key); err != nil {
		return err
	}
	if len(p.id) > maxIDBytes {
		return fmt.Errorf("key has %d bytes; as a document id it may have %d", len(p.id), maxIDBytes)
	}
	out.id = p.id
	out.order = max(1, maphash.Bytes(p.seed, p.id))
	// Upserts take no version. A delete among them has none either: it would
	// be refused as older than the version Elasticsearch counts for them.
	if out.op == opIndex || out.op == opDelete && p.s.WriteMethod != writeUpsert {
		out.versioned = true
		out.version, err = p.version(r)
	}
	return err
}

var (
	errNullKey  = errors.New("key is null; it is needed as the document id unless key.ignore is true")
	errEmptyKey = errors.New("key is empty; it is needed as the document id unless key.ignore is true")
)

// appendKey adds the text of a key: an integer or a string that is not empty,
// as the Java sink makes ids.
func appendKey(dst []byte, key *connect.Payload) ([]byte, error) {
	if text, ok := key.Raw(connect.FormatString); ok && len(text) > 0 {
		return append(dst, text...), nil
	}
	schema, v, err := key.Decode()
	if err != nil {
		return dst, fmt.Errorf("key: %w", err)
	}
	if v == nil {
		return dst, errNullKey
	}
	if !idKind(schema, v) {
		return dst, fmt.Errorf("key is %s; a document id is made of an integer or a string", data.Describe(v))
	}
	from := len(dst)
	if dst, err = data.AppendText(dst, schema, v); err == nil && len(dst) == from {
		err = errEmptyKey
	}
	return dst, err
}

// idKind reports whether an id can be made of a key.
func idKind(schema *data.Schema, v any) bool {
	if schema != nil {
		return schema.Kind == data.String || schema.Kind >= data.Int8 && schema.Kind <= data.Int64
	}
	switch v := v.(type) {
	case string:
		return true
	case json.Number: // An integer that 64 bits do not hold is none of Connect's.
		_, err := v.Int64()
		return err == nil
	}
	_, integer := data.AsInt(v)
	return integer
}

// version returns the external version of a record: its offset, or what the
// named header holds.
func (p *planner) version(r *connect.SinkRecord) (int64, error) {
	name := p.s.VersionHeader
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

func (p *planner) target(topic string) *target {
	if t, ok := p.targets[topic]; ok {
		return t
	}
	t := &target{ignoreKey: p.s.ignoresKey(topic), ignoreSchema: p.s.ignoresSchema(topic)}
	switch resource, mapped := p.s.resources[topic]; {
	case mapped:
		t.index = resource
	case p.s.external():
		t.err = fmt.Errorf("topic %s has no pair in topic.to.external.resource.mapping", topic)
	case p.s.typed():
		t.index, t.err = dataStreamName(p.s.StreamType, p.s.StreamDataset, p.s.StreamNamespace, topic)
	case strings.Contains(p.s.IndexFormat, timestampPlaceholder):
		t.dated = true
	default:
		t.index, t.err = indexName(strings.ReplaceAll(p.s.IndexFormat, topicPlaceholder, topic))
	}
	p.targets[topic] = t
	return t
}

// locate makes sure that t names the resource r belongs to.
func (p *planner) locate(t *target, r *connect.SinkRecord) error {
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
	unit := p.s.indexTime.Unit()
	t.from = at.UTC().Truncate(unit)
	t.to = t.from.Add(unit)
	text := strings.ReplaceAll(p.s.IndexFormat, timestampPlaceholder, p.s.indexTime.Format(t.from))
	t.index, t.err = indexName(strings.ReplaceAll(text, topicPlaceholder, r.Topic))
	return t.err
}
