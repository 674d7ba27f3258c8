package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/suiro/suiro/connect/herder/api"
)

// maxError is how much of an answer that is an error is read, in bytes.
const maxError = 64 << 10

// Leader asks the leader of the cluster for what it alone may do, over its REST API. It
// is safe for concurrent use.
type Leader struct {
	client *http.Client
	sign   func(http.Header, []byte) error
}

// NewLeader returns a Leader. sign adds the signature of a body to the headers of a
// request. client may be nil, for [NewClient] without settings of TLS.
func NewLeader(client *http.Client, sign func(h http.Header, body []byte) error) *Leader {
	return &Leader{newForwarder(client).client, sign}
}

// PutTasks gives the leader, whose REST API is at a URL, the configurations of a
// connector's tasks. A [StatusError] is its answer.
func (l *Leader) PutTasks(ctx context.Context, leader, connector string, configs []map[string]string) error {
	body, err := json.Marshal(configs)
	if err != nil {
		return fmt.Errorf("give the leader the tasks of %s: %w", connector, err)
	}
	return l.ask(ctx, http.MethodPost, leader, connector, "tasks", body)
}

// Fence has the leader end what former tasks of a connector have begun.
func (l *Leader) Fence(ctx context.Context, leader, connector string) error {
	return l.ask(ctx, http.MethodPut, leader, connector, "fence", nil)
}

func (l *Leader) ask(ctx context.Context, method, leader, connector, what string, body []byte) error {
	to := strings.TrimSuffix(leader, "/") + "/connectors/" + url.PathEscape(connector) + "/" + what + "?forward=false"
	r, err := http.NewRequestWithContext(ctx, method, to, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("ask the leader at %.100q: %w", leader, err)
	}
	r.Header.Set("Accept", "application/json")
	if len(body) > 0 {
		r.Header.Set("Content-Type", "application/json")
	}
	if err := l.sign(r.Header, body); err != nil {
		return fmt.Errorf("sign a request to the leader: %w", err)
	}
	answer, err := l.client.Do(r)
	if err != nil {
		return fmt.Errorf("ask the leader: %w", err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode < http.StatusMultipleChoices {
		return nil
	}
	var said api.ErrorMessage
	text, _ := io.ReadAll(io.LimitReader(answer.Body, maxError)) // the status says enough
	if json.Unmarshal(text, &said) != nil || said.Message == "" {
		said.Message = answer.Status
	}
	return &StatusError{Code: answer.StatusCode, Message: said.Message}
}

// StatusError is an answer of the leader that is an error.
type StatusError struct {
	// Code is its HTTP status.
	Code int
	// Message is what the leader says.
	Message string
}

// Error says what the leader said.
func (e *StatusError) Error() string {
	return fmt.Sprintf("the leader answers %d: %s", e.Code, e.Message)
}
