package registry

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/sr"
	"golang.org/x/sync/singleflight"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/transforms/formats/avro"
)

// Client reads and registers schemas and remembers all it was told: what an
// id means never changes. It may be shared by goroutines.
type Client struct {
	client  *sr.Client
	timeout time.Duration
	flights singleflight.Group

	mu     sync.RWMutex
	byID   map[int]*avro.Codec // guarded by mu
	byText map[registered]int  // guarded by mu
	latest map[string]version  // guarded by mu
	absent map[int]absence     // guarded by mu
}

// absence is the registry's answer about an id it does not know. It is believed
// for a moment, so that a topic of damaged messages does not ask for each. No
// longer: a replica of the registry may be behind the one that gave the id.
type absence struct {
	err   error
	until time.Time
}

const (
	absenceKept = 1000
	absenceTime = time.Second
)

type registered struct{ subject, text string }

type version struct {
	id    int
	codec *avro.Codec
}

func newClient(client *sr.Client, timeout time.Duration) *Client {
	return &Client{client: client, timeout: timeout, byID: map[int]*avro.Codec{},
		byText: map[registered]int{}, latest: map[string]version{}, absent: map[int]absence{}}
}

// Codec returns the codec of the schema with that id.
func (r *Client) Codec(id int) (*avro.Codec, error) {
	r.mu.RLock()
	c, absent := r.byID[id], r.absent[id]
	r.mu.RUnlock()
	if c != nil {
		return c, nil
	}
	if absent.err != nil && time.Now().Before(absent.until) {
		return nil, absent.err
	}
	v, err, _ := r.flights.Do(fmt.Sprint("id ", id), func() (any, error) {
		c, err := r.read(id)
		r.mu.Lock()
		defer r.mu.Unlock()
		switch {
		case err == nil:
			r.byID[id] = c
		case !connect.IsRetriable(err):
			if len(r.absent) >= absenceKept {
				clear(r.absent)
			}
			r.absent[id] = absence{err, time.Now().Add(absenceTime)}
		}
		return c, err
	})
	if err != nil {
		return nil, err
	}
	return v.(*avro.Codec), nil
}

func (r *Client) read(id int) (*avro.Codec, error) {
	ctx, cancel := context.WithTimeout(context.Background(), r.timeout)
	defer cancel()
	s, err := r.client.SchemaByID(ctx, id)
	if err != nil {
		return nil, failure(fmt.Sprintf("schema registry: read schema %d", id), err)
	}
	c, err := r.parse(ctx, s)
	if err != nil {
		return nil, fmt.Errorf("schema registry: schema %d: %w", id, err)
	}
	return c, nil
}

// parse compiles a schema that the registry gave, with all it refers to.
func (r *Client) parse(ctx context.Context, s sr.Schema) (*avro.Codec, error) {
	if s.Type != sr.TypeAvro {
		return nil, fmt.Errorf("%w: the schema is %v, want AVRO", avro.ErrSchema, s.Type)
	}
	texts, err := r.references(ctx, s, map[sr.SchemaReference]bool{})
	if err != nil {
		return nil, err
	}
	return avro.ParseCodec([]byte(s.Schema), texts...)
}

// references returns the texts of the schemas that s refers to, each after those
// it refers to itself. seen are those found already, by subject and version.
func (r *Client) references(ctx context.Context, s sr.Schema, seen map[sr.SchemaReference]bool) ([][]byte, error) {
	var texts [][]byte
	for _, ref := range s.References {
		key := sr.SchemaReference{Subject: ref.Subject, Version: ref.Version}
		if seen[key] {
			continue
		}
		seen[key] = true
		found, err := r.client.SchemaByVersion(ctx, ref.Subject, ref.Version)
		if err != nil {
			return nil, failure(fmt.Sprintf("schema registry: read version %d of %s, which the schema refers to as %s",
				ref.Version, ref.Subject, ref.Name), err)
		}
		inner, err := r.references(ctx, found.Schema, seen)
		if err != nil {
			return nil, err
		}
		texts = append(append(texts, inner...), []byte(found.Schema.Schema))
	}
	return texts, nil
}

// Register registers the text of an Avro schema under a subject, unless it is
// there, and returns its id. With lookup it is only looked up.
func (r *Client) Register(subject, text string, lookup bool) (int, error) {
	key := registered{subject, text}
	r.mu.RLock()
	id, ok := r.byText[key]
	r.mu.RUnlock()
	if ok {
		return id, nil
	}
	v, err, _ := r.flights.Do(fmt.Sprint("text ", lookup, key), func() (any, error) {
		id, err := r.register(subject, sr.Schema{Schema: text, Type: sr.TypeAvro}, lookup)
		if err != nil {
			return 0, err
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.byText[key] = id
		return id, nil
	})
	return v.(int), err
}

func (r *Client) register(subject string, s sr.Schema, lookup bool) (int, error) {
	ctx, cancel := context.WithTimeout(context.Background(), r.timeout)
	defer cancel()
	if lookup {
		found, err := r.client.LookupSchema(ctx, subject, s)
		if err != nil {
			return 0, failure("schema registry: look up the schema of "+subject, err)
		}
		return found.ID, nil
	}
	id, err := r.client.RegisterSchema(ctx, subject, s, -1, -1)
	if err != nil {
		return 0, failure("schema registry: register the schema of "+subject, err)
	}
	return id, nil
}

// Latest returns the latest schema of a subject, as it is when first asked for.
func (r *Client) Latest(subject string) (int, *avro.Codec, error) {
	r.mu.RLock()
	l, ok := r.latest[subject]
	r.mu.RUnlock()
	if ok {
		return l.id, l.codec, nil
	}
	v, err, _ := r.flights.Do("latest "+subject, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.Background(), r.timeout)
		defer cancel()
		s, err := r.client.SchemaByVersion(ctx, subject, -1)
		if err != nil {
			return version{}, failure("schema registry: read the latest schema of "+subject, err)
		}
		c, err := r.parse(ctx, s.Schema)
		if err != nil {
			return version{}, fmt.Errorf("schema registry: schema %d of %s: %w", s.ID, subject, err)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.latest[subject] = version{s.ID, c}
		return version{s.ID, c}, nil
	})
	l = v.(version)
	return l.id, l.codec, err
}

// failure adds what was done and, for an answer, where and with which
// status. Only what the registry itself says about the schema is final: the
// record cannot be converted. Anything else may go away, or is for an operator
// to put right, and no record is at fault: no answer, a wrong password, too many
// requests, a proxy that answers in the registry's place.
func failure(op string, err error) error {
	var answer *sr.ResponseError
	if !errors.As(err, &answer) {
		return connect.Retriable(fmt.Errorf("%s: %w", op, err))
	}
	err = fmt.Errorf("%s: %s answers %d: %w%s", op, answer.URL, answer.StatusCode, err, remedy(answer))
	if aboutSchema(answer) {
		return err
	}
	return connect.Retriable(err)
}

// aboutSchema tells the codes of a registry, as 40403, from those of HTTP.
// Confluent's has none of its own for a schema that is not compatible.
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
		return ": the schema is not compatible with earlier ones of the subject"
	case a.StatusCode < 500 && a.StatusCode != http.StatusTooManyRequests && !aboutSchema(a):
		return ": is this a schema registry? check schema.registry.url"
	}
	return ""
}
