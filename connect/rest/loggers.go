package rest

import (
	"errors"
	"net/http"

	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/herder/api"
)

func getLoggers(c *call) (answer, error) { return ok(c.LoggerLevels()) }

func getLogger(c *call) (answer, error) {
	level, known := c.LoggerLevels()[c.path("l")]
	if !known {
		return answer{}, herder.Errorf(herder.ErrNotFound, "Logger %s not found.", c.path("l"))
	}
	return ok(level)
}

// putLogger takes every scope but cluster for worker, as Kafka Connect does.
func putLogger(c *call) (answer, error) {
	body, err := c.texts()
	level, given := body["level"]
	switch {
	case errors.Is(err, api.ErrNullValue), err == nil && !given:
		return answer{}, herder.Errorf(herder.ErrInvalid, "Desired 'level' parameter was not specified in request.")
	case err != nil:
		return answer{}, err
	}
	if c.query("scope") == "cluster" {
		return answer{status: http.StatusNoContent},
			c.SetClusterLoggerLevel(c.request.Context(), c.path("l"), level)
	}
	return found(c.SetLoggerLevel(c.path("l"), level))
}
