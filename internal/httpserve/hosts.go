package httpserve

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
)

// hosts are the names under which a server answers.
type hosts struct {
	all   bool
	names map[string]bool
}

// newHosts returns the names of a server that listens on addr.
func newHosts(o Options, addr string) (hosts, error) {
	h := hosts{names: map[string]bool{"localhost": true}}
	listened, _, _ := net.SplitHostPort(addr) // net.Listen has the error
	h.names[plain(listened)] = true
	if ip, err := netip.ParseAddr(listened); listened == "" || err == nil && ip.IsUnspecified() {
		if name, err := os.Hostname(); err == nil {
			h.names[plain(name)] = true
		}
	}
	for _, name := range o.AllowedHosts {
		if name == "*" {
			h.all = true
			continue
		}
		if err := CheckHost(name); err != nil {
			return h, fmt.Errorf("%s: %w", o.AllowedHostsKey, err)
		}
		h.names[plain(name)] = true
	}
	return h, nil
}

// CheckHost says what is wrong with one of [Options.AllowedHosts], for a program that
// checks its configuration before it opens anything.
func CheckHost(name string) error {
	if name != "*" && (name == "" || strings.ContainsAny(name, "*/:@ \t")) {
		return fmt.Errorf("%q is not the name of a host: write names such as worker.example.com, without scheme and "+
			"port, or * for every name", name)
	}
	return nil
}

// allow reports whether a request may name a host, with or without a port. An IP
// address is no name that somebody else could have made to point here, and a browser
// always names a host.
func (h hosts) allow(host string) bool {
	if h.all || host == "" {
		return true
	}
	name := host
	if before, _, err := net.SplitHostPort(host); err == nil {
		name = before
	}
	name = strings.TrimSuffix(strings.TrimPrefix(name, "["), "]")
	if _, err := netip.ParseAddr(name); err == nil {
		return true
	}
	return h.names[plain(name)]
}

// plain is a name as it is compared.
func plain(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }
