package check

import (
	"errors"
	"net/url"
	"strings"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/internal/httpserve"
)

// checkHTTP checks what a worker's file says of its REST API and this command alone
// reads. w is the worker when nothing else is wrong with the file, or nil.
func checkHTTP(values config.Values, w *plan.Worker) (errs config.Errors) {
	lists := map[string][]string{}
	for _, key := range []string{"listeners", "admin.listeners", "rest.allowed.hosts", "access.control.allow.origin"} {
		lists[key] = values.List(key)
	}
	headers := values.String("response.http.headers.config")
	if w != nil { // with references resolved
		lists["listeners"], lists["admin.listeners"] = w.Listeners, w.AdminListeners
		lists["access.control.allow.origin"], headers = w.AllowedOrigins, w.ResponseHeaders
	}
	check := func(key string, is func(string) error) {
		for _, value := range lists[key] {
			if err := is(value); err != nil && !strings.Contains(value, "${") {
				errs = append(errs, config.Errorf(key, value, "%v", err))
			}
		}
	}
	address := func(listener string) error {
		_, err := HostPort(listener)
		return err
	}
	check("listeners", address)
	check("admin.listeners", address)
	check("rest.allowed.hosts", httpserve.CheckHost)
	check("access.control.allow.origin", httpserve.CheckOrigin)
	if _, err := httpserve.ParseHeaders(headers); err != nil && !strings.Contains(headers, "${") {
		errs = append(errs, config.Errorf("response.http.headers.config", headers, "%v", err))
	}
	return errs
}

// HostPort is the address in one of the listeners.
func HostPort(listener string) (string, error) {
	u, err := url.Parse(listener)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Port() == "" {
		return "", errors.New("must be http://host:port or https://host:port")
	}
	return u.Host, nil
}
