package client

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/suiro/suiro/connect/herder/api"
)

// Client asks the workers of one cluster. Its methods may be called from any number of
// goroutines. Unless they say otherwise they return an [Error] for what the worker
// refuses, [ErrNotFound] for a connector that does not exist among them, and
// [ErrUnsupported] for what a worker is too old to have.
type Client struct{ transport *transport }

// New returns a client of the cluster whose workers answer at the addresses, such as
// http://127.0.0.1:8083; any one of them is enough. Nothing is sent. A user and
// password in an address are the login.
func New(addresses []string, o *Options) (*Client, error) {
	t, err := newTransport(addresses, o)
	if err != nil {
		return nil, err
	}
	return &Client{t}, nil
}

// Connectors returns the names of all connectors, in no order.
func (c *Client) Connectors(ctx context.Context) ([]string, error) {
	var names []string
	_, err := c.transport.do(ctx, request{method: http.MethodGet, path: "/connectors"}, &names)
	return names, err
}

// Expanded returns all connectors by name with what is asked for of each: status, info
// or, by default, both.
func (c *Client) Expanded(ctx context.Context, what ...string) (map[string]api.ExpandedConnector, error) {
	if len(what) == 0 {
		what = []string{"status", "info"}
	}
	var all map[string]api.ExpandedConnector
	r := request{method: http.MethodGet, path: "/connectors", query: url.Values{"expand": what}}
	_, err := c.transport.do(ctx, r, &all)
	return all, err
}

// Create makes a connector. The error is [ErrExists] when there is one of the name.
func (c *Client) Create(ctx context.Context, r api.CreateConnectorRequest) (api.ConnectorInfo, error) {
	var info api.ConnectorInfo
	_, err := c.transport.do(ctx, request{method: http.MethodPost, path: "/connectors", body: r}, &info)
	return info, err
}

// Connector returns a connector's configuration and its tasks.
func (c *Client) Connector(ctx context.Context, name string) (api.ConnectorInfo, error) {
	var info api.ConnectorInfo
	_, err := c.of(ctx, http.MethodGet, name, "", nil, &info)
	return info, err
}

// Delete removes a connector. Its offsets stay.
func (c *Client) Delete(ctx context.Context, name string) error {
	_, err := c.of(ctx, http.MethodDelete, name, "", nil, nil)
	return err
}

// Config returns a connector's configuration, with its name.
func (c *Client) Config(ctx context.Context, name string) (map[string]string, error) {
	var config map[string]string
	_, err := c.of(ctx, http.MethodGet, name, "/config", nil, &config)
	return config, err
}

// Put gives a connector another configuration, or makes it when there is none of the
// name; created says which.
func (c *Client) Put(ctx context.Context, name string, config map[string]string) (
	info api.ConnectorInfo, created bool, err error) {
	status, err := c.of(ctx, http.MethodPut, name, "/config", config, &info)
	return info, status == http.StatusCreated, err
}

// Patch changes some keys of a connector's configuration; a key whose value is nil is
// removed. Java workers have it from version 3.8.
func (c *Client) Patch(ctx context.Context, name string, changes map[string]*string) (api.ConnectorInfo, error) {
	var info api.ConnectorInfo
	_, err := c.of(ctx, http.MethodPatch, name, "/config", changes, &info)
	return info, err
}

// Status returns what a connector and its tasks do.
func (c *Client) Status(ctx context.Context, name string) (api.ConnectorStatus, error) {
	var status api.ConnectorStatus
	_, err := c.of(ctx, http.MethodGet, name, "/status", nil, &status)
	return status, err
}

// Tasks returns the configurations of a connector's tasks.
func (c *Client) Tasks(ctx context.Context, name string) ([]api.TaskInfo, error) {
	var tasks []api.TaskInfo
	_, err := c.of(ctx, http.MethodGet, name, "/tasks", nil, &tasks)
	return tasks, err
}

// TaskStatus returns what a task does.
func (c *Client) TaskStatus(ctx context.Context, id api.TaskID) (api.TaskState, error) {
	var state api.TaskState
	_, err := c.of(ctx, http.MethodGet, id.Connector, "/tasks/"+id.Number()+"/status", nil, &state)
	return state, err
}

// Pause makes a connector and its tasks stop working and keep what they hold. It
// returns before they have.
func (c *Client) Pause(ctx context.Context, name string) error {
	_, err := c.of(ctx, http.MethodPut, name, "/pause", nil, nil)
	return err
}

// Resume makes a connector that is paused or stopped work again. It returns before it
// does.
func (c *Client) Resume(ctx context.Context, name string) error {
	_, err := c.of(ctx, http.MethodPut, name, "/resume", nil, nil)
	return err
}

// Stop ends a connector's tasks and keeps its configuration. Java workers have it from
// version 3.5.
func (c *Client) Stop(ctx context.Context, name string) error {
	_, err := c.of(ctx, http.MethodPut, name, "/stop", nil, nil)
	return err
}

// Restart starts a connector again: itself and, as tasks says, its tasks too;
// onlyFailed leaves out what has not failed. With one of the two the answer is the
// status in which all that is restarted is RESTARTING; with none it has no name.
func (c *Client) Restart(ctx context.Context, name string, tasks, onlyFailed bool) (api.ConnectorStatus, error) {
	var status api.ConnectorStatus
	query := "?includeTasks=" + strconv.FormatBool(tasks) + "&onlyFailed=" + strconv.FormatBool(onlyFailed)
	_, err := c.of(ctx, http.MethodPost, name, "/restart"+query, nil, &status)
	return status, err
}

// RestartTask starts a task again.
func (c *Client) RestartTask(ctx context.Context, id api.TaskID) error {
	_, err := c.of(ctx, http.MethodPost, id.Connector, "/tasks/"+id.Number()+"/restart", nil, nil)
	return err
}

// Offsets returns a connector's positions. A number in them is a [encoding/json.Number].
func (c *Client) Offsets(ctx context.Context, name string) (api.ConnectorOffsets, error) {
	var offsets api.ConnectorOffsets
	_, err := c.of(ctx, http.MethodGet, name, "/offsets", nil, &offsets)
	return offsets, err
}

// AlterOffsets sets positions of a connector that is stopped; one that is nil is
// removed, and those of other partitions stay. It returns what the worker says about it.
func (c *Client) AlterOffsets(ctx context.Context, name string, offsets api.ConnectorOffsets) (string, error) {
	var answer api.Message
	_, err := c.of(ctx, http.MethodPatch, name, "/offsets", offsets, &answer)
	return answer.Message, err
}

// ResetOffsets removes all positions of a connector that is stopped. It returns what
// the worker says about it.
func (c *Client) ResetOffsets(ctx context.Context, name string) (string, error) {
	var answer api.Message
	_, err := c.of(ctx, http.MethodDelete, name, "/offsets", nil, &answer)
	return answer.Message, err
}

// Topics returns the topics that a connector has used, none for a name that is not
// known.
func (c *Client) Topics(ctx context.Context, name string) ([]string, error) {
	var answer map[string]api.ActiveTopics
	_, err := c.of(ctx, http.MethodGet, name, "/topics", nil, &answer)
	return answer[name].Topics, err
}

// ResetTopics makes a worker forget the topics that a connector has used.
func (c *Client) ResetTopics(ctx context.Context, name string) error {
	_, err := c.of(ctx, http.MethodPut, name, "/topics/reset", nil, nil)
	return err
}

// Tap returns records on their way through those tasks of a connector that run in the
// worker that answers: each at every stage, masked. It waits for them as long as the
// request says. Only workers of Suiro have it, when rest.tap.enable allows it, for
// callers with the role admin; of a Java worker the error is [ErrUnsupported].
func (c *Client) Tap(ctx context.Context, connector string, r api.TapRequest) (api.Tapped, error) {
	query := url.Values{}
	if r.Stage != "" {
		query.Set("stage", r.Stage)
	}
	if r.Task >= 0 {
		query.Set("task", strconv.Itoa(r.Task))
	}
	if r.Records > 0 {
		query.Set("limit", strconv.Itoa(r.Records))
	}
	if r.Wait > 0 {
		query.Set("waitMs", strconv.FormatInt(r.Wait.Milliseconds(), 10))
	}
	var out api.Tapped
	_, err := c.of(ctx, http.MethodGet, connector, "/tap?"+query.Encode(), nil, &out)
	return out, err
}

// of sends a request about a connector. What is after its name may have a query.
func (c *Client) of(ctx context.Context, method, name, after string, body, out any) (int, error) {
	escaped, err := segment("connector", name)
	if err != nil {
		return 0, err
	}
	after, query, _ := strings.Cut(after, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		return 0, err
	}
	return c.transport.do(ctx, request{method, "/connectors/" + escaped + after, values, body}, out)
}

// segment escapes a name for a path. An empty one would ask for something else.
func segment(what, name string) (string, error) {
	switch name {
	case "":
		return "", errors.New("the name of a " + what + " must not be empty")
	case ".", "..": // which servers take for folders
		return strings.ReplaceAll(name, ".", "%2E"), nil
	}
	return url.PathEscape(name), nil
}
