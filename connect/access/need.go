package access

import (
	"net/http"
	"net/url"
	"strings"
)

// scope is which connectors a caller needs a role for.
type scope int

const (
	scopeAll scope = iota // what concerns the whole worker, and what is not known
	scopeSome
	scopeOne
)

// need is what a caller needs.
type need struct {
	role      Role
	scope     scope
	connector string
}

// needOf is what a request needs. A path that is not known needs everything, so that
// a path that is added is locked before somebody thinks of it.
func needOf(r *http.Request) need {
	reads := r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodOptions
	parts, ok := split(r.URL)
	switch {
	case !ok:
		return need{role: Admin}
	case parts[0] == "connectors" && len(parts) > 1:
		return need{roleOf(r.Method, parts[2:], reads), scopeOne, parts[1]}
	case parts[0] == "connectors" && r.Method == http.MethodPost:
		return need{role: Admin, scope: scopeSome} // the name is in the body
	case parts[0] == "connector-plugins" && !reads:
		return need{role: Admin, scope: scopeSome} // a plugin connects to what the configuration names
	case reads && general[parts[0]]:
		return need{role: Read, scope: scopeSome}
	case reads:
		return need{role: Read}
	}
	return need{role: Admin}
}

// general are the first parts of paths that show what every caller may see.
var general = map[string]bool{"": true, "connectors": true, "connector-plugins": true, "openapi.json": true}

// operations are the paths below a connector that start and stop it.
var operations = map[string]bool{"pause": true, "resume": true, "stop": true, "restart": true}

// roleOf is the role for a request about a connector, by the path below its name.
func roleOf(method string, below []string, reads bool) Role {
	switch {
	case len(below) == 1 && below[0] == "tap":
		return Admin // who may make a sink sees the records anyway, and others do not
	case reads:
		return Read
	case len(below) == 1 && operations[below[0]] && method != http.MethodDelete,
		len(below) == 3 && below[0] == "tasks" && below[2] == "restart",
		len(below) == 2 && below[0] == "topics" && below[1] == "reset":
		return Operate
	}
	return Admin
}

// open reports whether a request passes without a caller.
func open(r *http.Request) bool {
	parts, ok := split(r.URL)
	switch {
	case !ok:
		return false
	case len(parts) == 1 && (parts[0] == "health" || parts[0] == "ready"):
		return r.Method == http.MethodGet || r.Method == http.MethodHead
	case len(parts) != 3 || parts[0] != "connectors":
		return false
	}
	return parts[2] == "tasks" && r.Method == http.MethodPost || parts[2] == "fence" && r.Method == http.MethodPut
}

// split returns the parts of a path, as the API sees them: a name may have an encoded
// slash in it. There is at least one part. It reports false for a path that has several
// readings.
func split(u *url.URL) ([]string, bool) {
	parts := strings.Split(strings.TrimPrefix(u.EscapedPath(), "/"), "/")
	for i, part := range parts {
		name, err := url.PathUnescape(part)
		if err != nil || name == "." || name == ".." || name == "" && i < len(parts)-1 {
			return nil, false
		}
		parts[i] = name
	}
	if len(parts) > 1 && parts[len(parts)-1] == "" {
		parts = parts[:len(parts)-1] // a slash at the end
	}
	return parts, true
}
