package shop

import (
	"bytes"
	"encoding/csv"
	"fmt"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/data"
)

type csvConfig struct {
	Columns []string `config:"columns" valid:"nonempty" doc:"Names of the columns, in order."`
}

// CSVPlugin describes CSV as a worker loads it.
func CSVPlugin() connect.ConverterPlugin {
	return connect.ConverterPlugin{
		Info: connect.Info{Class: "example.CsvConverter", Version: version, Def: config.For[csvConfig](),
			Doc: "A record is a line of comma-separated text, and its value an object with a field for each column."},
		New: func(v config.Values, _ bool) (connect.Converter, error) {
			c := &CSV{}
			v.Decode(&c.config)
			return c, nil
		},
	}
}

// CSV converts between a line of comma-separated text and an object of texts.
type CSV struct{ config csvConfig }

// ToConnect reads a line. Null is null.
func (c *CSV) ToConnect(_ string, raw []byte) (*data.Schema, any, error) {
	if raw == nil {
		return nil, nil, nil
	}
	r := csv.NewReader(bytes.NewReader(raw))
	r.FieldsPerRecord = len(c.config.Columns)
	lines, err := r.ReadAll()
	if err != nil {
		return nil, nil, fmt.Errorf("read csv: %w", err)
	}
	if len(lines) != 1 {
		return nil, nil, fmt.Errorf("read csv: %d lines, want one", len(lines))
	}
	out := map[string]any{}
	for i, name := range c.config.Columns {
		out[name] = lines[0][i]
	}
	return nil, out, nil
}

// FromConnect writes an object as a line; a missing field is an empty column. Null
// is null.
func (c *CSV) FromConnect(topic string, schema *data.Schema, value any) ([]byte, error) {
	if value == nil {
		return nil, nil
	}
	fields, ok := value.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("write csv for topic %s: the value is %s, want an object", topic, data.Describe(value))
	}
	line := make([]string, len(c.config.Columns))
	for i, name := range c.config.Columns {
		if fields[name] == nil {
			continue
		}
		var err error
		if line[i], err = data.Text(schema.FieldSchema(name), fields[name]); err != nil {
			return nil, fmt.Errorf("write csv for topic %s: column %s: %w", topic, name, err)
		}
	}
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	if err := w.Write(line); err != nil {
		return nil, fmt.Errorf("write csv for topic %s: %w", topic, err)
	}
	w.Flush()
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), w.Error()
}

// Format is empty: the bytes mean nothing without the columns.
func (*CSV) Format() string { return "" }
