package kafka

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/sasl"
)

// Check connects with the options and asks one broker after the other until
// one answers; then it asks the brokers of the cluster at the addresses they
// advertise, of which one must answer too. The error says for each address
// what is wrong and which key to look at. Each broker gets ten seconds at
// most, and no more than its share of the time that ctx allows.
func Check(ctx context.Context, opts ...kgo.Opt) error {
	cl, err := kgo.NewClient(append(append([]kgo.Opt(nil), opts...), kgo.RequestRetries(1))...)
	if err != nil {
		return fmt.Errorf("configure the kafka client: %w", err)
	}
	defer cl.Close()
	c := checker{tls: cl.OptValue(kgo.DialTLSConfig) != (*tls.Config)(nil)}
	if m, ok := cl.OptValue(kgo.SASL).([]sasl.Mechanism); ok && len(m) > 0 {
		c.mechanism = m[0].Name()
	}
	addrs, _ := cl.OptValue(kgo.SeedBrokers).([]string)
	meta, err := c.metadata(ctx, cl, addrs)
	if err != nil {
		return err
	}
	return c.advertised(ctx, cl, meta)
}

// checker knows how the client tries to talk.
type checker struct {
	tls       bool
	mechanism string
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

// advertised asks the cluster's own addresses.
func (c checker) advertised(ctx context.Context, cl *kgo.Client, meta *kmsg.MetadataResponse) error {
	var errs []error
	for i, b := range meta.Brokers {
		_, err := request(ctx, cl.Broker(int(b.NodeID)), kmsg.NewPtrApiVersionsRequest(), len(meta.Brokers)-i)
		if err == nil {
			return nil
		}
		errs = append(errs, fmt.Errorf("broker %d at %s, the address it advertises: %w (see advertised.listeners there)",
			b.NodeID, net.JoinHostPort(b.Host, fmt.Sprint(b.Port)), c.explain(err)))
	}
	return errors.Join(errs...)
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

// explain puts in front of err what it means and which key it comes from.
func (c checker) explain(err error) error {
	var dns *net.DNSError
	var eof *kgo.ErrFirstReadEOF
	switch {
	case errors.Is(err, kerr.SaslAuthenticationFailed):
		return fmt.Errorf("it refuses the user name or password for sasl.mechanism %s: "+
			"check sasl.jaas.config: %w", c.mechanism, err)
	case errors.Is(err, kerr.UnsupportedSaslMechanism):
		return fmt.Errorf("it does not offer sasl.mechanism %s: %w", c.mechanism, err)
	case errors.Is(err, kerr.IllegalSaslState):
		return fmt.Errorf("it does not take sasl on this port: check security.protocol: %w", err)
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("no answer in time: check address and port, "+
			"and whether it speaks security.protocol %s: %w", c.protocol(), err)
	case errors.As(err, &dns):
		return fmt.Errorf("the host name is not known: %w", err)
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Errorf("nothing listens there: start the broker or check address and port: %w", err)
	}
	if tlsErr := c.explainTLS(err); tlsErr != nil {
		return tlsErr
	}
	if c.mechanism != "" && errors.Is(err, io.EOF) {
		return fmt.Errorf("it closed the connection during the login: check the user name and password "+
			"in sasl.jaas.config, and whether it offers sasl.mechanism %s: %w", c.mechanism, err)
	}
	if errors.As(err, &eof) || errors.Is(err, syscall.ECONNRESET) {
		return fmt.Errorf("it closed the connection at once, as a port does that wants another security.protocol: %w", err)
	}
	return fmt.Errorf("no usable answer: check that it is a kafka port and takes security.protocol %s: %w", c.protocol(), err)
}

// explainTLS returns nil when err is not about encryption.
func (c checker) explainTLS(err error) error {
	var header tls.RecordHeaderError
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var alert tls.AlertError
	var eof *kgo.ErrFirstReadEOF
	switch {
	case errors.As(err, &unknown):
		return fmt.Errorf("its certificate is signed by an unknown authority: set ssl.truststore.location: %w", err)
	case errors.As(err, &host):
		return fmt.Errorf("its certificate is for another host name: use that name in bootstrap.servers, "+
			"or set ssl.endpoint.identification.algorithm to nothing: %w", err)
	case errors.As(err, &alert):
		return fmt.Errorf("it refuses the client's certificate or TLS version: check ssl.keystore.location: %w", err)
	case c.tls && (errors.As(err, &header) || errors.As(err, &eof)):
		return fmt.Errorf("it does not speak TLS on this port: set security.protocol to %s: %w", c.without(), err)
	case !c.tls && errors.As(err, &eof):
		return fmt.Errorf("it closed the connection at once: it may want TLS or a login, "+
			"set security.protocol to SSL or SASL_SSL: %w", err)
	}
	return nil
}

// protocol is the security.protocol in use.
func (c checker) protocol() string {
	switch {
	case c.tls && c.mechanism != "":
		return protocolSASLSSL
	case c.tls:
		return protocolSSL
	}
	return c.without()
}

// without is the protocol to try when there is no TLS.
func (c checker) without() string {
	if c.mechanism != "" {
		return protocolSASLPlaintext
	}
	return protocolPlaintext
}
