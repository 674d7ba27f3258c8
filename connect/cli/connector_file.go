package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/herder/api"
)

// connectorFile is a connector and the file that it came from.
type connectorFile struct {
	api.CreateConnectorRequest
	file string
}

// readConnectors reads connectors and reports every file that is wrong.
func readConnectors(files []string) ([]connectorFile, error) {
	var out []connectorFile
	var errs []error
	seen := map[string]string{}
	for _, file := range files {
		c, err := readConnector(file)
		if err == nil && seen[c.Name] != "" {
			err = fmt.Errorf("connector %s is also in %s", c.Name, seen[c.Name])
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", file, err))
			continue
		}
		seen[c.Name] = file
		out = append(out, connectorFile{c, file})
	}
	return out, errors.Join(errs...)
}

// readConnector reads a connector in any of the forms that people have. What
// begins with a brace is JSON whatever the file is called, the rest properties.
func readConnector(file string) (c api.CreateConnectorRequest, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return c, err
	}
	text = bytes.TrimSpace(bytes.TrimPrefix(text, []byte("\ufeff")))
	switch {
	case len(text) == 0:
		return c, errors.New("is empty: a JSON object or properties are expected")
	case text[0] == '[' || text[0] == '"':
		return c, errors.New("is not a JSON object: a file holds one connector, {\"name\": ..., \"config\": {...}}")
	case text[0] == '{':
		c, err = parseConnector(text)
	default:
		c.Config, err = config.ReadProperties(bytes.NewReader(text))
		c.Name = c.Config["name"]
	}
	switch {
	case err != nil:
		return c, err
	case strings.TrimSpace(c.Name) == "":
		return c, errors.New("name is missing")
	case c.Config["name"] != "" && c.Config["name"] != c.Name:
		return c, fmt.Errorf("name is %q, and %q in config", c.Name, c.Config["name"])
	}
	c.Config["name"] = c.Name
	return c, nil
}

// parseConnector reads {"name": …, "config": {…}}, which may have an
// initial_state, the answer of GET /connectors/{c}, or a flat map of the
// configuration.
func parseConnector(text []byte) (c api.CreateConnectorRequest, err error) {
	var fields map[string]json.RawMessage
	if err := decodeJSON(text, &fields); err != nil {
		return c, fmt.Errorf("is not a JSON object: %w", err)
	}
	if !bytes.HasPrefix(fields["config"], []byte("{")) {
		err = json.Unmarshal(text, &c.Config)
		c.Name = c.Config["name"]
		return c, err
	}
	of := map[string]any{"name": &c.Name, "config": &c.Config, "initial_state": &c.InitialState,
		"tasks": nil, "type": nil} // the last two are what the worker answered
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		field, known := of[key]
		switch {
		case !known:
			return c, fmt.Errorf("field %q is unknown: name, config and initial_state are known", key)
		case field == nil:
			continue
		}
		if err := json.Unmarshal(fields[key], field); err != nil {
			return c, fmt.Errorf("%s: %w", key, said(err))
		}
	}
	return c, nil
}

// said is an error of encoding/json in the words of the file.
func said(err error) error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return fmt.Errorf("must be a string, not a %s", wrong.Value)
	}
	return err
}

// decodeJSON decodes one value that nothing follows.
func decodeJSON(text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("something follows the JSON value")
	}
	return nil
}
