// Package registry is a schema registry that answers honestly for one id, and for others
// as a hostile one could.
package registry

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Honest is the id whose schema is that of the honest records.
const Honest = 1

const honestSchema = `{"type":"record","name":"Honest","fields":[{"name":"id","type":"string"}]}`

// Server is the registry. Its methods may be called from any goroutine.
type Server struct {
	// URL is its address.
	URL string

	http *http.Server
	done chan struct{}

	mu      sync.Mutex // guards the rest
	answers map[int]http.HandlerFunc
	next    int
}

// Start starts a registry on a free port.
func Start() (*Server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start a registry: %w", err)
	}
	s := &Server{URL: "http://" + l.Addr().String(), done: make(chan struct{}), next: Honest + 1,
		answers: map[int]http.HandlerFunc{Honest: Schema(honestSchema)}}
	s.http = &http.Server{Handler: http.HandlerFunc(s.serve), ReadHeaderTimeout: time.Minute}
	go func() {
		defer close(s.done)
		_ = s.http.Serve(l) // until Close
	}()
	return s, nil
}

// Close stops it.
func (s *Server) Close() error {
	err := s.http.Close()
	<-s.done
	return err
}

// Add answers for a new id, and returns it.
func (s *Server) Add(answer http.HandlerFunc) (id int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id = s.next
	s.next++
	s.answers[id] = answer
	return id
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	last := r.URL.Path[strings.LastIndex(strings.TrimSuffix(r.URL.Path, "/schema"), "/")+1:]
	id, err := strconv.Atoi(strings.TrimSuffix(last, "/schema"))
	s.mu.Lock()
	answer := s.answers[id]
	s.mu.Unlock()
	if err != nil || answer == nil {
		w.Header().Set("Content-Type", "application/vnd.schemaregistry.v1+json")
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `{"error_code":40403,"message":"Schema not found"}`)
		return
	}
	answer(w, r)
}

// Schema answers with a schema, as a registry does.
func Schema(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/vnd.schemaregistry.v1+json")
		_ = json.NewEncoder(w).Encode(map[string]any{"schema": text}) // who asks may go away
	}
}

// Message is a record's value for a schema's id: a zero byte, the id, and the datum.
func Message(id int, datum []byte) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{0}, uint32(id)), datum...)
}

// Datum is the datum of the honest schema.
func Datum(id string) []byte { return append(binary.AppendVarint(nil, int64(len(id))), id...) }
