package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/herder/api"
)

// call is one request on its way to the function that answers it.
type call struct {
	herder.Herder
	request *http.Request
	body    []byte
}

// path returns the part of the path that the route calls name.
func (c *call) path(name string) string { return c.request.PathValue(name) }

// query returns the value of a parameter, "" when it is not there.
func (c *call) query(name string) string { return c.request.URL.Query().Get(name) }

// texts reads the body as an object whose values are texts, numbers or booleans.
// The error is [api.ErrNullValue] when one of them is null.
func (c *call) texts() (map[string]string, error) {
	if len(bytes.TrimSpace(c.body)) == 0 {
		return nil, errors.New("request body is empty: a JSON object is expected")
	}
	var texts api.Config
	d := json.NewDecoder(bytes.NewReader(c.body))
	var wrong *json.UnmarshalTypeError
	switch err := d.Decode(&texts); {
	case errors.As(err, &wrong):
		return nil, fmt.Errorf("request body is of type %s: a JSON object is expected", wrong.Value)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, errors.New("request body is not complete: a JSON object is expected")
	case err != nil:
		return nil, fmt.Errorf("request body is not the JSON that is expected: %w", err)
	case texts == nil:
		return nil, errors.New("request body is null: a JSON object is expected")
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("request body has something after the JSON object: send the object alone")
	}
	return texts, nil
}

// config reads a connector's configuration from the body.
func (c *call) config() (map[string]string, error) {
	config, err := c.texts()
	if errors.Is(err, api.ErrNullValue) {
		return nil, herder.Errorf(herder.ErrInvalid, "Null value can not be supplied as the configuration value.")
	}
	return config, err
}
