package bulk

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"regexp"
	"strconv"
	"unicode/utf8"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/connectors/elasticsearch/internal/settings"
)

// identify sets the id, and what follows from how it is made.
func (p *Planner) identify(out *Plan, r *connect.SinkRecord) error {
	p.id = p.id[:0]
	if out.ignoreKey {
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
	if err := p.distinct(&r.Key); err != nil {
		return err
	}
	out.id = p.id
	out.Order = max(1, maphash.Bytes(p.seed, p.id))
	// Upserts take no version. A delete among them has none either: it would
	// be refused as older than the version Elasticsearch counts for them.
	if out.Op == Index || out.Op == Delete && p.settings.WriteMethod != settings.WriteUpsert {
		out.Versioned = true
		out.version, err = p.version(r)
	}
	return err
}

// distinct refuses a key whose id would be that of other keys too: one would
// overwrite the document of the other, and nobody would know.
func (p *Planner) distinct(key *connect.Payload) error {
	raw := key.Bytes()
	switch {
	case len(p.id) > maxIDBytes:
		return fmt.Errorf("key has %d bytes; as a document id it may have %d", len(p.id), maxIDBytes)
	case !utf8.Valid(p.id):
		return errNotText
	case raw != nil && bytes.ContainsRune(p.id, utf8.RuneError) && !bytes.ContainsRune(raw, utf8.RuneError):
		return errNotText // a converter put it in the place of something else
	case p.settings.MixesIDs() && offsetID.Match(p.id):
		return fmt.Errorf("key %q has the form of an id made of topic, partition and offset, which topic.key.ignore "+
			"gives other documents", p.id)
	}
	return nil
}

// offsetID is the form of ids that are not made of keys.
var offsetID = regexp.MustCompile(`^[A-Za-z0-9._-]+\+[0-9]+\+[0-9]+$`)

var (
	errNotText = errors.New("key is not UTF-8 text: as a document id it would be the same as other such keys; use " +
		"another key.converter, or set key.ignore to true")
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
