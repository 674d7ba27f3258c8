package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/suiro/suiro/connect/herder/api"
)

// Addresses returns where the client asks, without logins.
func (c *Client) Addresses() []string {
	var out []string
	for _, u := range c.transport.addresses {
		out = append(out, u.String())
	}
	return out
}

// Server returns the version of the worker and the id of its Kafka cluster.
func (c *Client) Server(ctx context.Context) (api.ServerInfo, error) {
	var info api.ServerInfo
	_, err := c.transport.do(ctx, request{method: http.MethodGet, path: "/"}, &info)
	return info, err
}

// Health returns whether the worker is alive; that it is not is no error. Of a Java
// worker, which has it from version 4.0, only the first two fields are there.
func (c *Client) Health(ctx context.Context) (api.HealthStatus, error) {
	var health api.HealthStatus
	_, err := c.transport.do(ctx, request{method: http.MethodGet, path: "/health"}, anyStatus{&health})
	return health, err
}

// Ready returns whether a Suiro worker does its work; that it does not is no error. A
// Java worker does not have it, and the error is [ErrUnsupported].
func (c *Client) Ready(ctx context.Context) (api.Readiness, error) {
	var ready api.Readiness
	_, err := c.transport.do(ctx, request{method: http.MethodGet, path: "/ready"}, anyStatus{&ready})
	return ready, err
}

// Plugins returns the connectors that the worker can run or, when connectorsOnly is
// false, all its plugins.
func (c *Client) Plugins(ctx context.Context, connectorsOnly bool) ([]api.PluginInfo, error) {
	var plugins []api.PluginInfo
	query := url.Values{"connectorsOnly": {strconv.FormatBool(connectorsOnly)}}
	_, err := c.transport.do(ctx, request{method: http.MethodGet, path: "/connector-plugins", query: query}, &plugins)
	return plugins, err
}

// PluginKeys returns the keys of a plugin, named by its class or an alias. Without a
// version it is the latest.
func (c *Client) PluginKeys(ctx context.Context, class, version string) ([]api.ConfigKeyInfo, error) {
	escaped, err := segment("plugin", class)
	if err != nil {
		return nil, err
	}
	r := request{method: http.MethodGet, path: "/connector-plugins/" + escaped + "/config"}
	if version != "" {
		r.query = url.Values{"version": {version}}
	}
	var keys []api.ConfigKeyInfo
	_, err = c.transport.do(ctx, r, &keys)
	return keys, err
}

// Validate returns what is wrong with a connector's configuration, key by key. Nothing
// is changed. The configuration has a connector.class.
func (c *Client) Validate(ctx context.Context, config map[string]string) (api.ConfigInfos, error) {
	var infos api.ConfigInfos
	class := config["connector.class"]
	escaped, err := segment("class in connector.class", class[strings.LastIndexByte(class, '.')+1:])
	if err != nil {
		return infos, err
	}
	r := request{http.MethodPut, "/connector-plugins/" + escaped + "/config/validate", nil, config}
	_, err = c.transport.do(ctx, r, &infos)
	return infos, err
}

// Loggers returns the levels of all loggers of the worker that answers, by name.
func (c *Client) Loggers(ctx context.Context) (map[string]api.LoggerLevel, error) {
	var levels map[string]api.LoggerLevel
	_, err := c.transport.do(ctx, request{method: http.MethodGet, path: "/admin/loggers"}, &levels)
	return levels, err
}

// Logger returns the level of one logger of the worker that answers.
func (c *Client) Logger(ctx context.Context, name string) (api.LoggerLevel, error) {
	var level api.LoggerLevel
	escaped, err := segment("logger", name)
	if err != nil {
		return level, err
	}
	_, err = c.transport.do(ctx, request{method: http.MethodGet, path: "/admin/loggers/" + escaped}, &level)
	return level, err
}

// SetLogger sets the level of a logger and of those below it: of the worker that
// answers, which returns the names of those that have changed, or with cluster of every
// worker, and then no names come back.
func (c *Client) SetLogger(ctx context.Context, name, level string, cluster bool) ([]string, error) {
	escaped, err := segment("logger", name)
	if err != nil {
		return nil, err
	}
	scope := "worker"
	if cluster {
		scope = "cluster"
	}
	r := request{http.MethodPut, "/admin/loggers/" + escaped, url.Values{"scope": {scope}},
		map[string]string{"level": level}}
	var changed []string
	_, err = c.transport.do(ctx, r, &changed)
	return changed, err
}

// Metrics returns the metrics of the worker that answers, in the text format of
// Prometheus. A Java worker has none over this port, and the error is [ErrUnsupported].
func (c *Client) Metrics(ctx context.Context) ([]byte, error) {
	var text []byte
	_, err := c.transport.do(ctx, request{method: http.MethodGet, path: "/metrics"}, &text)
	return text, err
}
