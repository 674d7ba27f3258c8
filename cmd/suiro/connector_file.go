package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// connectorFile is a connector's configuration and where it came from.
type connectorFile struct {
	file   string
	name   string
	config map[string]string
}

// readConnectors reads configurations in any of the forms that Kafka Connect's
// standalone mode takes, and reports every file that is wrong.
func readConnectors(files []string) ([]connectorFile, error) {
	var out []connectorFile
	var errs []error
	seen := map[string]string{}
	for _, file := range files {
		c, err := readConnector(file)
		if err == nil && seen[c.name] != "" {
			err = fmt.Errorf("connector %s is also in %s", c.name, seen[c.name])
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", file, err))
			continue
		}
		seen[c.name] = file
		out = append(out, c)
	}
	return out, errors.Join(errs...)
}

func readConnector(file string) (connectorFile, error) {
	c := connectorFile{file: file}
	if filepath.Ext(file) == ".properties" {
		props, err := readProperties(file)
		c.config = props
		c.name = props["name"]
		return c.checked(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return c, err
	}
	c.name, c.config, err = parseConnector(text)
	return c.checked(err)
}

func (c connectorFile) checked(err error) (connectorFile, error) {
	if err == nil && strings.TrimSpace(c.name) == "" {
		err = errors.New("name is missing")
	}
	if err == nil {
		c.config["name"] = c.name
	}
	return c, err
}

// parseConnector reads {"name": …, "config": {…}} or a flat map.
func parseConnector(text []byte) (name string, config map[string]string, err error) {
	var fields map[string]json.RawMessage
	if err := decodeJSON(text, &fields); err != nil {
		return "", nil, fmt.Errorf("is not a JSON object: %w", err)
	}
	inner, nested := fields["config"]
	if !nested || !bytes.HasPrefix(bytes.TrimSpace(inner), []byte("{")) {
		config, err = stringMap(fields)
		return config["name"], config, err
	}
	for key := range fields {
		if key != "name" && key != "config" {
			return "", nil, fmt.Errorf("field %q is unknown beside name and config", key)
		}
	}
	if raw, ok := fields["name"]; ok {
		if err := json.Unmarshal(raw, &name); err != nil {
			return "", nil, fmt.Errorf("name is not a string: %w", err)
		}
	}
	var values map[string]json.RawMessage
	if err := decodeJSON(inner, &values); err != nil {
		return "", nil, fmt.Errorf("config: %w", err)
	}
	config, err = stringMap(values)
	if err == nil && config["name"] != "" && config["name"] != name {
		err = fmt.Errorf("name is %q, and %q in config", name, config["name"])
	}
	return name, config, err
}

// stringMap takes numbers and booleans for their text, as Kafka Connect does.
func stringMap(fields map[string]json.RawMessage) (map[string]string, error) {
	out := make(map[string]string, len(fields))
	for key, raw := range fields {
		var v any
		if err := decodeJSON(raw, &v); err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		switch v := v.(type) {
		case string:
			out[key] = v
		case json.Number, bool:
			out[key] = fmt.Sprint(v)
		case nil:
			return nil, fmt.Errorf("%s: null value can not be supplied as the configuration value", key)
		default:
			return nil, fmt.Errorf("%s: must be a string, a number or a boolean", key)
		}
	}
	return out, nil
}

func decodeJSON(text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("something follows the JSON value")
	}
	return nil
}
