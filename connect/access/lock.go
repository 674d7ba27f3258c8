package access

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/suiro/suiro/connect/config"
)

// Lock knows who may call a worker. Any goroutine may use it. nil lets everyone in.
type Lock struct {
	methods []method
	grants  map[string][]grant // by caller; * are those of everyone
	peers   Signing            // nil for a worker that is alone
}

// method is a way in which callers say who they are.
type method interface {
	// identify returns who has sent a request, or errNone when the request does not say
	// so in this way. The grants are those that came with the request.
	identify(r *http.Request) (name string, grants []grant, err error)
	// challenge is what WWW-Authenticate says of the method, "" for nothing.
	challenge() string
}

// errNone means that a request does not say who sends it.
var errNone = errors.New("the request does not say who sends it")

// New returns the lock that the values of [Keys] describe, nil when they ask for none.
// The error is a [config.Errors] of every key that is wrong. Files are read.
func New(v config.Values) (*Lock, error) {
	l := &Lock{grants: map[string][]grant{}}
	var errs config.Errors
	for _, text := range v.List("rest.roles") {
		if err := l.grant(text); err != nil {
			errs = append(errs, config.Errorf("rest.roles", text, "%v", err))
		}
	}
	names := v.List("rest.authentication")
	for _, name := range names {
		m, wrong := newMethod(strings.ToLower(name), v)
		errs = append(errs, wrong...)
		l.methods = append(l.methods, m)
	}
	if len(names) == 0 && len(v.List("rest.roles")) > 0 {
		errs = append(errs, config.Errorf("rest.roles", "", "needs rest.authentication, which says who a caller is"))
	}
	if len(names) > 0 && len(l.grants) == 0 && v.String("rest.bearer.roles.claim") == "" {
		errs = append(errs, config.Errorf("rest.roles", "", "is needed by rest.authentication: without a role nobody may do "+
			"anything. Write NAME=ROLE, such as alice=admin"))
	}
	if err := errs.OrNil(); err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, nil
	}
	return l, nil
}

func newMethod(name string, v config.Values) (method, config.Errors) {
	switch name {
	case basic:
		return newPasswords(v)
	case bearer:
		return newTokens(v)
	}
	return certificates{}, nil
}

// grant notes NAME=ROLE or NAME=ROLE:PATTERN.
func (l *Lock) grant(text string) error {
	at := strings.LastIndexByte(text, '=') // a name may have one
	if at <= 0 {
		return errors.New("must be NAME=ROLE or NAME=ROLE:PATTERN")
	}
	g, err := parseGrant(text[at+1:])
	if err != nil {
		return err
	}
	name := strings.TrimSpace(text[:at])
	l.grants[name] = append(l.grants[name], g)
	return nil
}

// Beyond reports whether other machines reach a listener, scheme://host:port. What is not
// of that form is nobody's.
func Beyond(listener string) bool {
	u, err := url.Parse(listener)
	if err != nil || u.Scheme == "" || u.Port() == "" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback())
}

// Unlocked refuses the listeners of a worker that other machines reach, when the lock is
// nil and nothing allows that. v are the values of [Keys] and of the listeners.
func (l *Lock) Unlocked(v config.Values) (errs config.Errors) {
	if l != nil || v.Bool(OpenKey) {
		return nil
	}
	for _, of := range [][2]string{
		{"listeners", "read, change and delete every connector"}, {"admin.listeners", "set what is logged"},
	} {
		key, could := of[0], of[1]
		for _, listener := range v.List(key) {
			if Beyond(listener) && !strings.Contains(listener, "${") {
				errs = append(errs, config.Errorf(key, listener, "other machines reach this address, and whoever does could "+
					"%s: listen on 127.0.0.1, set rest.authentication, or allow that with %s=true", could, OpenKey))
			}
		}
	}
	return errs
}

// Handler lets next answer the requests of those who may send them. next finds the
// caller with [CallerOf]. Other workers of the cluster say with peers for whom they send
// requests on; a worker that is alone has nil.
func (l *Lock) Handler(next http.Handler, peers Signing) http.Handler {
	if l == nil {
		return next
	}
	trusting := *l
	trusting.peers = peers
	return trusting.handler(next)
}

func (l *Lock) handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		caller, err := l.caller(r)
		if err != nil && open(r) {
			next.ServeHTTP(w, with(r, &Caller{}))
			return
		}
		if err != nil {
			l.unknown(w, err)
			return
		}
		if err := allowed(caller, r); err != nil && !open(r) {
			refuse(w, http.StatusForbidden, err.Error())
			return
		}
		next.ServeHTTP(w, with(r, caller))
	})
}

func with(r *http.Request, c *Caller) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), callerKey{}, c))
}

// caller finds out who has sent a request, by the first method that the request uses, or
// for whom another worker has sent it on.
func (l *Lock) caller(r *http.Request) (*Caller, error) {
	if l.peers != nil && sentOn(r) {
		return l.vouched(r)
	}
	for _, m := range l.methods {
		name, grants, err := m.identify(r)
		if errors.Is(err, errNone) {
			continue
		}
		if err != nil {
			return nil, err
		}
		return l.known(name, grants), nil
	}
	return nil, errNone
}

// known is a caller with the roles that came with a request and those of this worker.
func (l *Lock) known(name string, brought []grant) *Caller {
	return &Caller{Name: name, grants: slices.Concat(brought, l.grants[name], l.grants[everything]), brought: brought,
		peers: l.peers}
}

// unknown answers a request whose caller is not known.
func (l *Lock) unknown(w http.ResponseWriter, err error) {
	for _, m := range l.methods {
		if text := m.challenge(); text != "" {
			w.Header().Add("WWW-Authenticate", text)
		}
	}
	refuse(w, http.StatusUnauthorized, "User cannot access the resource: "+err.Error())
}

// refuse answers with an error in the form of Kafka Connect.
func refuse(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(struct { // the client may be gone
		Code    int    `json:"error_code"`
		Message string `json:"message"`
	}{status, message})
}

// allowed returns why a caller may not send a request, as far as its method and path
// say what it does.
func allowed(c *Caller, r *http.Request) error {
	n := needOf(r)
	switch n.scope {
	case scopeSome:
		if !c.MaySome(n.role) {
			return fmt.Errorf("%s may not do this: it needs the role %s", c.Name, n.role)
		}
	case scopeAll:
		if !c.MayAll(n.role) {
			return c.Refuse(n.role, "")
		}
	default:
		if !c.May(n.role, n.connector) {
			return c.Refuse(n.role, n.connector)
		}
	}
	return nil
}
