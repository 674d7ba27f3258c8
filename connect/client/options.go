package client

import (
	"crypto/tls"
	"time"
)

// DefaultRetryFor is how long a request is sent again when nothing else is said: longer
// than a rebalance in which every worker joins in time.
const DefaultRetryFor = time.Minute

// Options are what Go code may set. They are read by [New] and not used afterwards.
type Options struct {
	// User and Password log in with HTTP basic authentication. Default: no login.
	User, Password string
	// Token logs in as a bearer, instead of User. Default: no login.
	Token string
	// TLS says whom an https address is trusted by and which certificate the client
	// shows. Default: the authorities of the system, and no certificate.
	TLS *tls.Config
	// RetryFor is how long a request is sent again that the cluster cannot answer at the
	// moment. Default: [DefaultRetryFor]. Negative: it is sent once.
	RetryFor time.Duration
	// OnRetry is called with the answer before a request is sent again, from the
	// goroutine that waits for it. Default: nothing is called.
	OnRetry func(error)
	// UserAgent is the header of that name. Default: suiro.
	UserAgent string
}
