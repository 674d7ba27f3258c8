package tlsconfig

import (
	"crypto/tls"
	"fmt"
	"slices"
	"strings"

	"github.com/suiro/suiro/connect/config"
)

// suites accepts cipher suites that Go has, by the names of their standard. One that Go
// takes for insecure is accepted, as whoever names it means it.
func suites() config.Validator {
	return config.Func("cipher suites", func(v any) error {
		list, _ := v.([]string)
		for _, name := range list {
			if suiteOf(name) == nil {
				return fmt.Errorf("%s is a cipher suite that this program does not have: it has %s", name,
					strings.Join(suiteNames(), ", "))
			}
		}
		return nil
	})
}

// suiteNames are those of the suites that Go has and takes for safe.
func suiteNames() (names []string) {
	for _, s := range tls.CipherSuites() {
		names = append(names, s.Name)
	}
	return names
}

func suiteOf(name string) *tls.CipherSuite {
	for _, s := range slices.Concat(tls.CipherSuites(), tls.InsecureCipherSuites()) {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// limitSuites offers the suites in a list, which is not checked again; an empty one
// changes nothing. Go offers all suites of TLS 1.3 wherever it offers that version, so the
// versions follow from the list.
func limitSuites(c *tls.Config, list []string) {
	if len(list) == 0 {
		return
	}
	modern := false
	c.CipherSuites = []uint16{}
	for _, name := range list {
		s := suiteOf(name)
		if s == nil {
			continue
		}
		if slices.Contains(s.SupportedVersions, tls.VersionTLS13) {
			modern = true
			continue
		}
		c.CipherSuites = append(c.CipherSuites, s.ID)
	}
	switch {
	case !modern:
		c.MaxVersion = tls.VersionTLS12
	case len(c.CipherSuites) == 0:
		c.MinVersion = tls.VersionTLS13
	}
}
