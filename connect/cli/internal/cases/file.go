package cases

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/suiro/suiro/connect/cli/internal/samples"
)

// File is the test of a connector.
type File struct {
	// Cases are in the order of the file.
	Cases []*Case

	document yaml.Node
}

// Case is an input with what is expected of it.
type Case struct {
	// Name says what the case shows.
	Name string
	// Line is where the case begins in its file.
	Line int
	// Input is the record.
	Input samples.Sample
	// Want is what is expected; nil expects nothing yet.
	Want *Outcome

	node *yaml.Node // a mapping
}

// rejected is what a case says of a rejection.
type rejected struct {
	Stage  string `yaml:"stage"`
	Class  string `yaml:"class"`
	Reason string `yaml:"reason"`
}

// Read reads a test. The error names the line of what is wrong.
func Read(text []byte) (*File, error) {
	f := &File{}
	d := yaml.NewDecoder(bytes.NewReader(text))
	switch err := d.Decode(&f.document); {
	case errors.Is(err, io.EOF):
		return nil, errNoCases
	case err != nil:
		return nil, fmt.Errorf("is not YAML: %s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	list := f.document.Content[0]
	if list.Kind != yaml.SequenceNode || len(list.Content) == 0 {
		return nil, errNoCases
	}
	for _, node := range list.Content {
		c, err := readCase(node)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", node.Line, err)
		}
		f.Cases = append(f.Cases, c)
	}
	return f, nil
}

var errNoCases = errors.New("is not a list of cases, each with name, input, and expect, dropped or rejected")

// ends are the fields of a case that say what is expected.
var ends = []string{"expect", "dropped", "rejected"}

func readCase(node *yaml.Node) (*Case, error) {
	if node.Kind != yaml.MappingNode {
		return nil, errors.New("a case is a mapping with name, input, and expect, dropped or rejected")
	}
	c := &Case{Line: node.Line, node: node}
	var input *yaml.Node
	for i := 0; i < len(node.Content); i += 2 {
		name, value := node.Content[i].Value, node.Content[i+1]
		switch {
		case name == "name":
			c.Name = value.Value
		case name == "input":
			input = value
		case !slices.Contains(ends, name):
			return nil, fmt.Errorf("field %q is unknown: a case has name, input, and expect, dropped or rejected", name)
		case c.Want != nil:
			return nil, errors.New("a record ends in one way: expect, dropped or rejected")
		default:
			want, err := readOutcome(name, value)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			c.Want = want
		}
	}
	if input == nil {
		return nil, errors.New("input is missing: the record to try")
	}
	text, err := toJSON(input)
	if err != nil {
		return nil, fmt.Errorf("input: %w", err)
	}
	if c.Input, err = samples.Parse(text); err != nil {
		return nil, fmt.Errorf("input: %w", err)
	}
	c.Input.Line = node.Line
	return c, nil
}

func readOutcome(name string, value *yaml.Node) (*Outcome, error) {
	switch name {
	case "dropped":
		if value.Value != "true" {
			return nil, errors.New("must be true")
		}
		return &Outcome{Dropped: true}, nil
	case "rejected":
		var r rejected
		if err := strict(value, &r); err != nil {
			return nil, err
		}
		return &Outcome{Rejected: &Rejection{r.Stage, r.Class, r.Reason}}, nil
	}
	if value.Kind != yaml.SequenceNode {
		fields, err := readFields(value)
		return &Outcome{Fields: fields}, err
	}
	out := &Outcome{Several: []map[string]json.RawMessage{}}
	for _, one := range value.Content {
		fields, err := readFields(one)
		if err != nil {
			return nil, err
		}
		out.Several = append(out.Several, fields)
	}
	if len(out.Several) == 0 {
		return nil, errors.New("must have a record, or be dropped: true")
	}
	return out, nil
}

// readFields reads what is expected of one record.
func readFields(value *yaml.Node) (fields map[string]json.RawMessage, err error) {
	text, err := toJSON(value)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &fields); err != nil {
		return nil, errors.New("must be a mapping with topic, partition, timestamp, key, value or headers, or a list of them")
	}
	for name := range fields {
		if !slices.Contains(fieldNames, name) {
			return nil, fmt.Errorf("field %q is unknown: topic, partition, timestamp, key, value and headers are known", name)
		}
	}
	return fields, nil
}

// strict decodes a node into a struct that has all of its fields.
func strict(node *yaml.Node, into any) error {
	text, err := yaml.Marshal(node)
	if err != nil {
		return err
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(into); err != nil {
		return errors.New("must be a mapping with stage, class or reason")
	}
	return nil
}

// Update makes what is expected of a case what has come out, and keeps the fields that
// were compared before.
func (c *Case) Update(got Outcome) error {
	name, value, err := got.node(c.Want)
	if err != nil {
		return err
	}
	for i := 0; i < len(c.node.Content); i += 2 {
		if slices.Contains(ends, c.node.Content[i].Value) {
			c.node.Content[i].Value, c.node.Content[i+1] = name, value
			return nil
		}
	}
	c.node.Content = append(c.node.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: name}, value)
	return nil
}

// Text is the file as it is now, with its comments.
func (f *File) Text() ([]byte, error) {
	var out bytes.Buffer
	e := yaml.NewEncoder(&out)
	e.SetIndent(2)
	if err := e.Encode(&f.document); err != nil {
		return nil, err
	}
	return spaced(out.Bytes()), e.Close()
}

// spaced has an empty line before each case and its comment, which the encoder leaves out.
func spaced(text []byte) []byte {
	var out, comment []byte
	for line := range bytes.Lines(text) {
		if bytes.HasPrefix(line, []byte("#")) {
			comment = append(comment, line...)
			continue
		}
		if bytes.HasPrefix(line, []byte("- ")) && len(out) > 0 {
			out = append(out, '\n')
		}
		out = append(append(out, comment...), line...)
		comment = nil
	}
	return append(out, comment...)
}
