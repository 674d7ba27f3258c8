package registry

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/sr"
	"golang.org/x/sync/singleflight"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/internal/memo"
	"github.com/suiro/suiro/internal/memory"
)

// Client reads and registers schemas. It remembers as many answers as
// schemas.cache.config says, because the schema of an id never changes, and no more
// than a part of the process' memory holds (memory.Schemas). It may be shared by
// goroutines.
type Client struct {
	client    *sr.Client
	addresses []string // without logins
	timeout   time.Duration
	normalize bool
	format    *Format
	kind      sr.SchemaType
	lasts     time.Duration // of what is the latest schema; below 0 for good
	opened    time.Time
	secrets   []string // which no error shows
	flights   singleflight.Group
	byID      *memo.Memo[int, Codec]
	byText    *memo.Memo[registered, int]
	latest    *memo.Memo[latestKey, version]

	mu     sync.RWMutex
	absent map[int]absence // guarded by mu
}

// absence is the answer that the registry does not know an id. It is remembered for
// a moment, so that damaged messages do not cause a request each, and no longer,
// because a replica of the registry may not have heard of a new id yet.
type absence struct {
	err   error
	until time.Time
}

const (
	absenceKept = 1000
	absenceTime = time.Second

	// maxReferences bounds the schemas that one refers to, directly or through others.
	maxReferences = 1000
)

var errReferences = fmt.Errorf("it refers to more than %d schemas", maxReferences)

type registered struct{ subject, text string }

type version struct {
	id    int
	codec Codec
}

// latestKey is a subject in one of the spans of time, each as long as
// latest.cache.ttl.sec says, since the client was opened. What was the latest schema in
// an earlier one is not found any more.
type latestKey struct {
	subject string
	span    int64
}

func newClient(client *sr.Client, s *settings, format *Format) *Client {
	remembered, bytes := s.CacheSize, memory.OfRuntime(memory.Schemas)
	return &Client{client: client, format: format, kind: format.kind(), timeout: s.Timeout, normalize: s.Normalize,
		lasts: time.Duration(s.LatestSeconds) * time.Second, opened: time.Now(),
		byID:   memo.Sized[int, Codec](remembered, bytes),
		byText: memo.Sized[registered, int](remembered, bytes), latest: memo.Sized[latestKey, version](remembered, bytes),
		absent: map[int]absence{}}
}

// Codec returns the codec of the schema with an id. An error is final unless it is
// retriable (see the package doc).
func (r *Client) Codec(id int) (Codec, error) {
	if c, ok := r.byID.Get(id); ok {
		return c, nil
	}
	r.mu.RLock()
	absent := r.absent[id]
	r.mu.RUnlock()
	if absent.err != nil && time.Now().Before(absent.until) {
		return nil, absent.err
	}
	v, err, _ := r.flights.Do(fmt.Sprint("id ", id), func() (any, error) {
		c, err := r.read(id)
		if err == nil {
			return r.byID.PutSized(id, c, c.Size()), nil
		}
		if !connect.IsRetriable(err) {
			r.mu.Lock()
			defer r.mu.Unlock()
			if len(r.absent) >= absenceKept {
				clear(r.absent)
			}
			r.absent[id] = absence{err, time.Now().Add(absenceTime)}
		}
		return nil, err
	})
	if err != nil {
		return nil, err
	}
	return v.(Codec), nil
}

func (r *Client) read(id int) (Codec, error) {
	ctx, cancel := context.WithTimeout(context.Background(), r.timeout)
	defer cancel()
	s, err := r.client.SchemaByID(ctx, id)
	if err != nil {
		return nil, r.failure(fmt.Sprintf("schema registry: read schema %d", id), err)
	}
	c, err := r.parse(ctx, s)
	if err != nil {
		return nil, fmt.Errorf("schema registry: schema %d: %w", id, err)
	}
	return c, nil
}

// parse compiles a schema of the registry together with the schemas it refers to.
func (r *Client) parse(ctx context.Context, s sr.Schema) (Codec, error) {
	if got := s.Type.String(); got != r.format.Type {
		return nil, fmt.Errorf("%w: the schema is %s, want %s", r.format.ErrSchema, got, r.format.Type)
	}
	w := walk{seen: map[sr.SchemaReference]*Reference{}}
	if err := r.references(ctx, s, &w); err != nil {
		return nil, err
	}
	return r.format.Parse(s.Schema, w.all())
}

// walk follows the references of a schema.
type walk struct {
	seen  map[sr.SchemaReference]*Reference // by subject and version
	found []*Reference                      // each after the ones it refers to itself
	bytes int                               // of all texts
}

// all returns what was found, when all its names are known.
func (w *walk) all() []Reference {
	list := make([]Reference, len(w.found))
	for i, r := range w.found {
		list[i] = *r
	}
	return list
}

// references adds the texts of the schemas that s refers to. One that refers back to
// a schema on the way to it is read once, and is an error where it is parsed.
func (r *Client) references(ctx context.Context, s sr.Schema, w *walk) error {
	if w.bytes += len(s.Schema); w.bytes > MaxText {
		return r.format.tooLong()
	}
	for _, ref := range s.References {
		key := sr.SchemaReference{Subject: ref.Subject, Version: ref.Version}
		if known := w.seen[key]; known != nil {
			known.name(ref.Name)
			continue
		}
		if len(w.seen) == maxReferences {
			return fmt.Errorf("%w: %w", r.format.ErrSchema, errReferences)
		}
		reference := &Reference{Names: []string{ref.Name}}
		w.seen[key] = reference
		found, err := r.client.SchemaByVersion(ctx, ref.Subject, ref.Version)
		if err != nil {
			return r.failure(fmt.Sprintf("schema registry: read version %d of %.200s, which the schema refers to as %.200s",
				ref.Version, ref.Subject, ref.Name), err)
		}
		if err := r.references(ctx, found.Schema, w); err != nil {
			return err
		}
		reference.Text = found.Schema.Schema
		w.found = append(w.found, reference)
	}
	return nil
}

// Register returns the id of a schema under a subject. A schema that the subject
// does not have is registered, or with lookup an error.
func (r *Client) Register(subject, text string, lookup bool) (int, error) {
	key := registered{subject, text}
	if id, ok := r.byText.Get(key); ok {
		return id, nil
	}
	v, err, _ := r.flights.Do(fmt.Sprint("text ", lookup, key), func() (any, error) {
		id, err := r.register(subject, sr.Schema{Schema: text, Type: r.kind}, lookup)
		if err != nil {
			return 0, err
		}
		return r.byText.PutSized(key, id, len(text)), nil
	})
	return v.(int), err
}

func (r *Client) register(subject string, s sr.Schema, lookup bool) (int, error) {
	ctx, cancel := context.WithTimeout(context.Background(), r.timeout)
	defer cancel()
	if r.normalize {
		ctx = sr.WithParams(ctx, sr.Normalize)
	}
	if lookup {
		found, err := r.client.LookupSchema(ctx, subject, s)
		if err != nil {
			return 0, r.failure("schema registry: look up the schema of "+subject, err)
		}
		return found.ID, checkID(found.ID, subject)
	}
	id, err := r.client.RegisterSchema(ctx, subject, s, -1, -1)
	if err != nil {
		return 0, r.failure("schema registry: register the schema of "+subject, err)
	}
	return id, checkID(id, subject)
}

// checkID checks an id that the registry has given. A message has four bytes for it,
// and readers take one below 0 for damage.
func checkID(id int, subject string) error {
	if id >= 0 && id <= math.MaxInt32 {
		return nil
	}
	return connect.Retriable(fmt.Errorf("schema registry: it gives the schema of %.200s the id %d: "+
		"want one from 0 to %d: is this a schema registry? check schema.registry.url", subject, id, math.MaxInt32))
}

// Latest returns the latest schema of a subject: what it was at the first call, for as
// long as latest.cache.ttl.sec says and it is remembered.
func (r *Client) Latest(subject string) (int, Codec, error) {
	key := latestKey{subject, r.span(time.Now())}
	l, ok := r.latest.Get(key)
	if ok {
		return l.id, l.codec, nil
	}
	v, err, _ := r.flights.Do("latest "+subject, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.Background(), r.timeout)
		defer cancel()
		s, err := r.client.SchemaByVersion(ctx, subject, -1)
		if err != nil {
			return version{}, r.failure("schema registry: read the latest schema of "+subject, err)
		}
		c, err := r.parse(ctx, s.Schema)
		if err != nil {
			return version{}, fmt.Errorf("schema registry: schema %d of %s: %w", s.ID, subject, err)
		}
		if err := checkID(s.ID, subject); err != nil {
			return version{}, err
		}
		if r.lasts == 0 {
			return version{s.ID, c}, nil
		}
		return r.latest.PutSized(key, version{s.ID, c}, c.Size()), nil
	})
	l = v.(version)
	return l.id, l.codec, err
}

// span returns the number of the span of time in which now is.
func (r *Client) span(now time.Time) int64 {
	if r.lasts <= 0 {
		return 0
	}
	return int64(now.Sub(r.opened) / r.lasts)
}

// check finds out whether the registry answers and lets the client in. It is asked for how
// compatible schemas have to be, which a client may be forbidden to know.
func (r *Client) check(ctx context.Context) (found string, err error) {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	at := "schema registry at " + strings.Join(r.addresses, ", ")
	answer := r.client.Compatibility(ctx)[0]
	var refused *sr.ResponseError
	switch {
	case errors.As(answer.Err, &refused) && refused.StatusCode == http.StatusForbidden:
		return at + ", whose settings this client may not see", nil
	case answer.Err != nil:
		return "", r.failure("schema registry: ask for its compatibility level", answer.Err)
	}
	return at + ", compatibility " + answer.Level.String(), nil
}

// failure adds the operation and, if there was an answer, its address and status.
// It makes the error retriable unless the registry has answered about the schema:
// a missing answer, a wrong password, too many requests or a proxy's own answer may
// all go away, or an operator has to act, and no record is at fault. An answer that
// is too large is about the schema, which anyone may have registered.
func (r *Client) failure(op string, err error) error {
	var answer *sr.ResponseError
	switch {
	case errors.Is(err, errAnswer):
		return fmt.Errorf("%s: %w: %w", op, r.format.ErrSchema, errAnswer)
	case !errors.As(err, &answer):
		return connect.Retriable(fmt.Errorf("%s: %w", op, r.shown(err)))
	}
	err = fmt.Errorf("%s: %s answers %d: %w%s", op, answer.URL, answer.StatusCode, r.shown(err), remedy(answer))
	if aboutSchema(answer) {
		return err
	}
	return connect.Retriable(err)
}

// aboutSchema distinguishes the error codes of a registry, such as 40403, from
// those of HTTP. For a schema that is not compatible Confluent's registry uses 409
// for both.
func aboutSchema(a *sr.ResponseError) bool {
	switch a.StatusCode {
	case http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity:
		return a.ErrorCode >= 40000 || a.ErrorCode == http.StatusConflict
	}
	return false
}

func remedy(a *sr.ResponseError) string {
	switch {
	case a.StatusCode == http.StatusUnauthorized || a.StatusCode == http.StatusForbidden:
		return ": check basic.auth.user.info or bearer.auth.token"
	case a.StatusCode == http.StatusConflict && aboutSchema(a):
		return ": the schema is not compatible with earlier ones of the subject: change the data, or the subject's " +
			"compatibility level in the registry"
	case a.StatusCode < 500 && a.StatusCode != http.StatusTooManyRequests && !aboutSchema(a):
		return ": is this a schema registry? check schema.registry.url"
	}
	return ""
}
