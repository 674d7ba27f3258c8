package rest

import (
	"encoding/base64"
	"encoding/json"
	"net/http"

	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/herder/api"
)

// The headers of a request that one worker of a cluster sends another.
const (
	signatureHeader = "X-Connect-Authorization"
	algorithmHeader = "X-Connect-Request-Signature-Algorithm"
)

// postTasks is how a worker gives the leader the tasks of a connector that it runs.
func postTasks(c *call) (answer, error) {
	s, err := signature(c)
	if err != nil {
		return answer{}, err
	}
	peers, ok := c.Herder.(herder.Peers)
	if !ok {
		return answer{}, errAlone
	}
	var sent list
	if err := c.readAs("list", &sent); err != nil {
		return answer{}, err
	}
	configs := make([]map[string]string, 0, len(sent))
	for _, raw := range sent {
		var config api.Config
		if err := json.Unmarshal(raw, &config); err != nil {
			return answer{}, herder.Errorf(herder.ErrInvalid, "configuration of task %d: %v", len(configs), err)
		}
		configs = append(configs, config)
	}
	return answer{status: http.StatusNoContent}, peers.PutTasks(c.ctx, c.path("c"), configs, s)
}

// putFence is how a worker has the leader end what former tasks of a source have begun.
func putFence(c *call) (answer, error) {
	s, err := signature(c)
	if err != nil {
		return answer{}, err
	}
	peers, ok := c.Herder.(herder.Peers)
	if !ok {
		return answer{}, errAlone
	}
	return answer{status: http.StatusNoContent}, peers.Fence(c.ctx, c.path("c"), s)
}

// errAlone refuses every signature where there are no other workers.
var errAlone = herder.Errorf(herder.ErrForbidden, "Internal request contained invalid signature.")

// signature reads the signature of a request between workers.
func signature(c *call) (herder.Signature, error) {
	s := herder.Signature{Algorithm: c.request.Header.Get(algorithmHeader), Body: c.body}
	text := c.request.Header.Get(signatureHeader)
	if s.Algorithm == "" || text == "" {
		return s, herder.Errorf(herder.ErrInvalid, "Internal request missing required signature")
	}
	var err error
	if s.MAC, err = base64.StdEncoding.DecodeString(text); err != nil {
		return s, herder.Errorf(herder.ErrInvalid, "header %s is not base64: %v", signatureHeader, err)
	}
	return s, nil
}

// list is a JSON list, told apart from null.
type list []json.RawMessage
