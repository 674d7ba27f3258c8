package rest

import (
	"errors"
	"net/http"

	"github.com/suiro/suiro/connect/access"
	"github.com/suiro/suiro/connect/herder"
	"github.com/suiro/suiro/connect/herder/api"
)

var (
	// errNoPath means that a path only looks like one of the table.
	errNoPath = errors.New("no such path")
	// errTimeLimit means that a request took longer than it may.
	errTimeLimit = errors.New("time limit")
)

// writeError answers with an error of the herder. What has no status of its own
// is 500, as in Kafka Connect.
func writeError(w http.ResponseWriter, err error) {
	code := status(err)
	writeJSON(w, code, api.ErrorMessage{Code: code, Message: err.Error()})
}

func status(err error) int {
	var elsewhere *herder.NotLeaderError
	switch {
	case errors.Is(err, herder.ErrNotFound):
		return http.StatusNotFound
	case errors.Is(err, herder.ErrInvalid):
		return http.StatusBadRequest
	case errors.Is(err, herder.ErrForbidden):
		return http.StatusForbidden
	case errors.As(err, &elsewhere), errors.Is(err, herder.ErrExists):
		return http.StatusConflict
	case errors.Is(err, herder.ErrStarting):
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// mayAdmin refuses a caller who may not change the connector that a body names; the lock
// of the server sees methods and paths alone.
func mayAdmin(c *call, connector string) error {
	caller := access.CallerOf(c.ctx)
	if connector == "" || caller.May(access.Admin, connector) {
		return nil
	}
	return herder.Errorf(herder.ErrForbidden, "%v", caller.Refuse(access.Admin, connector))
}
