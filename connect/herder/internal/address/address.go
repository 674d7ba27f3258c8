// Package address says under which name a worker is reached.
package address

import (
	"net"
	"net/url"
	"os"
	"strconv"

	"github.com/suiro/suiro/connect/plan"
)

// Of is host:port where others reach the REST API of this worker: what rest.advertised.*
// say, or else what it listens at, with the name of the host when that is all
// addresses. listening is "" for the first of listeners.
func Of(cfg *plan.Worker, listening string) string {
	if listening == "" {
		listening = firstListener(cfg)
	}
	host, port, err := net.SplitHostPort(listening)
	if err != nil {
		host, port = listening, ""
	}
	if cfg.AdvertisedHost != "" {
		host = cfg.AdvertisedHost
	} else if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = hostName()
	}
	if cfg.AdvertisedPort > 0 {
		port = strconv.Itoa(cfg.AdvertisedPort)
	}
	if port == "" {
		return host
	}
	return net.JoinHostPort(host, port)
}

// firstListener is host:port of the first of listeners with the scheme that others use, or Kafka Connect's port on
// this host alone when there is none.
func firstListener(cfg *plan.Worker) string {
	for _, l := range cfg.Listeners {
		u, err := url.Parse(l)
		if err == nil && u.Host != "" && (cfg.AdvertisedScheme == "" || u.Scheme == cfg.AdvertisedScheme) {
			return u.Host
		}
	}
	return "127.0.0.1:8083"
}

func hostName() string {
	name, err := os.Hostname()
	if err != nil || name == "" {
		return "127.0.0.1"
	}
	return name
}
