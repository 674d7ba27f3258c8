package configfiles

import (
	"errors"
	"fmt"

	"github.com/suiro/suiro/internal/flags"
)

// ReadWorker reads a worker's properties. The error begins with the path.
func ReadWorker(path string) (map[string]string, error) {
	props, err := flags.ReadProperties(path)
	switch {
	case errors.Is(err, flags.ErrJSON):
		if c, err := ReadConnector(path); err == nil && c.Config[ClassKey] != "" {
			return nil, fmt.Errorf("%s: %w", path, errConnector)
		}
		return nil, fmt.Errorf("%s: is JSON, and a worker's configuration is a properties file: lines of key=value", path)
	case err != nil:
		return nil, err
	case len(props) == 0:
		return nil, fmt.Errorf("%s: is empty: a worker needs at least bootstrap.servers, key.converter, value.converter "+
			"and offset.storage.file.filename", path)
	case props[ClassKey] != "" && props["key.converter"]+props["bootstrap.servers"] == "",
		props[ClassKey] != "" && props["name"] != "":
		return nil, fmt.Errorf("%s: %w", path, errConnector)
	case isYAML(props):
		return nil, fmt.Errorf("%s: looks like YAML, and a worker's configuration is a properties file: "+
			"lines of key=value", path)
	}
	return props, nil
}

// ClassKey is the key that only a connector's configuration has: its class.
const ClassKey = "connector.class"

var errConnector = errors.New("is a connector's configuration: name the worker's properties file with --config, " +
	"and connectors after it")

// isYAML reports whether properties are what is left of a file in YAML: values
// are empty where a map begins.
func isYAML(props map[string]string) bool {
	for _, key := range []string{"config", "spec", "metadata"} {
		if value, ok := props[key]; ok && value == "" {
			return true
		}
	}
	return props["---"] == "" && has(props, "---")
}

func has(props map[string]string, key string) bool {
	_, ok := props[key]
	return ok
}

// isWorker reports whether properties are a worker's and not a connector's.
func isWorker(props map[string]string) bool {
	return !has(props, ClassKey) && (has(props, "bootstrap.servers") || has(props, "offset.storage.file.filename") ||
		has(props, "offset.storage.topic"))
}
