package registry

import (
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/sr"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/kafka/tlsconfig"
)

// KeyURL is the key of the registry's addresses. Without it there is no registry.
const KeyURL = "schema.registry.url"

// Keys that errors name, by Confluent's names.
const (
	keyRegister = "auto.register.schemas"
	keyLatest   = "use.latest.version"
	keyID       = "use.schema.id"
	keyAuth     = "basic.auth.credentials.source"
	keyUser     = "basic.auth.user.info"
	keyBearer   = "bearer.auth.credentials.source"
	keyToken    = "bearer.auth.token"
	keyProxy    = "proxy.host"
	keyPort     = "proxy.port"
)

// sslPrefix begins the TLS keys, the same as in Confluent's converter.
const sslPrefix = "schema.registry."

// settings are the values of [Keys] without those of TLS.
type settings struct {
	URLs          []string      `config:"schema.registry.url"`
	Register      bool          `config:"auto.register.schemas"`
	Normalize     bool          `config:"normalize.schemas"`
	Latest        bool          `config:"use.latest.version"`
	LatestSeconds int           `config:"latest.cache.ttl.sec"`
	ID            int           `config:"use.schema.id"`
	CacheSize     int           `config:"schemas.cache.config"`
	ValueStrategy string        `config:"value.subject.name.strategy"`
	KeyStrategy   string        `config:"key.subject.name.strategy"`
	Auth          string        `config:"basic.auth.credentials.source"`
	User          config.Secret `config:"basic.auth.user.info"`
	OlderUser     config.Secret `config:"schema.registry.basic.auth.user.info"`
	Bearer        string        `config:"bearer.auth.credentials.source"`
	Token         config.Secret `config:"bearer.auth.token"`
	Timeout       time.Duration `config:"http.read.timeout.ms"`
	Connect       time.Duration `config:"http.connect.timeout.ms"`
	Proxy         string        `config:"proxy.host"`
	Port          int           `config:"proxy.port"`
}

func decode(v config.Values) *settings {
	s := &settings{}
	v.Decode(s)
	if s.User == "" {
		s.User = s.OlderUser
	}
	return s
}

// hasUser reports whether user and password are in a key of their own.
func (s *settings) hasUser() bool { return strings.EqualFold(s.Auth, "USER_INFO") }

// Keys returns the configuration keys of [Open] and [OpenMessages], by Confluent's
// names.
func Keys() []config.Key {
	list := []config.Key{
		{Name: KeyURL, Type: config.List, Doc: "Addresses of the schema registry, tried in turn."},
		{Name: keyRegister, Type: config.Boolean, Default: true, Importance: config.Medium,
			Doc: "Whether to register schemas that the registry does not know."},
		{Name: "normalize.schemas", Type: config.Boolean, Default: false, Importance: config.Medium,
			Doc: "Whether the registry takes schemas for the same that differ only in an order that means nothing."},
		{Name: keyLatest, Type: config.Boolean, Default: false, Importance: config.Low,
			Doc: "Whether to write with the subject's latest schema; only when auto.register.schemas is false."},
		{Name: "latest.cache.ttl.sec", Type: config.Int, Default: -1, Valid: config.AtLeast(-1), Importance: config.Low,
			Doc: "For how many seconds at most the latest schema of a subject is remembered; -1 is for good."},
		{Name: keyID, Type: config.Int, Default: -1, Valid: config.AtLeast(-1), Importance: config.Low,
			Doc: "Id of the schema to write with; only when auto.register.schemas is false. -1 is none."},
		{Name: "schemas.cache.config", Type: config.Int, Default: 1000, Valid: config.AtLeast(1), Importance: config.Low,
			Doc: "How many schemas to keep compiled, and how many answers of the registry to remember."},
		{Name: "value.subject.name.strategy", Type: config.Class, Default: topicName, Valid: strategies(),
			Importance: config.Medium, Doc: "How the registry's subject of a value is named."},
		{Name: "key.subject.name.strategy", Type: config.Class, Default: topicName, Valid: strategies(),
			Importance: config.Medium, Doc: "How the registry's subject of a key is named."},
	}
	return slices.Concat(list, connectionKeys(), tlsconfig.Keys(sslPrefix), ignoredKeys())
}

func connectionKeys() []config.Key {
	return []config.Key{
		{Name: keyAuth, Type: config.String, Default: "URL", Valid: config.OneOf(true, "URL", "USER_INFO"),
			Importance: config.Medium, Doc: "Where user and password are: in the address, or in basic.auth.user.info."},
		{Name: keyUser, Type: config.Password, Importance: config.Medium, Doc: "User and password, with a colon between."},
		{Name: "schema.registry.basic.auth.user.info", Type: config.Password, Importance: config.Low,
			Doc: "An older name of basic.auth.user.info."},
		{Name: keyBearer, Type: config.String, Valid: config.OneOf(true, "STATIC_TOKEN"), Importance: config.Medium,
			Doc: "Whether to send bearer.auth.token; absent means no."},
		{Name: keyToken, Type: config.Password, Importance: config.Medium, Doc: "Bearer token to send."},
		{Name: "http.read.timeout.ms", Type: config.Int, Default: 60000, Valid: config.AtLeast(1), Importance: config.Low,
			Doc: "How long to wait for an answer of the registry."},
		{Name: "http.connect.timeout.ms", Type: config.Int, Default: 60000, Valid: config.AtLeast(1), Importance: config.Low,
			Doc: "How long to wait for a connection to the registry."},
		{Name: keyProxy, Type: config.String, Importance: config.Low,
			Doc: "Host of an HTTP proxy in front of the registry; without it, that of HTTP_PROXY or HTTPS_PROXY."},
		{Name: keyPort, Type: config.Int, Default: -1, Valid: config.Between(-1, 65535), Importance: config.Low,
			Doc: "Port of the proxy."},
	}
}

// ignoredKeys are keys of Confluent's classes that configurations set and that have
// nothing to change here. They are declared so that they are not taken for misspelt.
func ignoredKeys() []config.Key {
	const fields = "values are written by the names of their fields, and one that does not fit the schema is an error"
	const again = "what may go away is tried again as errors.retry.timeout says"
	key := func(name string, t config.Type, def any, why string) config.Key {
		return config.Key{Name: name, Type: t, Default: def, Importance: config.Low, Doc: "No effect: " + why + "."}
	}
	return []config.Key{
		key("latest.compatibility.strict", config.Boolean, true, fields),
		key("id.compatibility.strict", config.Boolean, true, fields),
		key("latest.cache.size", config.Int, 1000, "schemas.cache.config bounds what is remembered"),
		key("max.schemas.per.subject", config.Int, 1000, "schemas.cache.config bounds what is remembered"),
		key("max.retries", config.Int, 3, again),
		key("retries.wait.ms", config.Int, 1000, again),
		key("retries.max.wait.ms", config.Int, 20000, again),
	}
}

// Validate checks the rules that concern several keys. It does not check that
// there is an address.
func Validate(v config.Values) config.Errors {
	s := decode(v)
	var errs config.Errors
	if s.Latest && s.Register {
		errs = append(errs, config.Errorf(keyLatest, "true", "set %s to false, or new schemas are registered", keyRegister))
	}
	if id := fmt.Sprint(s.ID); s.ID >= 0 && s.Register {
		errs = append(errs, config.Errorf(keyID, id, "set %s to false, or new schemas are registered", keyRegister))
	} else if s.ID >= 0 && s.Latest {
		errs = append(errs, config.Errorf(keyID, id, "%s is true as well: choose one", keyLatest))
	}
	if (s.Proxy == "") != (s.Port < 1) {
		errs = append(errs, config.Errorf(keyProxy, s.Proxy, "give both a host here and a port in %s", keyPort))
	}
	if s.hasUser() && !strings.Contains(string(s.User), ":") {
		errs = append(errs, config.Errorf(keyUser, "[hidden]", "want user:password, because %s is USER_INFO", keyAuth))
	}
	if s.Bearer != "" && s.Token == "" {
		errs = append(errs, config.Errorf(keyToken, "", "give a token, because %s is %s", keyBearer, s.Bearer))
	}
	return errs
}

// Open returns a client for the values of [Keys]. The first request connects.
func Open(v config.Values, format *Format) (*Client, error) {
	s := decode(v)
	urls, user, err := splitUser(s.URLs)
	if err != nil {
		return nil, err
	}
	t, err := tlsconfig.New(v, sslPrefix)
	if err != nil {
		return nil, err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = t
	transport.DialContext = (&net.Dialer{Timeout: s.Connect}).DialContext
	if s.Proxy != "" {
		transport.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: net.JoinHostPort(s.Proxy, strconv.Itoa(s.Port))})
	}
	opts := []sr.ClientOpt{
		sr.URLs(urls...), sr.UserAgent("suiro"),
		sr.HTTPClient(&http.Client{Timeout: s.Timeout, Transport: bounded{transport}, CheckRedirect: sameServer}),
		sr.LogLevel(sr.LogLevelNone),
	}
	if s.hasUser() {
		name, password, _ := strings.Cut(string(s.User), ":")
		user = url.UserPassword(name, password)
	}
	var secrets []string
	if user != nil {
		password, _ := user.Password()
		pair := user.Username() + ":" + password
		secrets = append(secrets, base64.StdEncoding.EncodeToString([]byte(pair)), pair, password)
		opts = append(opts, sr.BasicAuth(user.Username(), password))
	}
	if s.Bearer != "" {
		secrets = append(secrets, string(s.Token))
		opts = append(opts, sr.BearerToken(string(s.Token)))
	}
	client, err := sr.NewClient(opts...)
	if err != nil {
		return nil, fmt.Errorf("schema registry: %w", err)
	}
	c := newClient(client, s, format)
	c.addresses = urls
	c.secrets = slices.DeleteFunc(secrets, func(text string) bool { return text == "" })
	return c, nil
}

// splitUser takes user and password out of the addresses. They must be the same in
// all, because the client has only one pair.
func splitUser(list []string) ([]string, *url.Userinfo, error) {
	var user *url.Userinfo
	out := make([]string, len(list))
	for i, text := range list {
		if !strings.Contains(text, "://") {
			text = "http://" + text
		}
		u, err := url.Parse(text)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return nil, nil, fmt.Errorf("%s: address %d of %d: want http://host:port or https://host:port",
				KeyURL, i+1, len(list))
		}
		if u.User != nil {
			if user != nil && user.String() != u.User.String() {
				return nil, nil, fmt.Errorf("%s: the addresses have different users: use %s", KeyURL, keyUser)
			}
			user, u.User = u.User, nil
		}
		out[i] = u.String()
	}
	return out, user, nil
}
