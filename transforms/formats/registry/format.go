package registry

import (
	"fmt"
	"slices"

	"github.com/twmb/franz-go/pkg/sr"

	"github.com/suiro/suiro/connect/data"
	"github.com/suiro/suiro/transforms/formats/avro"
)

// Format is one kind of schemas, and what the messages of such schemas are.
type Format struct {
	// Name is what errors call the format, such as Avro.
	Name string
	// Type is what registries call it, such as AVRO.
	Type string
	// ErrSchema and ErrValue are the causes of errors about schemas and about data.
	ErrSchema, ErrValue error
	// Parse compiles a schema of the registry. The schemas that it refers to come in an
	// order in which each is after those that it refers to itself.
	Parse func(text string, references []Reference) (Codec, error)
	// New compiles a schema of Connect. It is an error if there is none.
	New func(s *data.Schema) (Codec, error)
	// Hint ends the error about a message that does not begin as those of a registry do:
	// what else the message may be.
	Hint string
}

// Reference is a schema that another one refers to.
type Reference struct {
	// Names are what schemas call it. There is at least one.
	Names []string
	// Text is the schema.
	Text string
}

// Codec writes and reads what follows the schema id in messages of one schema. It may be
// shared by goroutines.
type Codec interface {
	// Text is the schema as the registry has it.
	Text() string
	// Size is about how many bytes of memory the codec takes.
	Size() int
	// Append appends a value. Its own schema may be another than that of the codec, or nil.
	Append(dst []byte, s *data.Schema, value any) ([]byte, error)
	// Decode reads a value.
	Decode(raw []byte) (*data.Schema, any, error)
}

// MaxText is the longest text of a schema that is read, together with the schemas that
// it refers to, in bytes.
const MaxText = avro.MaxText

// tooLong is the error about a schema whose text, with those it refers to, is too long.
func (f *Format) tooLong() error {
	return fmt.Errorf("%w: its text, with the schemas that it refers to, has more than %d bytes", f.ErrSchema, MaxText)
}

// notMessage is the error about bytes that no serializer with a registry wrote.
func (f *Format) notMessage() error {
	return fmt.Errorf("%w: the message is not %s with a schema registry, which begins with byte 0 and a schema id of 4 "+
		"bytes: %s", f.ErrValue, f.Name, f.Hint)
}

// name adds a name by which another schema refers to this one.
func (r *Reference) name(name string) {
	if !slices.Contains(r.Names, name) {
		r.Names = append(r.Names, name)
	}
}

// kind is the type in the words of the client.
func (f *Format) kind() sr.SchemaType {
	switch f.Type {
	case sr.TypeJSON.String():
		return sr.TypeJSON
	case sr.TypeProtobuf.String():
		return sr.TypeProtobuf
	}
	return sr.TypeAvro
}
