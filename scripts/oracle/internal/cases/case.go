// Package cases holds the questions that the oracle asks, and makes the random data
// in them.
package cases

import (
	"bufio"
	"encoding/json"
	"io"
)

// The kinds of [Case].
const (
	ToConnect   = "toConnect"   // bytes to data
	RoundTrip   = "roundtrip"   // bytes to data and back
	FromConnect = "fromConnect" // data to bytes
	Transform   = "smt"         // a record through a transform, behind a predicate if there is one
	Predicate   = "predicate"   // a record through a predicate
)

// Case is one question. Which fields are set depends on the kind.
type Case struct {
	// ID numbers the cases of one run.
	ID string `json:"id"`
	// Tag says where the case comes from: a table, or what is random in it.
	Tag string `json:"tag,omitempty"`
	// Kind says what is done.
	Kind string `json:"kind"`
	// Class is the Java name of the class that is asked.
	Class string `json:"class"`
	// Config is its configuration, without prefix.
	Config map[string]string `json:"config"`
	// IsKey tells a converter that it converts record keys.
	IsKey bool `json:"isKey,omitempty"`
	// Header asks the class as a header converter.
	Header bool `json:"header,omitempty"`
	// Topic is the topic of bytes and data.
	Topic string `json:"topic,omitempty"`
	// Bytes are what a converter reads; nil is null.
	Bytes *[]byte `json:"bytes,omitempty"`
	// Data is what a converter writes.
	Data *Data `json:"data,omitempty"`
	// Condition is the predicate in front of a transform; nil for none.
	Condition *Condition `json:"predicate,omitempty"`
	// Record is what a transform or a predicate is given.
	Record *Record `json:"record,omitempty"`
}

// Data is a schema and a value in the oracle's notation: nil, true and false
// stand for themselves, other scalars are text with a tag ("i32:5"), and lists,
// maps and structs are lists that begin with "L", "M" and "S".
type Data struct {
	// Schema may be nil.
	Schema *Schema `json:"schema"`
	// Value is the value, in the notation.
	Value any `json:"value"`
}

// Condition is a predicate in front of a transform.
type Condition struct {
	// Class is the Java name of the predicate.
	Class string `json:"class"`
	// Config is its configuration, without prefix.
	Config map[string]string `json:"config"`
	// Negate applies the transform where the predicate does not hold.
	Negate bool `json:"negate,omitempty"`
}

// Record is a record as a case writes it.
type Record struct {
	// Topic is the record's topic.
	Topic string `json:"topic"`
	// Partition is nil where none is chosen yet.
	Partition *int32 `json:"partition"`
	// Offset is that of a record read from Kafka; nil is 7.
	Offset *int64 `json:"offset,omitempty"`
	// Timestamp is in milliseconds; nil for none.
	Timestamp *int64 `json:"timestamp"`
	// Key and Value may be nil.
	Key   *Payload `json:"key"`
	Value *Payload `json:"value"`
	// Headers are in order, and a key may repeat.
	Headers []Header `json:"headers,omitempty"`
	// Source says that the record comes from a source, so that it has no offset.
	Source bool `json:"source,omitempty"`
}

// Payload is a key or value in one of three forms.
type Payload struct {
	// JSON is read without schema, Envelope with one; Typed is in the notation.
	JSON     *string `json:"json,omitempty"`
	Envelope *string `json:"envelope,omitempty"`
	Typed    *Data   `json:"typed,omitempty"`
}

// Header is a header as a case writes it.
type Header struct {
	// Key is the header's key.
	Key string `json:"key"`
	// Data is its value.
	Data *Payload `json:"data"`
}

// Schema is a Connect schema in the oracle's notation.
type Schema struct {
	// Type is Connect's name of the type: INT8, STRUCT.
	Type string `json:"type"`
	// Opt says that null is a value.
	Opt bool `json:"optional,omitempty"`
	// Name, Version, Doc and Params are Connect's; empty for none.
	Name    string            `json:"name,omitempty"`
	Version int               `json:"version,omitempty"`
	Doc     string            `json:"doc,omitempty"`
	Params  map[string]string `json:"params,omitempty"`
	// Default is in the notation; nil for none.
	Default any `json:"default,omitempty"`
	// Fields are those of a struct, Key and Elem the schemas within maps and lists.
	Fields []Field `json:"fields,omitempty"`
	Key    *Schema `json:"key,omitempty"`
	Elem   *Schema `json:"elem,omitempty"`
}

// Field is a field of a struct.
type Field struct {
	// Name is the field's name.
	Name string `json:"name"`
	// Schema is that of its values.
	Schema *Schema `json:"schema"`
}

// Answer is what a class made of a case. One of its fields is set beside ID.
type Answer struct {
	// ID is that of the case.
	ID string `json:"id"`
	// OK is the result: bytes, data, a record, or true or false.
	OK json.RawMessage `json:"ok,omitempty"`
	// Error says that there was none.
	Error *Failure `json:"error,omitempty"`
	// Missing says that there is no such class.
	Missing bool `json:"missing,omitempty"`
}

// Failure is an error in place of a result.
type Failure struct {
	// Stage says where the case ended: config, input, apply, result or panic.
	Stage string `json:"stage"`
	// Class is the exception's, in Java.
	Class string `json:"class,omitempty"`
	// Message is the text, cut after some hundred characters.
	Message string `json:"message"`
}

// Lines calls do with each line of r.
func Lines(r io.Reader, do func([]byte) error) error {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 1<<20), 1<<28)
	for s.Scan() {
		if err := do(s.Bytes()); err != nil {
			return err
		}
	}
	return s.Err()
}

// Encoder writes JSON a line, with < and > as they are.
func Encoder(w io.Writer) *json.Encoder {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e
}
