package access

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Signing signs what one worker of a cluster says to another, and checks it. It is safe
// for concurrent use.
type Signing interface {
	// Sign returns the MAC of a text and the name of its algorithm; an error while there
	// is no key.
	Sign(text []byte) (algorithm string, mac []byte, err error)
	// Verify returns why a text is not another worker's.
	Verify(algorithm string, mac, text []byte) error
}

// The headers of a request that a worker sends on for a caller.
const (
	callerHeader    = "X-Suiro-Caller"
	signatureHeader = "X-Suiro-Caller-Signature"
)

const (
	// maxAge is how old a request may be that was sent on: clocks differ.
	maxAge = 5 * time.Minute
	// maxSentOn bounds the body of such a request; the API has limits below it.
	maxSentOn = 8 << 20
)

// onBehalf is what a worker says of the caller for whom it sends a request on. Its JSON
// form is the value of a header.
type onBehalf struct {
	// Name is the caller's, and Roles are those that came with the request, as ROLE:PATTERN.
	Name  string   `json:"name"`
	Roles []string `json:"roles,omitempty"`
	// Body is the SHA-256 of the body, and Time when it was sent on, in seconds of Unix.
	Body []byte `json:"body"`
	Time int64  `json:"time"`
}

// Vouch adds to a request that is sent on to another worker for whom it is. The other
// worker trusts it, and not the certificate of this one, because the session key of the
// cluster signs it together with the method, the path, the body and the time. Without
// caller or key the request stays as it is: then it is that of whoever it logs in as.
func (c *Caller) Vouch(r *http.Request, body []byte) {
	if c == nil || c.Name == "" || c.peers == nil {
		return
	}
	hash := sha256.Sum256(body)
	said := onBehalf{Name: c.Name, Body: hash[:], Time: time.Now().Unix()}
	for _, g := range c.brought {
		said.Roles = append(said.Roles, g.role.String()+":"+g.pattern)
	}
	text, err := json.Marshal(said)
	if err != nil {
		return
	}
	header := base64.StdEncoding.EncodeToString(text)
	algorithm, mac, err := c.peers.Sign(signed(r.Method, r.URL.RequestURI(), header))
	if err != nil {
		return
	}
	r.Header.Set(callerHeader, header)
	r.Header.Set(signatureHeader, algorithm+" "+base64.StdEncoding.EncodeToString(mac))
}

// signed is the text that is signed. It is not the body of any request between workers,
// which are signed with the same key.
func signed(method, uri, header string) []byte {
	return []byte("caller\n" + method + "\n" + uri + "\n" + header)
}

// sentOn reports whether another worker may have sent a request on.
func sentOn(r *http.Request) bool { return r.Header.Get(callerHeader) != "" }

var errForged = errors.New("the request says for whom a worker has sent it on, and no worker of this cluster has " +
	"signed it")

// vouched returns for whom another worker has sent a request on.
func (l *Lock) vouched(r *http.Request) (*Caller, error) {
	header := r.Header.Get(callerHeader)
	algorithm, text, _ := strings.Cut(r.Header.Get(signatureHeader), " ")
	mac, err := base64.StdEncoding.DecodeString(text)
	if err != nil || l.peers.Verify(algorithm, mac, signed(r.Method, r.URL.RequestURI(), header)) != nil {
		return nil, errForged
	}
	var said onBehalf
	decoded, err := base64.StdEncoding.DecodeString(header)
	if err == nil {
		err = json.Unmarshal(decoded, &said)
	}
	if err != nil || said.Name == "" {
		return nil, errForged
	}
	if age := time.Since(time.Unix(said.Time, 0)); age > maxAge || age < -maxAge {
		return nil, fmt.Errorf("another worker has sent the request on %v ago, by this worker's clock: more than %v is not "+
			"trusted: set the clocks of the workers right", age.Round(time.Second), maxAge)
	}
	if err := checkBody(r, said.Body); err != nil {
		return nil, err
	}
	var brought []grant
	for _, role := range said.Roles {
		g, err := parseGrant(role)
		if err != nil {
			return nil, errForged
		}
		brought = append(brought, g)
	}
	return l.known(said.Name, brought), nil
}

// checkBody reads the body, whose hash was signed, and puts it back.
func checkBody(r *http.Request, want []byte) error {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxSentOn))
	if err != nil {
		return fmt.Errorf("read the request: %w", err)
	}
	if hash := sha256.Sum256(body); !bytes.Equal(hash[:], want) {
		return errForged
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return nil
}
