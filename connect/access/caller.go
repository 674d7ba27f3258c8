package access

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
)

// Role is what a caller may do; each includes the ones before.
type Role int

// The roles, the least first.
const (
	// Read is to look at things.
	Read Role = iota + 1
	// Operate is to pause, resume, stop and restart connectors as well.
	Operate
	// Admin is everything.
	Admin
)

// roles are the names of the roles in configurations and tokens.
var roles = []string{"read", "operate", "admin"}

// String returns the role's name.
func (r Role) String() string {
	if r < Read || r > Admin {
		return "none"
	}
	return roles[r-1]
}

// grant is a role for the connectors whose names match a pattern.
type grant struct {
	role    Role
	pattern string
}

// everything is the pattern of a grant that is not for some connectors only.
const everything = "*"

// parseGrant parses ROLE or ROLE:PATTERN.
func parseGrant(text string) (grant, error) {
	name, pattern, limited := strings.Cut(text, ":")
	if !limited {
		pattern = everything
	}
	at := slices.Index(roles, strings.ToLower(strings.TrimSpace(name)))
	if at < 0 {
		return grant{}, fmt.Errorf("%q is not a role: write %s", name, strings.Join(roles, ", "))
	}
	if _, err := path.Match(pattern, ""); err != nil || pattern == "" {
		return grant{}, fmt.Errorf("%q is not a pattern of names: write * for any text and ? for any character", pattern)
	}
	return grant{Role(at + 1), pattern}, nil
}

func (g grant) covers(connector string) bool {
	if g.pattern == everything {
		return true
	}
	ok, _ := path.Match(g.pattern, connector) // parseGrant has looked at the pattern
	return ok
}

// Caller is who has sent a request. nil stands for anyone in a worker without a lock,
// who may do everything. It does not change, so any goroutine may use it.
type Caller struct {
	// Name is the user's name, the subject of the token, or the common name of the
	// certificate.
	Name    string
	grants  []grant
	brought []grant // those that came with the request
	peers   Signing // of the cluster; nil for a worker that is alone
}

// May reports whether the caller has a role for a connector.
func (c *Caller) May(role Role, connector string) bool {
	return c == nil || slices.ContainsFunc(c.grants, func(g grant) bool { return g.role >= role && g.covers(connector) })
}

// MayAll reports whether the caller has a role for every connector, as is asked for
// what concerns the whole worker.
func (c *Caller) MayAll(role Role) bool {
	return c == nil || slices.ContainsFunc(c.grants, func(g grant) bool {
		return g.role >= role && g.pattern == everything
	})
}

// MaySome reports whether the caller has a role for any connector at all.
func (c *Caller) MaySome(role Role) bool {
	return c == nil || slices.ContainsFunc(c.grants, func(g grant) bool { return g.role >= role })
}

// Refuse is the error about a caller who does not have a role for a connector, "" for
// all of them.
func (c *Caller) Refuse(role Role, connector string) error {
	of := "connector " + connector
	if connector == "" {
		of = "all connectors"
	}
	return fmt.Errorf("%s may not do this: it needs the role %s for %s. The roles are in rest.roles of the worker, or in "+
		"the token", c.Name, role, of)
}

type callerKey struct{}

// CallerOf returns who has sent the request with a context, nil when the worker has no
// lock.
func CallerOf(ctx context.Context) *Caller {
	c, _ := ctx.Value(callerKey{}).(*Caller)
	return c
}
