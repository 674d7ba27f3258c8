// Package https reads how the REST API of a worker is encrypted. As in Kafka Connect the
// keys are those with the prefix of a listener or, when there are none of them, the ones
// that clients of Kafka have too.
package https

import (
	"crypto/tls"
	"slices"
	"strings"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/connect/plan/internal/below"
	"github.com/suiro/suiro/connect/plan/internal/keys"
	"github.com/suiro/suiro/internal/kafka/tlsconfig"
)

// HTTPS is how the REST API of a worker is encrypted.
type HTTPS struct {
	// Listeners and Admin are for those of listeners and admin.listeners that begin with
	// https; nil when none does.
	Listeners, Admin *tlsconfig.Server
	// Client is for requests to other workers of the group: whom this worker trusts, and
	// the certificate that it shows. nil trusts the authorities of the system.
	Client *tls.Config
}

// The schemes of listeners.
const (
	schemeHTTP  = "http"
	schemeHTTPS = "https"
)

// Def returns the keys below the prefix of listeners.
func Def() *config.Def { return config.New(tlsconfig.ServerKeys("")...) }

// Of are the properties of a worker and what is known of them.
type Of struct {
	// Props and Values are the properties, without references.
	Props  map[string]string
	Values config.Values
	// Distributed says that the worker asks others.
	Distributed bool
}

// Read returns what the properties say, and whether others reach the worker by http or
// https. The error is a [config.Errors] of every key that is wrong.
func (w Of) Read() (out HTTPS, scheme string, err error) {
	var errs config.Errors
	note := func(err error) { errs = append(errs, below.Errors("", err)...) }
	own := w.prefix(keys.HTTPS)
	admin := own
	if w.prefix(keys.AdminHTTPS) != "" {
		admin = keys.AdminHTTPS
	}
	if w.has("listeners", schemeHTTPS) {
		out.Listeners, err = tlsconfig.NewServer(w.Values, own)
		note(err)
	}
	if w.has("admin.listeners", schemeHTTPS) {
		out.Admin, err = tlsconfig.NewServer(w.Values, admin)
		note(err)
	}
	if own != "" || out.Listeners != nil || w.Distributed {
		out.Client, err = tlsconfig.New(w.Values, own)
		note(err)
	}
	scheme, wrong := w.scheme()
	errs = append(append(errs, wrong...), w.checkCertificates(own, admin)...)
	return out, scheme, errs.OrNil()
}

// prefix is the prefix when any key has it, or else none.
func (w Of) prefix(prefix string) string {
	for name := range w.Props {
		if strings.HasPrefix(name, prefix) {
			return prefix
		}
	}
	return ""
}

// scheme is what others reach the worker by.
func (w Of) scheme() (string, config.Errors) {
	const key = "rest.advertised.listener"
	given := strings.ToLower(w.Values.String(key))
	switch {
	case given != "" && !w.has("listeners", given):
		return given, config.Errors{config.Errorf(key, given, "none of listeners begins with %s://", given)}
	case given != "":
		return given, nil
	case w.has("listeners", schemeHTTPS) && !w.has("listeners", schemeHTTP):
		return schemeHTTPS, nil
	}
	return schemeHTTP, nil
}

// checkCertificates refuses rest.authentication=certificate where no client is asked for
// one.
func (w Of) checkCertificates(own, admin string) config.Errors {
	names := w.Values.List("rest.authentication")
	if !slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, "certificate") }) {
		return nil
	}
	asks := func(listeners, prefix string) bool {
		return w.has(listeners, schemeHTTPS) && w.Values.String(prefix+"ssl.client.auth") != "none"
	}
	if asks("listeners", own) || asks("admin.listeners", admin) {
		return nil
	}
	return config.Errors{config.Errorf("rest.authentication", "certificate",
		"no client is asked for a certificate: set listeners to an https:// address and %sssl.client.auth to requested or "+
			"required", own)}
}

// has reports whether any of the listeners in a key has a scheme.
func (w Of) has(key, scheme string) bool {
	return slices.ContainsFunc(w.Values.List(key), func(l string) bool {
		given, _, _ := strings.Cut(l, "://")
		return strings.EqualFold(strings.TrimSpace(given), scheme)
	})
}
