package kafka

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"syscall"
	"time"

	"github.com/suiro/suiro/internal/backoff"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/sasl"
)

// Check connects with the options and asks one bootstrap server after the other
// until one answers. Then it asks the brokers of the cluster at the addresses that
// they advertise, of which one must answer too. The error says for each address what
// is wrong and which key to check. Each broker gets ten seconds at most, and no more
// than its share of the time that ctx allows.
//
// When a bootstrap server has answered, or taken a connection, and the same address takes none a
// moment later, it is waited for, for [RestartWait]: its address was right, and so was the
// configuration.
func Check(ctx context.Context, opts ...kgo.Opt) error {
	cl, err := kgo.NewClient(append(append([]kgo.Opt(nil), opts...), kgo.RequestRetries(1))...)
	if err != nil {
		return fmt.Errorf("configure the kafka client: %w", err)
	}
	defer cl.Close()
	c := checkerOf(cl)
	addrs, _ := cl.OptValue(kgo.SeedBrokers).([]string)
	gone, err := c.check(ctx, cl, addrs)
	if !gone {
		return err
	}
	return Outlast(ctx, RestartWait, func() error {
		_, err := c.check(ctx, cl, addrs)
		return err
	})
}

// check asks once. gone says that a bootstrap server was there before its address took no
// connection.
func (c checker) check(ctx context.Context, cl *kgo.Client, addrs []string) (gone bool, err error) {
	meta, err := c.metadata(ctx, cl, addrs)
	if err != nil && closedAtOnce(err) && backoff.Sleep(ctx, restartPause) == nil {
		// Either the broker wants TLS or a login, or it was just stopped: then it takes no
		// connection any more.
		meta, err = c.metadata(ctx, cl, addrs)
		gone = err != nil && !closedAtOnce(err) && errors.Is(err, syscall.ECONNREFUSED)
	}
	if err != nil {
		return gone, err
	}
	return c.advertised(ctx, cl, meta, addrs)
}

// checker knows how the client connects.
type checker struct {
	tls       bool
	near      bool // bootstrap servers are on this machine alone
	mechanism string
}

func checkerOf(cl *kgo.Client) checker {
	c := checker{tls: cl.OptValue(kgo.DialTLSConfig) != (*tls.Config)(nil)}
	if m, ok := cl.OptValue(kgo.SASL).([]sasl.Mechanism); ok && len(m) > 0 {
		c.mechanism = m[0].Name()
	}
	addrs, _ := cl.OptValue(kgo.SeedBrokers).([]string)
	c.near = !slices.ContainsFunc(addrs, func(addr string) bool { return !onThisMachine(addr) })
	return c
}

// onThisMachine reports whether an address, host:port, never leaves the machine.
func onThisMachine(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	return err == nil && (host == "localhost" || net.ParseIP(host).IsLoopback())
}

// metadata returns the answer of the first bootstrap server that gives one.
func (c checker) metadata(ctx context.Context, cl *kgo.Client, addrs []string) (*kmsg.MetadataResponse, error) {
	var errs []error
	brokers := cl.SeedBrokers()
	for i, b := range brokers {
		req := kmsg.NewPtrMetadataRequest()
		req.Topics = []kmsg.MetadataRequestTopic{}
		resp, err := request(ctx, b, req, len(brokers)-i)
		if err == nil {
			return resp.(*kmsg.MetadataResponse), nil
		}
		errs = append(errs, fmt.Errorf("broker %s (bootstrap.servers): %w", addrs[min(i, len(addrs)-1)], c.explain(err)))
	}
	return nil, errors.Join(errs...)
}

// advertised asks the cluster's own addresses. gone says that one of them is a bootstrap server's
// and takes no connection any more.
func (c checker) advertised(
	ctx context.Context, cl *kgo.Client, meta *kmsg.MetadataResponse, addrs []string,
) (gone bool, err error) {
	var errs []error
	for i, b := range meta.Brokers {
		_, err := request(ctx, cl.Broker(int(b.NodeID)), kmsg.NewPtrApiVersionsRequest(), len(meta.Brokers)-i)
		if err == nil {
			return false, nil
		}
		addr := net.JoinHostPort(b.Host, fmt.Sprint(b.Port))
		gone = gone || slices.Contains(addrs, addr) && (closedAtOnce(err) || errors.Is(err, syscall.ECONNREFUSED))
		errs = append(errs, fmt.Errorf("broker %d at %s, the address it advertises: %w (see the broker's "+
			"advertised.listeners)", b.NodeID, addr, c.explain(err)))
	}
	return gone, errors.Join(errs...)
}

// request asks one of the brokers that are left to ask.
func request(ctx context.Context, b *kgo.Broker, req kmsg.Request, left int) (kmsg.Response, error) {
	limit := 10 * time.Second
	if deadline, ok := ctx.Deadline(); ok {
		limit = min(limit, time.Until(deadline)/time.Duration(left))
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return b.Request(ctx, req)
}

// explain returns err with what it means and which key to check in front of it.
func (c checker) explain(err error) error {
	var dns *net.DNSError
	switch {
	case errors.Is(err, kerr.SaslAuthenticationFailed):
		return fmt.Errorf("login with sasl.mechanism %s: check the user name and password in sasl.jaas.config: %w",
			c.mechanism, err)
	case errors.Is(err, kerr.UnsupportedSaslMechanism):
		return fmt.Errorf("login with sasl.mechanism %s, which the broker does not offer: choose another one: %w",
			c.mechanism, err)
	case errors.Is(err, kerr.IllegalSaslState):
		return fmt.Errorf("the port takes no login: check security.protocol: %w", err)
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("no answer in time: check the address and port, "+
			"and whether the port uses security.protocol %s: %w", c.protocol(), err)
	case errors.As(err, &dns):
		return fmt.Errorf("the host name is not known: check it: %w", err)
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Errorf("nothing listens there: start the broker, or check the address and port: %w", err)
	}
	if tlsErr := c.explainTLS(err); tlsErr != nil {
		return tlsErr
	}
	if c.mechanism != "" && errors.Is(err, io.EOF) {
		return fmt.Errorf("the broker closed the connection during the login: check the user name and password "+
			"in sasl.jaas.config, and whether the broker offers sasl.mechanism %s: %w", c.mechanism, err)
	}
	return fmt.Errorf("no usable answer: check that this is a port of Kafka, and that it uses security.protocol %s: "+
		"%w", c.protocol(), err)
}

// explainTLS does the same for errors of encryption, and returns nil for others. It
// never advises to go without: who can break a handshake could then read the password.
func (c checker) explainTLS(err error) error {
	var header tls.RecordHeaderError
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var alert tls.AlertError
	switch {
	case errors.As(err, &unknown):
		return fmt.Errorf("the broker's certificate is signed by an unknown authority: set ssl.truststore.location: %w", err)
	case errors.As(err, &host):
		return fmt.Errorf("the broker's certificate is for another host name: use that name in bootstrap.servers, or "+
			"give the broker a certificate for this one: %w", err)
	case errors.As(err, &invalid):
		return fmt.Errorf("the broker's certificate is not valid: give the broker a new one, or set this machine's "+
			"clock: %w", err)
	case errors.As(err, &alert):
		return fmt.Errorf("the broker refuses the client's certificate or TLS version: check ssl.keystore.location and "+
			"ssl.enabled.protocols: %w", err)
	case c.tls && (errors.As(err, &header) || closedAtOnce(err)):
		return fmt.Errorf("no TLS handshake, as security.protocol %s needs it: use the port of a listener with TLS in "+
			"bootstrap.servers, and check that nothing in between breaks connections: %w", c.protocol(), err)
	case !c.tls && closedAtOnce(err):
		return fmt.Errorf("the broker closed the connection at once: the port may want TLS or a login, "+
			"set security.protocol to SSL or SASL_SSL: %w", err)
	}
	return nil
}

// closedAtOnce reports whether the connection ended before an answer came, in either of
// the two ways in which the other side ends one.
func closedAtOnce(err error) bool {
	var eof *kgo.ErrFirstReadEOF
	return errors.As(err, &eof) || errors.Is(err, syscall.ECONNRESET)
}

// protocol is the security.protocol in use.
func (c checker) protocol() string {
	switch {
	case c.tls && c.mechanism != "":
		return protocolSASLSSL
	case c.tls:
		return protocolSSL
	case c.mechanism != "":
		return protocolSASLPlaintext
	}
	return protocolPlaintext
}
