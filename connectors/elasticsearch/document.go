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

const timestampField = "@timestamp"

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

// documents turns records into the lines of a bulk body. It is not safe for
// concurrent use.
type documents struct {
	s       *settings
	enc     encoder
	seed    maphash.Seed
	targets map[string]*target
	id      []byte
	scratch []byte
	want    []string
	found   []span
}

func newDocuments(s *settings) *documents {
	d := &documents{s: s, enc: encoder{s.compactMaps}, seed: maphash.MakeSeed(), targets: map[string]*target{}}
	if s.stream() {
		d.want = append(append(d.want, s.timestampPaths...), timestampField)
		d.found = make([]span, len(d.want))
	}
	return d
}

// plan decides what to do with r. An error means that r cannot be made a
// document.
func (d *documents) plan(r *connect.SinkRecord) (plan, error) {
	t := d.target(r.Topic)
	p := plan{target: t, op: opIndex, noID: d.s.autoIDs}
	if err := d.locate(t, r); err != nil {
		return p, err
	}
	switch null, err := isNull(&r.Value); {
	case err != nil:
		return p, fmt.Errorf("value: %w", err)
	case null:
		if skip, err := d.planNull(&p, r); skip || err != nil {
			p.skip = skip
			return p, err
		}
	case d.s.stream():
		p.op = opCreate
	case d.s.upsert:
		p.op = opUpdate
	}
	if p.noID {
		return p, nil
	}
	return p, d.identify(&p, r)
}

// planNull plans a record without value; skip means there is nothing to do.
func (d *documents) planNull(p *plan, r *connect.SinkRecord) (skip bool, err error) {
	switch d.s.onNull {
	case onNullIgnore:
		return true, nil
	case onNullFail:
		return false, errors.New("value is null; set behavior.on.null.values to ignore or delete to accept it")
	}
	if p.target.ignoreKey || r.Key.IsNull() {
		return true, nil // No document was written under an id made of it.
	}
	p.op, p.noID = opDelete, false
	return false, nil
}

// isNull also finds bytes that mean null, such as JSON's.
func isNull(p *connect.Payload) (bool, error) {
	if p.IsNull() {
		return true, nil
	}
	if _, raw := p.Raw(connect.FormatJSON); raw {
		return string(bytes.TrimSpace(p.Bytes())) == "null", nil
	}
	_, v, err := p.Decode()
	return v == nil, err
}

// identify sets the id, and what follows from how it is made.
func (d *documents) identify(p *plan, r *connect.SinkRecord) error {
	d.id = d.id[:0]
	if p.target.ignoreKey {
		d.id = append(append(d.id, r.OriginalTopic...), '+')
		d.id = append(strconv.AppendInt(d.id, int64(r.OriginalPartition), 10), '+')
		d.id = strconv.AppendInt(d.id, r.Offset, 10)
		p.id = d.id
		return nil
	}
	var err error
	if d.id, err = appendKey(d.id, &r.Key); err != nil {
		return err
	}
	if len(d.id) > maxIDBytes {
		return fmt.Errorf("key has %d bytes; as a document id it may have %d", len(d.id), maxIDBytes)
	}
	p.id = d.id
	p.order = max(1, maphash.Bytes(d.seed, d.id))
	// Upserts take no version. A delete among them has none either: it would
	// be refused as older than the version Elasticsearch counts for them.
	if p.op == opIndex || p.op == opDelete && !d.s.upsert {
		p.versioned = true
		p.version, err = d.version(r)
	}
	return err
}

// appendKey adds the text of a key: an integer or a string that is not empty.
func appendKey(dst []byte, key *connect.Payload) ([]byte, error) {
	if text, ok := key.Raw(connect.FormatString); ok && len(text) > 0 {
		return append(dst, text...), nil
	}
	_, v, err := key.Decode()
	if err != nil {
		return dst, fmt.Errorf("key: %w", err)
	}
	if n, ok := integer(v); ok {
		return strconv.AppendInt(dst, n, 10), nil
	}
	switch v := v.(type) {
	case nil:
		return dst, errors.New("key is null; it is needed as the document id unless key.ignore is true")
	case string:
		if v == "" {
			return dst, errors.New("key is empty; it is needed as the document id unless key.ignore is true")
		}
		return append(dst, v...), nil
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return strconv.AppendInt(dst, n, 10), nil
		}
	}
	return dst, fmt.Errorf("key is a %T; a document id is made of an integer or a string", v)
}

// version returns the external version of a record: its offset, or what the
// named header holds.
func (d *documents) version(r *connect.SinkRecord) (int64, error) {
	name := d.s.versionHeader
	if name == "" {
		return r.Offset, nil
	}
	for i := len(r.Headers) - 1; i >= 0; i-- {
		h := &r.Headers[i]
		if h.Key != name {
			continue
		}
		text := fmt.Sprint(h.Value)
		if b, ok := h.Value.([]byte); ok || h.Value == nil {
			text = string(b)
			if h.Value == nil {
				text = string(h.Raw)
			}
		}
		n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
		if err != nil || n < 0 {
			return 0, fmt.Errorf("header %s: %.40q is no version; it must be a whole number from 0", name, text)
		}
		return n, nil
	}
	return 0, fmt.Errorf("header %s is missing; it holds the version of the document", name)
}

func (d *documents) target(topic string) *target {
	if t, ok := d.targets[topic]; ok {
		return t
	}
	t := &target{ignoreKey: d.s.keyIgnore.has(topic), ignoreSchema: d.s.schemaIgnore.has(topic)}
	switch resource, mapped := d.s.resources[topic]; {
	case mapped:
		t.index = resource
	case d.s.external():
		t.err = fmt.Errorf("topic %s has no pair in topic.to.external.resource.mapping", topic)
	case d.s.streamType != "":
		t.index, t.err = dataStreamName(d.s.streamType, d.s.streamDataset, d.s.streamSpace, topic)
	case strings.Contains(d.s.indexFormat, timestampPlaceholder):
		t.dated = true
	default:
		t.index, t.err = indexName(strings.ReplaceAll(d.s.indexFormat, topicPlaceholder, topic))
	}
	d.targets[topic] = t
	return t
}

// locate makes sure that t names the resource r belongs to.
func (d *documents) locate(t *target, r *connect.SinkRecord) error {
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
	var text string
	text, t.from, t.to = d.s.indexTime.format(at)
	text = strings.ReplaceAll(d.s.indexFormat, timestampPlaceholder, text)
	t.index, t.err = indexName(strings.ReplaceAll(text, topicPlaceholder, r.Topic))
	return t.err
}

// append adds the lines of a planned record to body. On an error the body is
// as it was.
func (d *documents) append(body []byte, p *plan, r *connect.SinkRecord) ([]byte, error) {
	start := len(body)
	body = d.appendAction(body, p)
	if p.op == opDelete {
		return body, nil
	}
	if p.op == opUpdate {
		body = append(body, `{"doc":`...)
	}
	body, err := d.appendDocument(body, p, r)
	if err != nil {
		return body[:start], err
	}
	if p.op == opUpdate {
		body = append(body, `,"doc_as_upsert":true}`...)
	}
	return append(body, '\n'), nil
}

// appendAction adds the line that says what to do.
func (d *documents) appendAction(body []byte, p *plan) []byte {
	body = append(append(body, `{"`...), p.op.String()...)
	body = appendString(append(body, `":{"_index":`...), p.target.index)
	if !p.noID {
		body = appendString(append(body, `,"_id":`...), p.id)
	}
	if p.versioned {
		body = strconv.AppendInt(append(body, `,"version":`...), p.version, 10)
		body = append(body, `,"version_type":"external"`...)
	}
	if p.op == opUpdate {
		body = strconv.AppendInt(append(body, `,"retry_on_conflict":`...), int64(min(d.s.inFlight, 5)), 10)
	}
	return append(body, "}}\n"...)
}

// appendDocument adds the record's value as one line of JSON. JSON that
// nothing touched since Kafka is copied as it is.
func (d *documents) appendDocument(body []byte, p *plan, r *connect.SinkRecord) ([]byte, error) {
	raw, ok := r.Value.Raw(connect.FormatJSON)
	if !ok {
		schema, v, err := r.Value.Decode()
		if err != nil {
			return body, fmt.Errorf("value: %w", err)
		}
		if !d.s.stream() {
			return d.encode(body, schema, v)
		}
		if d.scratch, err = d.encode(d.scratch[:0], schema, v); err != nil {
			return body, err
		}
		raw = d.scratch
	}
	clear(d.found)
	sh, err := scanObject(raw, d.want, d.found)
	if err != nil {
		return body, err
	}
	start := len(body)
	if d.s.stream() {
		if body, err = d.appendStamped(body, raw, sh, r.Timestamp); err != nil {
			return body, err
		}
	} else {
		body = append(body, raw[sh.from:sh.to]...)
	}
	if sh.multiline {
		blankLineBreaks(body[start:])
	}
	return body, nil
}

// encode adds the JSON object of decoded data. At the top a MAP is an object
// whatever compact.map.entries says, because a list is no document.
func (d *documents) encode(dst []byte, schema *data.Schema, v any) ([]byte, error) {
	m, ok := v.(map[string]any)
	switch {
	case ok && schema != nil && schema.Kind == data.Map:
		return d.enc.object(dst, schema.Elem, m)
	case ok && (schema == nil || schema.Kind == data.Struct):
		return d.enc.append(dst, schema, v)
	}
	return dst, fmt.Errorf("value is a %T; a document is a STRUCT or a MAP with string keys", v)
}

// appendStamped adds a document of a data stream with its @timestamp: the
// first of the named fields it has, or the record's time.
func (d *documents) appendStamped(body, raw []byte, sh shape, at time.Time) ([]byte, error) {
	own := d.found[len(d.found)-1]
	var stamp []byte
	for _, f := range d.found[:len(d.found)-1] {
		if f.found() {
			stamp = raw[f.from:f.to]
			break
		}
	}
	if stamp == nil {
		if at.IsZero() {
			return body, errors.New("record has no timestamp and none of data.stream.timestamp.field is there")
		}
		stamp = strconv.AppendInt(nil, at.UnixMilli(), 10)
	}
	if own.found() {
		body = append(append(body, raw[sh.from:own.from]...), stamp...)
		return append(body, raw[own.to:sh.to]...), nil
	}
	body = append(append(body, `{"@timestamp":`...), stamp...)
	if !sh.empty {
		body = append(body, ',')
	}
	return append(body, raw[sh.from+1:sh.to]...), nil
}

// blankLineBreaks turns line breaks into blanks; in valid JSON they only stand
// between tokens.
func blankLineBreaks(b []byte) {
	for i, c := range b {
		if c == '\n' || c == '\r' {
			b[i] = ' '
		}
	}
}
