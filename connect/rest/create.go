package rest

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/suiro/suiro/connect/access"
	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/herder/api"
)

// postConnectors makes a connector.
func postConnectors(c *call) (answer, error) {
	r, err := readCreate(c)
	if err != nil {
		return answer{}, err
	}
	if caller := access.CallerOf(c.ctx); !caller.May(access.Admin, r.Name) {
		return answer{}, herder.Errorf(herder.ErrForbidden, "%v", caller.Refuse(access.Admin, r.Name))
	}
	info, err := c.Create(c.ctx, r)
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusCreated, body: info, created: connectorPath(r.Name)}, nil
}

// readCreate reads what is to be made from the body. As in Kafka Connect, blanks around
// the name do not count, and a name that is missing is empty, which the herder refuses.
func readCreate(c *call) (r api.CreateConnectorRequest, err error) {
	fields, err := c.fields("name", "config", "initial_state", "initial_offsets")
	if err != nil {
		return r, err
	}
	if r.Name, err = readText("name", fields["name"]); err != nil {
		return r, err
	}
	r.Name = strings.TrimFunc(r.Name, func(c rune) bool { return c <= ' ' })
	var config api.ConfigPatch
	if err := readMember("config", "an object of keys and their values", fields["config"], &config); err != nil {
		return r, err
	}
	if config == nil {
		return r, herder.Errorf(herder.ErrInvalid,
			"request body has no config: an object of keys and their values is expected")
	}
	if r.Config, err = withoutNull(config); err != nil {
		return r, err
	}
	if r.InitialOffsets, err = offsetsOf("initial_offsets", fields["initial_offsets"]); err != nil {
		return r, err
	}
	state, err := readText("initial_state", fields["initial_state"])
	if err == nil && string(orNull(fields["initial_state"])) != "null" {
		if err := r.InitialState.UnmarshalText([]byte(state)); err != nil {
			return r, herder.Errorf(herder.ErrInvalid, "%v", err)
		}
	}
	return r, err
}

// readText reads a text, a number or a boolean as text; null is "".
func readText(name string, raw json.RawMessage) (string, error) {
	var one api.ConfigPatch
	text, err := json.Marshal(map[string]json.RawMessage{name: orNull(raw)})
	if err == nil {
		err = json.Unmarshal(text, &one)
	}
	if err != nil {
		return "", herder.Errorf(herder.ErrInvalid, "%v", err)
	}
	if one[name] == nil {
		return "", nil
	}
	return *one[name], nil
}

// readMember reads what an object of the body has under a name, null when it has nothing.
func readMember(name, expected string, raw json.RawMessage, into any) error {
	err := json.Unmarshal(orNull(raw), into)
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrong):
		return herder.Errorf(herder.ErrInvalid, "%s must be %s", name, expected)
	case err != nil:
		return herder.Errorf(herder.ErrInvalid, "%s: %v", name, err)
	}
	return nil
}

func orNull(raw json.RawMessage) json.RawMessage {
	if raw == nil {
		return json.RawMessage("null")
	}
	return raw
}
