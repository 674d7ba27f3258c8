// Package session is what the commands of suiro ctl share: which cluster is meant and
// how to log in to it, the names that complete, and how answers are printed, once or
// again and again.
package session

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/suiro/suiro/cmd/internal/ctl/contexts"
	"github.com/suiro/suiro/cmd/internal/ctl/manifest"
	"github.com/suiro/suiro/connect/cli"
	"github.com/suiro/suiro/connect/client"
	"github.com/suiro/suiro/internal/buildinfo"
	"github.com/suiro/suiro/internal/flags"
	"github.com/suiro/suiro/internal/smallfile"
)

const (
	// DefaultURL is the cluster that is meant when nothing says which.
	DefaultURL = "http://127.0.0.1:8083"
	// completionTimeout bounds how long a shell waits for names.
	completionTimeout = 3 * time.Second
)

// Session is what every command has: which cluster is meant, and for how long it is
// asked.
type Session struct {
	context      string
	cluster      contexts.Context // what the flags say
	passwordFile string
	tokenFile    string
	retryFor     time.Duration

	// Timeout is how long a command may take.
	Timeout time.Duration
}

// Define adds the flags of every command.
func (s *Session) Define(c *cobra.Command) {
	set := c.PersistentFlags()
	set.StringVar(&s.context, "context", "", "The `name` of a context, instead of the current one")
	set.StringSliceVar(&s.cluster.URLs, "url", nil, "The `URLs` of the cluster's workers, one or more with commas, "+
		"instead of a context (default "+DefaultURL+")")
	set.StringVar(&s.cluster.User, "user", "", "The `name` of the user for HTTP basic authentication")
	set.StringVar(&s.passwordFile, "password-file", "", "The `file` with the user's password; - is the standard input")
	set.StringVar(&s.tokenFile, "token-file", "", "The `file` with a bearer token; - is the standard input")
	set.StringVar(&s.cluster.CA, "ca-file", "", "The PEM `file` of the authorities to trust, instead of the system's")
	set.StringVar(&s.cluster.Cert, "cert-file", "", "The PEM `file` of a client certificate")
	set.StringVar(&s.cluster.Key, "key-file", "", "The PEM `file` of the client certificate's private key")
	set.BoolVar(&s.cluster.Insecure, "insecure", false, "Trust whoever answers at an https URL, certificate or not")
	set.DurationVar(&s.Timeout, "timeout", 2*time.Minute, "How long a command may take")
	set.DurationVar(&s.retryFor, "retry-for", client.DefaultRetryFor,
		"How long a request is sent again that a rebalance keeps from being answered; 0 is not at all")
	// The flag exists.
	_ = c.RegisterFlagCompletionFunc("context", contextCompletions)
}

// contextCompletions completes the names of contexts.
func contextCompletions(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return ContextNames(), cobra.ShellCompDirectiveNoFileComp
}

// Do connects to the cluster and does something within the time that a command has.
func (s *Session) Do(c *cobra.Command, what func(context.Context, *client.Client) error) error {
	cl, err := s.Client(c)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(c.Context(), s.Timeout)
	defer cancel()
	return what(ctx, cl)
}

// Client makes a client of the cluster.
func (s *Session) Client(c *cobra.Command) (*client.Client, error) {
	cluster, err := s.Target(c)
	if err != nil {
		return nil, cli.UsageError{Err: err}
	}
	cl, err := s.ClientOf(c, cluster)
	if err != nil {
		return nil, cli.UsageError{Err: err}
	}
	return cl, nil
}

// ClientOf makes a client of a cluster.
func (s *Session) ClientOf(c *cobra.Command, cluster contexts.Context) (*client.Client, error) {
	security, err := tlsOf(cluster)
	if err != nil {
		return nil, err
	}
	for _, address := range cluster.URLs {
		if host := openTo(address, cluster); host != "" {
			fmt.Fprintf(c.ErrOrStderr(), "%s: warning: the login goes to %s without encryption: use https\n", c.Root().Name(),
				flags.Printable(host))
		}
	}
	said := ""
	options := &client.Options{User: cluster.User, Password: cluster.Password, Token: cluster.Token, TLS: security,
		RetryFor: s.retryFor, UserAgent: "suiro-ctl/" + buildinfo.Version(), OnRetry: func(err error) {
			if text := err.Error(); text != said { // once, however often it is tried
				said = text
				fmt.Fprintf(c.ErrOrStderr(), "%s: trying again: %s\n", c.Root().Name(), flags.Printable(text))
			}
		}}
	if s.retryFor <= 0 {
		options.RetryFor = -1
	}
	return client.New(cluster.URLs, options)
}

// openTo is the host to which a login would go over a network as it is, "" for none.
func openTo(address string, cluster contexts.Context) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" || cluster.User+cluster.Token == "" && u.User == nil {
		return ""
	}
	if ip := net.ParseIP(u.Hostname()); u.Hostname() == "localhost" || ip != nil && ip.IsLoopback() {
		return ""
	}
	return u.Host
}

// Target is the cluster that is meant, with its login: a context, in which flags replace
// what they name.
func (s *Session) Target(c *cobra.Command) (contexts.Context, error) {
	var t contexts.Context
	if len(s.cluster.URLs) == 0 || s.context != "" {
		file, err := contexts.Read()
		if err != nil {
			return t, err
		}
		if t, _, err = file.Find(s.context); err != nil {
			return t, err
		}
	}
	given := s.cluster
	var err error
	if given.Password, err = secretFrom(c, "password-file", s.passwordFile); err != nil {
		return t, err
	}
	if given.Token, err = secretFrom(c, "token-file", s.tokenFile); err != nil {
		return t, err
	}
	if given.User != "" || given.Token != "" { // another login, not a part of one
		t.User, t.Password, t.Token = given.User, "", given.Token
	}
	if len(given.URLs) > 0 {
		t.URLs = given.URLs
	}
	for _, f := range []struct{ of, by *string }{{&t.Password, &given.Password}, {&t.CA, &given.CA},
		{&t.Cert, &given.Cert}, {&t.Key, &given.Key}} {
		if *f.by != "" {
			*f.of = *f.by
		}
	}
	t.Insecure = t.Insecure || given.Insecure
	if len(t.URLs) == 0 {
		t.URLs = []string{DefaultURL}
	}
	return t, nil
}

// secretFrom reads a secret from the file that a flag names.
func secretFrom(c *cobra.Command, flag, path string) (string, error) {
	if path == "" {
		return "", nil
	}
	text, err := manifest.Text(path, c.InOrStdin())
	if err != nil {
		return "", fmt.Errorf("--%s %w", flag, err)
	}
	secret := strings.TrimRight(string(text), "\r\n")
	if secret == "" || strings.ContainsAny(secret, "\r\n") {
		return "", fmt.Errorf("--%s %s: must hold one line", flag, path)
	}
	return secret, nil
}

// tlsOf is how an https address is trusted, nil for the system's way.
func tlsOf(cluster contexts.Context) (*tls.Config, error) {
	if cluster.CA+cluster.Cert+cluster.Key == "" && !cluster.Insecure {
		return nil, nil
	}
	out := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: cluster.Insecure}
	if cluster.CA != "" {
		pem, err := smallfile.Read(cluster.CA)
		if err != nil {
			return nil, fmt.Errorf("--ca-file: %w", err)
		}
		out.RootCAs = x509.NewCertPool()
		if !out.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("--ca-file %s: holds no certificate in PEM", cluster.CA)
		}
	}
	if (cluster.Cert == "") != (cluster.Key == "") {
		return nil, errors.New("--cert-file and --key-file go together: a certificate and its private key")
	}
	if cluster.Cert != "" {
		pair, err := tls.LoadX509KeyPair(cluster.Cert, cluster.Key)
		if err != nil {
			return nil, fmt.Errorf("--cert-file %s: %w", cluster.Cert, err)
		}
		out.Certificates = []tls.Certificate{pair}
	}
	return out, nil
}

// ConnectorNames completes the names of connectors, of which those in args are chosen
// already.
func (s *Session) ConnectorNames(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	cl, err := s.Client(c)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(contextOf(c)), completionTimeout)
	defer cancel()
	names, err := cl.Connectors(ctx)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return without(names, args), cobra.ShellCompDirectiveNoFileComp
}

// contextOf is the context of a command, which has none while a shell completes it.
func contextOf(c *cobra.Command) context.Context {
	if ctx := c.Context(); ctx != nil {
		return ctx
	}
	return context.Background()
}

// ContextNames are the names of all contexts, none when they cannot be read.
func ContextNames() (names []string) {
	f, err := contexts.Read()
	if err != nil {
		return nil
	}
	for _, c := range f.Contexts {
		names = append(names, c.Name)
	}
	return names
}

// Given returns the cluster that the flags alone say; ok is false without --url, or when
// --context names another.
func (s *Session) Given(c *cobra.Command) (t contexts.Context, ok bool, err error) {
	if len(s.cluster.URLs) == 0 || s.context != "" {
		return t, false, nil
	}
	t, err = s.Target(c)
	return t, true, err
}
