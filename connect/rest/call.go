package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/herder/api"
	"github.com/suiro/suiro/connect/rest/internal/object"
)

// call is one request on its way to the function that answers it.
type call struct {
	herder.Herder
	ctx     context.Context // ends when nobody waits for the answer any longer
	request *http.Request
	body    []byte
}

// path returns the part of the path that the route calls name.
func (c *call) path(name string) string { return c.request.PathValue(name) }

// query returns the value of a parameter, "" when it is not there.
func (c *call) query(name string) string { return c.request.URL.Query().Get(name) }

// is reports whether a parameter is true in any case; what is not is false, as in Kafka
// Connect.
func (c *call) is(name string) bool { return strings.EqualFold(c.query(name), "true") }

// fields reads the body as an object that has no other keys than the known ones, each
// once and written as they are.
func (c *call) fields(known ...string) (object.Object, error) {
	var all object.Object
	if err := c.read(&all); err != nil {
		return nil, err
	}
	if err := all.Only(known...); err != nil {
		return nil, herder.Errorf(herder.ErrInvalid, "request body %v", err)
	}
	return all, nil
}

// config reads a connector's configuration from the body.
func (c *call) config() (map[string]string, error) {
	var config api.ConfigPatch
	if err := c.read(&config); err != nil {
		return nil, err
	}
	return withoutNull(config)
}

// withoutNull is a configuration in which no key is null.
func withoutNull(config api.ConfigPatch) (map[string]string, error) {
	out := make(map[string]string, len(config))
	var null []string
	for key, value := range config {
		if value == nil {
			null = append(null, key)
			continue
		}
		out[key] = *value
	}
	if len(null) > 0 {
		slices.Sort(null)
		return nil, herder.Errorf(herder.ErrInvalid,
			"Null value can not be supplied as the configuration value. Leave these keys out or give them values: %s",
			strings.Join(null, ", "))
	}
	return out, nil
}

// read reads the body into a value that takes a JSON object.
func (c *call) read(into any) error { return c.readAs("object", into) }

// readAs reads the body, which is of a kind. Kafka Connect answers 500 for a body that
// is not what it expects.
func (c *call) readAs(kind string, into any) error {
	text := bytes.TrimSpace(c.body)
	errBody := func(is string) error {
		return herder.Errorf(herder.ErrInvalid, "request body %s: a JSON %s is expected", is, kind)
	}
	switch {
	case len(text) == 0:
		return errBody("is empty")
	case string(text) == "null":
		return errBody("is null")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	var wrong *json.UnmarshalTypeError
	switch err := d.Decode(into); {
	case errors.As(err, &wrong) && wrong.Field == "":
		return errBody("is of type " + wrong.Value)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errBody("is not complete")
	case err != nil:
		return herder.Errorf(herder.ErrInvalid, "request body is not the JSON that is expected: %v", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return herder.Errorf(herder.ErrInvalid, "request body has something after the JSON: send one value alone")
	}
	return nil
}
