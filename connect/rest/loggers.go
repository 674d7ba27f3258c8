package rest

import (
	"net/http"
	"strings"

	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/herder/api"
)

// levelBody is what sets a level, for the OpenAPI document.
type levelBody struct {
	Level string `json:"level"`
}

func getLoggers(c *call) (answer, error) { return ok(c.LoggerLevels()) }

func getLogger(c *call) (answer, error) {
	name := c.path("l")
	if strings.EqualFold(name, "root") {
		name = "root"
	}
	level, known := c.LoggerLevels()[name]
	if !known {
		return answer{}, herder.Errorf(herder.ErrNotFound, "Logger %s not found.", c.path("l"))
	}
	return ok(level)
}

// putLogger takes every scope but cluster for worker, as Kafka Connect does.
func putLogger(c *call) (answer, error) {
	var body api.ConfigPatch
	if err := c.read(&body); err != nil {
		return answer{}, err
	}
	level := body["level"]
	if level == nil {
		return answer{}, herder.Errorf(herder.ErrInvalid, "Desired 'level' parameter was not specified in request.")
	}
	if strings.EqualFold(c.query("scope"), "cluster") {
		return answer{status: http.StatusNoContent}, c.SetClusterLoggerLevel(c.ctx, c.path("l"), *level)
	}
	return found(c.SetLoggerLevel(c.path("l"), *level))
}
