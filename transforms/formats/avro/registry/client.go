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
	"github.com/suiro/suiro/internal/memo"
	"github.com/suiro/suiro/transforms/formats/avro"
)

// Client reads and registers schemas. It remembers as many answers as
// schemas.cache.config says, because the schema of an id never changes. It may be
// shared by goroutines.
type Client struct {
	client  *sr.Client
	timeout time.Duration
	flights singleflight.Group
	byID    *memo.Memo[int, *avro.Codec]
	byText  *memo.Memo[registered, int]

	mu     sync.RWMutex
	latest map[string]version // guarded by mu
	absent map[int]absence    // guarded by mu
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
)

type registered struct{ subject, text string }

type version struct {
	id    int
	codec *avro.Codec
}

func newClient(client *sr.Client, timeout time.Duration, remembered int) *Client {
	return &Client{client: client, timeout: timeout, byID: memo.New[int, *avro.Codec](remembered),
		byText: memo.New[registered, int](remembered), latest: map[string]version{}, absent: map[int]absence{}}
}

// Codec returns the codec of the schema with an id. An error is final unless it is
// retriable (see the package doc).
func (r *Client) Codec(id int) (*avro.Codec, error) {
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
			return r.byID.Put(id, c), nil
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

// parse compiles a schema of the registry together with the schemas it refers to.
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

// references returns the texts of the schemas that s refers to, each after the ones
// it refers to itself. seen holds those found so far, by subject and version.
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

// Register returns the id of a schema under a subject. A schema that the subject
// does not have is registered, or with lookup an error.
func (r *Client) Register(subject, text string, lookup bool) (int, error) {
	key := registered{subject, text}
	if id, ok := r.byText.Get(key); ok {
		return id, nil
	}
	v, err, _ := r.flights.Do(fmt.Sprint("text ", lookup, key), func() (any, error) {
		id, err := r.register(subject, sr.Schema{Schema: text, Type: sr.TypeAvro}, lookup)
		if err != nil {
			return 0, err
		}
		return r.byText.Put(key, id), nil
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

// Latest returns the schema that was the latest of a subject at the first call.
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

// failure adds the operation and, if there was an answer, its address and status.
// It makes the error retriable unless the registry has answered about the schema:
// a missing answer, a wrong password, too many requests or a proxy's own answer may
// all go away, or an operator has to act, and no record is at fault.
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
		return ": the schema is not compatible with earlier ones of the subject"
	case a.StatusCode < 500 && a.StatusCode != http.StatusTooManyRequests && !aboutSchema(a):
		return ": is this a schema registry? check schema.registry.url"
	}
	return ""
}
