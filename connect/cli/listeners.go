package cli

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/suiro/suiro/connect/cli/internal/check"
	"github.com/suiro/suiro/connect/metrics"
	"github.com/suiro/suiro/connect/plan"
	"github.com/suiro/suiro/internal/httpserve"
	"github.com/suiro/suiro/internal/kafka/tlsconfig"
)

// listen opens the addresses of the REST API, and those of what it has below /admin
// where they are others.
func listen(w *plan.Worker, logger *slog.Logger) (servers, admin []*httpserve.Server, err error) {
	headers, err := httpserve.ParseHeaders(w.ResponseHeaders)
	if err != nil {
		return nil, nil, fmt.Errorf("response.http.headers.config: %w", err)
	}
	options := httpserve.Options{AllowedHosts: w.AllowedHosts, AllowedHostsKey: "rest.allowed.hosts",
		AllowedOrigins: w.AllowedOrigins, AllowedMethods: w.AllowedMethods, Headers: headers, Logger: logger}
	if w.AdvertisedHost != "" {
		options.AllowedHosts = append(slices.Clone(w.AllowedHosts), w.AdvertisedHost)
	}
	if servers, err = open("listeners", w.Listeners, w.HTTPS.Listeners, options); err != nil {
		return nil, nil, err
	}
	admin, err = open("admin.listeners", w.AdminListeners, w.HTTPS.Admin, options)
	return servers, admin, err
}

// open opens the addresses of one key. encrypted is for those that begin with https.
func open(key string, addresses []string, encrypted *tlsconfig.Server, o httpserve.Options) (
	servers []*httpserve.Server, err error) {
	var https *tls.Config
	if encrypted != nil {
		https = encrypted.Config(func(err error) {
			o.Logger.Error("a renewed certificate cannot be used, and the one before is: correct the file", "key", key,
				"error", err)
		})
	}
	for _, each := range addresses {
		address, err := check.HostPort(each)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", key, each, err)
		}
		o.TLS = nil
		if scheme, _, _ := strings.Cut(each, "://"); strings.EqualFold(scheme, "https") {
			o.TLS = https
		}
		s, err := httpserve.Open(key, address, &o)
		if err != nil {
			return nil, err
		}
		servers = append(servers, s)
	}
	return servers, nil
}

// certificates are those of the addresses that begin with https.
func certificates(w *plan.Worker) metrics.Certificates {
	out := metrics.Certificates{}
	for key, of := range map[string]*tlsconfig.Server{"listeners": w.HTTPS.Listeners, "admin.listeners": w.HTTPS.Admin} {
		if of != nil {
			out[key] = of.Expires
		}
	}
	return out
}

// advertised is the address of the one of the servers where others reach this worker, ""
// without servers.
func advertised(w *plan.Worker, servers []*httpserve.Server) string {
	for _, s := range servers {
		if strings.HasPrefix(s.URL(), w.AdvertisedScheme+"://") {
			return s.Addr()
		}
	}
	return ""
}
