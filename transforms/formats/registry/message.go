package registry

import (
	"context"
	"encoding/binary"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/internal/memo"
)

// Messages writes and reads the keys or the values of topics. It may be shared
// by goroutines.
type Messages struct {
	client   *Client
	isKey    bool
	strategy string
	lookup   bool
	latest   bool
	id       int // of the schema to write with, or -1
	compiled *memo.Memo[compiledKey, version]
}

// compiledKey holds the schema by its address. That is safe because schemas are
// immutable, and while the key is remembered its address is not used again.
type compiledKey struct {
	subject string
	schema  *data.Schema
}

// OpenMessages returns the messages of keys or values, for the values of [Keys].
func OpenMessages(v config.Values, isKey bool, format *Format) (*Messages, error) {
	client, err := Open(v, format)
	if err != nil {
		return nil, err
	}
	s := decode(v)
	strategy := s.ValueStrategy
	if isKey {
		strategy = s.KeyStrategy
	}
	return &Messages{client: client, isKey: isKey, strategy: shortClass(strategy),
		lookup: !s.Register, latest: s.Latest, id: s.ID, compiled: memo.New[compiledKey, version](s.CacheSize)}, nil
}

// Check finds out whether a registry answers that lets the client in. found says which.
func (m *Messages) Check(ctx context.Context) (found string, err error) { return m.client.check(ctx) }

// Encode encodes a value with its schema, or with the latest schema of the subject
// (use.latest.version) or the one with an id (use.schema.id).
func (m *Messages) Encode(topic string, schema *data.Schema, value any) ([]byte, error) {
	v, err := m.writeSchema(topic, schema)
	if err != nil {
		return nil, err
	}
	return v.codec.Append(binary.BigEndian.AppendUint32([]byte{0}, uint32(v.id)), schema, value)
}

// writeSchema finds or registers the schema to write with.
func (m *Messages) writeSchema(topic string, schema *data.Schema) (version, error) {
	if m.id >= 0 {
		codec, err := m.client.Codec(m.id)
		return version{m.id, codec}, err
	}
	name, err := m.subject(topic, schema)
	if err != nil {
		return version{}, err
	}
	if m.latest {
		id, codec, err := m.client.Latest(name)
		return version{id, codec}, err
	}
	key := compiledKey{name, schema}
	if v, ok := m.compiled.Get(key); ok {
		return v, nil
	}
	codec, err := m.client.format.New(schema)
	if err != nil {
		return version{}, err
	}
	id, err := m.client.Register(name, codec.Text(), m.lookup)
	if err != nil {
		return version{}, err
	}
	return m.compiled.PutSized(key, version{id, codec}, codec.Size()), nil
}

// Decode decodes a message with the schema it was written with.
func (m *Messages) Decode(raw []byte) (*data.Schema, any, error) {
	codec, rest, err := m.readSchema(raw)
	if err != nil {
		return nil, nil, err
	}
	return codec.Decode(rest)
}

// readSchema refuses an id below 0 itself. Registries have none, and some answer as
// if the address were wrong, which would look like a fault that may go away.
func (m *Messages) readSchema(raw []byte) (Codec, []byte, error) {
	if len(raw) < 5 || raw[0] != 0 || raw[1] > 0x7f {
		return nil, nil, m.client.format.notMessage()
	}
	codec, err := m.client.Codec(int(binary.BigEndian.Uint32(raw[1:5])))
	return codec, raw[5:], err
}
