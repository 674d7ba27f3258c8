// Package output prints what a command has read: as a table for people, as JSON or YAML
// for programs.
package output

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"go.yaml.in/yaml/v3"

	"github.com/suiro/suiro/internal/flags"
)

// The formats. A table is the default.
const (
	TableFormat = "table"
	JSON        = "json"
	YAML        = "yaml"
	Name        = "name"
)

// Table is what people are shown.
type Table struct {
	// Header are the titles of the columns.
	Header []string
	// Rows have a text for each column.
	Rows [][]string
	// Empty is written instead when there are no rows.
	Empty string
}

// Write prints a value in a format: the value itself as JSON or YAML, its table, or of
// the table the first column alone.
func Write(w io.Writer, format string, value any, t Table) error {
	switch format {
	case JSON:
		return writeJSON(w, value)
	case YAML:
		return writeYAML(w, value)
	case Name:
		for _, row := range t.Rows {
			if _, err := fmt.Fprintln(w, flags.Printable(row[0])); err != nil {
				return err
			}
		}
		return nil
	}
	return t.write(w)
}

// write prints the table, so that what a worker answered cannot move the cursor.
func (t Table) write(w io.Writer) error {
	if len(t.Rows) == 0 {
		_, err := fmt.Fprintln(w, t.Empty)
		return err
	}
	out := tabwriter.NewWriter(w, 0, 8, 3, ' ', 0)
	for _, row := range append([][]string{t.Header}, t.Rows...) {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = oneLine(cell)
		}
		fmt.Fprintln(out, strings.TrimRight(strings.Join(cells, "\t"), "\t"))
	}
	return out.Flush()
}

// oneLine makes a text fit a cell.
func oneLine(text string) string {
	return flags.Printable(strings.NewReplacer("\n", " ", "\t", " ", "\r", "").Replace(text))
}

func writeJSON(w io.Writer, value any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(value)
}

// writeYAML prints a value with the fields that it has in JSON, in the same order.
func writeYAML(w io.Writer, value any) error {
	var text bytes.Buffer
	if err := writeJSON(&text, value); err != nil {
		return err
	}
	d := json.NewDecoder(&text)
	d.UseNumber()
	root, err := node(d)
	if err != nil {
		return err
	}
	e := yaml.NewEncoder(w)
	e.SetIndent(2)
	if err := e.Encode(root); err != nil {
		return err
	}
	return e.Close()
}

// node makes YAML of the next value of a JSON text.
func node(d *json.Decoder) (*yaml.Node, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	delim, nested := token.(json.Delim)
	if !nested {
		return scalar(token), nil
	}
	n := &yaml.Node{Kind: yaml.SequenceNode}
	if delim == '{' {
		n.Kind = yaml.MappingNode
	}
	for d.More() { // of an object keys and values in turn
		child, err := node(d)
		if err != nil {
			return nil, err
		}
		n.Content = append(n.Content, child)
	}
	if len(n.Content) == 0 {
		n.Style = yaml.FlowStyle
	}
	_, err = d.Token()
	return n, err
}

func scalar(token json.Token) *yaml.Node {
	switch v := token.(type) {
	case string:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: v}
	case nil:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Value: fmt.Sprint(token)}
}
