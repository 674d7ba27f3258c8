package configfiles

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/internal/flags"
)

// Connector is a connector and the file that it came from.
type Connector struct {
	api.CreateConnectorRequest
	// Path is the file.
	Path string
}

// ReadConnector reads a connector in any of the forms that people have. What begins
// with a brace is JSON whatever the file is called, the rest properties, or YAML where
// the name of the file or its text says so. The error begins with the path.
func ReadConnector(path string) (Connector, error) {
	text, err := flags.ReadFile(path)
	if err != nil {
		return Connector{}, err
	}
	c, err := ParseNamed(path, text)
	if err != nil {
		return Connector{}, fmt.Errorf("%s: %w", path, err)
	}
	return Connector{c, path}, nil
}

// ErrWorker is the error for a worker's configuration in the place of a connector's.
var ErrWorker = errors.New("is a worker's configuration: name it with --config, and connectors after it")

// ParseNamed is ReadConnector for the text of a file, whose name says whether it is YAML;
// a name without a form, such as - for the standard input, leaves that to the text.
func ParseNamed(path string, text []byte) (api.CreateConnectorRequest, error) {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".yaml", ".yml":
		return parseYAML(bytes.TrimPrefix(text, []byte("\ufeff")))
	}
	return ParseConnector(text)
}

// ParseConnector is ReadConnector for a text alone.
func ParseConnector(text []byte) (c api.CreateConnectorRequest, err error) {
	text = bytes.TrimSpace(bytes.TrimPrefix(text, []byte("\ufeff")))
	switch {
	case len(text) == 0:
		return c, errors.New("is empty: a connector's configuration is JSON, {\"name\": ..., \"config\": {...}}, " +
			"the same as YAML, or properties")
	case text[0] == '[' || text[0] == '"':
		return c, errors.New("is not a JSON object: a file holds one connector, {\"name\": ..., \"config\": {...}}")
	case text[0] == '{':
		c, err = parseConnector(text)
	default:
		c.Config, err = config.ReadProperties(bytes.NewReader(text))
		if err == nil && isYAML(c.Config) {
			return parseYAML(text)
		}
		c.Name = c.Config["name"]
	}
	switch {
	case err != nil:
		return c, err
	case isWorker(c.Config):
		return c, ErrWorker
	case strings.TrimSpace(c.Name) == "":
		return c, errors.New("name is missing: give the connector a name that is unique in the worker")
	case c.Config["name"] != "" && c.Config["name"] != c.Name:
		return c, fmt.Errorf("name is %q, and %q in config: make them the same", c.Name, c.Config["name"])
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
	if fields["apiVersion"] != nil && fields["metadata"] != nil {
		return c, errors.New("is a Kubernetes resource: a connector's configuration is {\"name\": ..., \"config\": {...}}")
	}
	if !bytes.HasPrefix(fields["config"], []byte("{")) {
		for _, key := range slices.Sorted(maps.Keys(fields)) {
			if bytes.HasPrefix(fields[key], []byte("{")) && key != "config" && meant(key) != "" {
				return c, fmt.Errorf("field %q is unknown%s", key, meant(key))
			}
		}
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
			return c, fmt.Errorf("field %q is unknown%s: name, config and initial_state are known", key, meant(key))
		case field == nil:
			continue
		}
		if err := json.Unmarshal(fields[key], field); err != nil {
			return c, fmt.Errorf("%s: %w", key, said(err))
		}
	}
	return c, nil
}

func meant(field string) string {
	if near := config.Nearest(field, []string{"name", "config", "initial_state"}); near != "" {
		return fmt.Sprintf(", did you mean %q?", near)
	}
	return ""
}

// said is an error of encoding/json in the words of the file.
func said(err error) error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return fmt.Errorf("must be a string, not a %s", wrong.Value)
	}
	return err
}

// decodeJSON decodes one value that nothing follows. The error says in which line
// the text is broken.
func decodeJSON(text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	if err := d.Decode(v); err != nil {
		return placed(err, text)
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("something follows the JSON value in line %d", lineOf(text, d.InputOffset()))
	}
	return nil
}

func placed(err error, text []byte) error {
	var broken *json.SyntaxError
	switch {
	case errors.As(err, &broken):
		return fmt.Errorf("line %d: %w", lineOf(text, broken.Offset), err)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("it ends before it is complete: is a brace or a quotation mark missing?")
	}
	return err
}

func lineOf(text []byte, offset int64) int {
	return 1 + bytes.Count(text[:min(int(offset), len(text))], []byte("\n"))
}
