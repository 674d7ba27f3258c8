package rest

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/suiro/suiro/connect/access"
	"github.com/suiro/suiro/connect/herder/api"
)

func getConnectors(c *call) (answer, error) {
	names, err := c.Connectors(c.ctx)
	caller := access.CallerOf(c.ctx)
	names = slices.DeleteFunc(names, func(name string) bool { return !caller.May(access.Read, name) })
	expand, expanded := c.request.URL.Query()["expand"]
	if err != nil || !expanded {
		return found(names, err)
	}
	slices.Sort(expand)
	expand = slices.Compact(expand) // a client may repeat itself, and pays with its own time alone
	return answer{status: http.StatusOK, members: func(yield func(string, any) bool) {
		for _, name := range names {
			if c.ctx.Err() != nil || !yield(name, expandConnector(c, name, expand)) {
				return
			}
		}
	}}, nil
}

// expandConnector answers what is asked of a connector. A value that nobody knows is left
// out, as in Kafka Connect, and so is a connector that has gone meanwhile.
func expandConnector(c *call, name string, values []string) api.ExpandedConnector {
	var e api.ExpandedConnector
	for _, value := range values {
		switch value {
		case "status":
			if s, err := c.Status(c.ctx, name); err == nil {
				e.Status = &s
			}
		case "info":
			if i, err := c.Connector(c.ctx, name); err == nil {
				e.Info = &i
			}
		}
	}
	return e
}

func getConnector(c *call) (answer, error) {
	return found(c.Connector(c.ctx, c.path("c")))
}

func getConnectorConfig(c *call) (answer, error) {
	info, err := c.Connector(c.ctx, c.path("c"))
	return found(info.Config, err)
}

func getConnectorStatus(c *call) (answer, error) {
	return found(c.Status(c.ctx, c.path("c")))
}

// putConnectorConfig creates a connector or changes it.
func putConnectorConfig(c *call) (answer, error) {
	config, err := c.config()
	if err != nil {
		return answer{}, err
	}
	info, created, err := c.Put(c.ctx, c.path("c"), config, "")
	switch {
	case err != nil:
		return answer{}, err
	case created:
		return answer{status: http.StatusCreated, body: info, created: connectorPath(c.path("c"))}, nil
	}
	return ok(info)
}

// patchConnectorConfig changes some keys.
func patchConnectorConfig(c *call) (answer, error) {
	var patch api.ConfigPatch
	if err := c.read(&patch); err != nil {
		return answer{}, err
	}
	return found(c.Patch(c.ctx, c.path("c"), patch))
}

func deleteConnector(c *call) (answer, error) {
	return answer{status: http.StatusNoContent}, c.Delete(c.ctx, c.path("c"))
}

// connectorPath is the path of a connector.
func connectorPath(name string) string { return "/connectors/" + url.PathEscape(name) }
