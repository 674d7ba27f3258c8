//go:build integration

package elasticsearch

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
)

// faulty is a proxy in front of a server that refuses some requests, and hides
// the answers to others.
func faulty(t *testing.T, to string, random *rand.Rand) string {
	target, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ErrorLog = log.New(io.Discard, "", 0)
	var mu sync.Mutex // guards random
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		n := random.IntN(8)
		mu.Unlock()
		switch {
		case r.URL.Path == "/_bulk" && n == 0:
			w.WriteHeader(http.StatusServiceUnavailable)
		case r.URL.Path == "/_bulk" && n == 1:
			proxy.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		default:
			proxy.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// TestPartitionsMoveOnTheRealServer moves a partition of writes and deletes from
// task to task, each of which reads again what was not committed. Every key ends
// as its last record says.
func TestPartitionsMoveOnTheRealServer(t *testing.T) {
	server := sharedES(t)
	for _, method := range []string{"insert", "upsert"} {
		t.Run(method, func(t *testing.T) {
			seed := rand.Uint64()
			t.Logf("seed %d", seed)
			random := rand.New(rand.NewPCG(seed, 0))
			tp := topicFor(t, server)
			proxy := faulty(t, server, rand.New(rand.NewPCG(seed, 1)))
			const n, keys = 800, 13
			records, want := make([]*connect.SinkRecord, n), map[string]string{}
			for o := range int64(n) {
				key, value := fmt.Sprint("k", random.IntN(keys)), fmt.Sprintf(`{"n":%d}`, o)
				if random.IntN(4) == 0 {
					value = ""
				}
				records[o], want[key] = keyed(tp, o, key, value), value
			}
			var committed int64
			for committed < n {
				s := connecttest.StartSink(t, Plugin().Info, &SinkTask{}, quickly(proxy, "key.ignore", "false",
					"write.method", method, "behavior.on.null.values", "delete", "batch.size", "20"))
				s.Open(tp)
				first, next := committed, committed
				waitFor(t, "something to be committed", func() bool {
					to := min(n, next+random.Int64N(60))
					s.Put(records[next:to]...)
					next = to
					got, err := s.Task.PreCommit(t.Context(), connect.Offsets{tp: next})
					if err != nil {
						t.Fatal(err)
					}
					committed = max(committed, got[tp])
					return committed > first
				})
				lost := random.IntN(2) == 0 && method == "insert" // updates that are cancelled have no version to stop them
				s.Close(lost, tp)
				s.Stop()
			}
			for key, value := range want {
				var doc struct {
					Found  bool
					Source json.RawMessage `json:"_source"`
				}
				if err := json.Unmarshal(call(t, "GET", server+"/"+tp.Topic+"/_doc/"+key, ""), &doc); err != nil {
					t.Fatal(err)
				}
				if doc.Found != (value != "") || string(doc.Source) != value {
					t.Errorf("%s = %s, want %s", key, doc.Source, value)
				}
			}
		})
	}
}
