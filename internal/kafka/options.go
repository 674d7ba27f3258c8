package kafka

import (
	"errors"
	"net"
	"slices"
	"strconv"

	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/internal/kafka/batches"
	"github.com/suiro/suiro/internal/kafka/tlsconfig"
	"github.com/suiro/suiro/internal/memory"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"
)

// commonOptions are the options of every client but those of security. Any client may
// read, so what it reads is bounded in all of them.
func commonOptions(v config.Values, b *memory.Budget) []kgo.Opt {
	age := max(minMetadata, min(v.Millis("metadata.max.age.ms"), maxMetadata))
	opts := []kgo.Opt{
		kgo.SeedBrokers(v.List("bootstrap.servers")...),
		kgo.RequestTimeoutOverhead(between(v, "request.timeout.ms", minTimeout, maxTimeout)),
		kgo.ConnIdleTimeout(between(v, "connections.max.idle.ms", minTimeout, maxTimeout)),
		kgo.MetadataMaxAge(age),
		// A client that learns from a broker that it does not lead a partition waits for as
		// long before it asks who does; 5 seconds, unless told.
		kgo.MetadataMinAge(min(age, oldEnough)),
		kgo.DialTimeout(v.Millis("socket.connection.setup.timeout.ms")),
	}
	opts = slices.Concat(opts, batches.New(b).Opts(), sizeOptions(b.Of(memory.Fetch), b.Of(memory.Fetch), b))
	if id := v.String("client.id"); id != "" {
		opts = append(opts, kgo.ClientID(id))
	}
	return opts
}

// securityOptions are the options whose keys can be wrong together: addresses,
// encryption and login.
func securityOptions(v config.Values) (opts []kgo.Opt, errs config.Errors) {
	errs = checkServers(v)
	protocol := v.String("security.protocol")
	if protocol == protocolSSL || protocol == protocolSASLSSL {
		conf, err := tlsconfig.New(v, "")
		var wrong config.Errors
		if errors.As(err, &wrong) {
			errs = append(errs, wrong...)
		}
		opts = append(opts, kgo.DialTLSConfig(conf))
	}
	if protocol == protocolSASLPlaintext || protocol == protocolSASLSSL {
		if m := mechanism(v, &errs); m != nil {
			opts = append(opts, kgo.SASL(m))
		}
	}
	return opts, errs
}

func checkServers(v config.Values) (errs config.Errors) {
	for _, s := range v.List("bootstrap.servers") {
		host, port, err := net.SplitHostPort(s)
		n, perr := strconv.ParseUint(port, 10, 16)
		if err != nil || perr != nil || n == 0 || host == "" {
			errs = append(errs, config.Errorf("bootstrap.servers", s, "must be host:port"))
		}
	}
	return errs
}

func mechanism(v config.Values, errs *config.Errors) sasl.Mechanism {
	name := v.String("sasl.mechanism")
	if name == "" {
		*errs = append(*errs, config.Errorf("sasl.mechanism", "", "needed by security.protocol %s: one of %s, %s, %s",
			v.String("security.protocol"), mechanismPlain, mechanismScramSHA256, mechanismScramSHA512))
	}
	login, err := login(v, name)
	if err != nil {
		*errs = append(*errs, *err)
		return nil
	}
	switch name {
	case mechanismPlain:
		return plain.Auth{User: login["username"], Pass: login["password"]}.AsMechanism()
	case mechanismScramSHA256:
		return scramAuth(login).AsSha256Mechanism()
	case mechanismScramSHA512:
		return scramAuth(login).AsSha512Mechanism()
	}
	return nil
}

func scramAuth(login map[string]string) scram.Auth {
	return scram.Auth{User: login["username"], Pass: login["password"], IsToken: login["tokenauth"] == "true"}
}

// login returns the options of the login module: username, password, …
func login(v config.Values, mechanism string) (map[string]string, *config.KeyError) {
	const hidden = "[hidden]"
	text := string(v.Password("sasl.jaas.config"))
	if text == "" {
		user, pass := v.String("sasl.username"), string(v.Password("sasl.password"))
		if user == "" || pass == "" {
			e := config.Errorf("sasl.jaas.config", "", "no user name and password: set it, or sasl.username and sasl.password")
			return nil, &e
		}
		return map[string]string{"username": user, "password": pass}, nil
	}
	entry, err := parseJAAS(text)
	if err == nil {
		err = entry.check(mechanism)
	}
	if err != nil {
		e := config.Errorf("sasl.jaas.config", hidden, "%v", err)
		return nil, &e
	}
	return entry.options, nil
}
