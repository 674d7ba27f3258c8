package elasticsearch

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/suiro/suiro/connectors/elasticsearch/internal/cluster"
)

// fakeDoc is a document of the fake, or the tombstone of one.
type fakeDoc struct {
	source  map[string]any
	version int64
	deleted bool
}

// fakeOp is one operation of a bulk body.
type fakeOp struct {
	kind    string
	index   string
	id      string
	version int64
	ext     string // version_type
	doc     map[string]any
	raw     string
}

// fault is what the fake does wrong with one bulk request. With neither a status
// nor drop it is only slow, and does nothing for a client that is gone.
type fault struct {
	status int           // answer with this status, having done nothing
	kind   string        // the error's type
	apply  bool          // do the work first
	drop   bool          // close the connection instead of answering
	hang   chan struct{} // wait until closed or the client is gone
}

// fakeES is enough of Elasticsearch to serve this sink: bulk with external
// versions, create, update and delete, indices and mappings.
type fakeES struct {
	t      *testing.T
	server *httptest.Server
	// slowReads is how long an answer to a multi-get takes.
	slowReads time.Duration

	mu       sync.Mutex // guards the rest
	docs     map[string]map[string]fakeDoc
	mappings map[string]map[string]json.RawMessage // by index
	bulks    [][]fakeOp                            // every bulk request, as it came
	inFlight map[string]int
	overlaps []string // ids that two requests carried at a time
	maxBody  int
	strict   bool // does not create indices by itself
	product  string
	root     int // status of GET /
	calls    []string

	// onBulk may break a whole request, onItem a single operation; both are
	// called with the fake locked. n counts from 1.
	onBulk func(n int, ops []fakeOp) *fault
	onItem func(n int, op fakeOp) *cluster.ItemResult
	// refuse gives the status of a request that is refused, 0 for none.
	refuse  func(method, path string) int
	refusal string // the error's type then
	// applied is told of every operation done.
	applied func(op fakeOp)
}

func newFakeES(t *testing.T) *fakeES {
	f := unstartedFakeES(t)
	f.server.Start()
	return f
}

func unstartedFakeES(t *testing.T) *fakeES {
	f := &fakeES{t: t, product: "Elasticsearch", docs: map[string]map[string]fakeDoc{},
		mappings: map[string]map[string]json.RawMessage{}, inFlight: map[string]int{}}
	f.server = httptest.NewUnstartedServer(f)
	t.Cleanup(f.server.Close)
	return f
}

func (f *fakeES) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if f.product != "" {
		w.Header().Set("X-Elastic-Product", f.product)
	}
	w.Header().Set("Content-Type", "application/json")
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	if r.URL.Path == "/_bulk" {
		f.bulk(w, r, body)
		return
	}
	if r.URL.Path == "/_mget" {
		select {
		case <-time.After(f.slowReads):
		case <-r.Context().Done():
			return
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, r.Method+" "+r.URL.Path)
	if f.refuse != nil && r.URL.Path != "/" {
		if status := f.refuse(r.Method, r.URL.Path); status != 0 {
			w.WriteHeader(status)
			fmt.Fprintf(w, `{"error":{"type":%q,"reason":"as told"},"status":%d}`, cmp.Or(f.refusal, "as_told"), status)
			return
		}
	}
	name := strings.Split(strings.TrimPrefix(r.URL.Path, "/"), "/")[0]
	switch {
	case r.URL.Path == "/_mget":
		w.Write(f.mget(body))
	case r.URL.Path == "/":
		if f.root != 0 {
			w.WriteHeader(f.root)
		}
		fmt.Fprint(w, `{"version":{"number":"8.19.21"}}`)
	case r.Method == "PUT" && strings.HasSuffix(r.URL.Path, "/_mapping"):
		f.putMapping(name, body)
		fmt.Fprint(w, `{"acknowledged":true}`)
	case r.Method == "PUT" && strings.HasSuffix(r.URL.Path, "/_settings"):
		fmt.Fprint(w, `{"acknowledged":true}`)
	case r.Method == "PUT":
		name = strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, "/_data_stream/"), "/")
		f.create(name)
		var how struct{ Mappings json.RawMessage }
		if len(body) > 0 && json.Unmarshal(body, &how) == nil {
			f.putMapping(name, how.Mappings)
		}
		fmt.Fprint(w, `{"acknowledged":true}`)
	case f.docs[name] == nil:
		w.WriteHeader(404)
		fmt.Fprint(w, `{"error":{"type":"index_not_found_exception","reason":"no such index"},"status":404}`)
	default:
		b, _ := json.Marshal(map[string]any{name: map[string]any{"mappings": f.mapping(name)}})
		w.Write(b)
	}
}

// mget returns documents by index and id; broken ones are not found.
func (f *fakeES) mget(body []byte) []byte {
	var ask struct{ Docs []cluster.DocumentRef }
	if err := json.Unmarshal(body, &ask); err != nil {
		f.t.Errorf("multi-get of %s: %v", body, err)
	}
	docs := make([]map[string]any, len(ask.Docs))
	for i, ref := range ask.Docs {
		docs[i] = map[string]any{"_id": ref.ID}
		if d, ok := f.docs[ref.Index][ref.ID]; ok && !d.deleted {
			docs[i]["_source"] = d.source
		}
	}
	b, _ := json.Marshal(map[string]any{"docs": docs})
	return b
}

// mapping returns what an index says about fields; the fake is locked.
func (f *fakeES) mapping(index string) map[string]json.RawMessage {
	if f.mappings[index] == nil {
		f.mappings[index] = map[string]json.RawMessage{}
	}
	return f.mappings[index]
}

// putMapping adds to the mapping of an index; the fake is locked.
func (f *fakeES) putMapping(index string, mapping []byte) {
	m := f.mapping(index)
	if err := json.Unmarshal(mapping, &m); err != nil {
		f.t.Errorf("mapping of %s: %s: %v", index, mapping, err)
	}
}

func (f *fakeES) create(index string) {
	if f.docs[index] == nil {
		f.docs[index] = map[string]fakeDoc{}
	}
}

func (f *fakeES) bulk(w http.ResponseWriter, r *http.Request, body []byte) {
	if f.maxBody > 0 && len(body) > f.maxBody {
		w.WriteHeader(413)
		return
	}
	ops, err := parseBulk(body)
	if err != nil {
		w.WriteHeader(400)
		fmt.Fprintf(w, `{"error":{"type":"illegal_argument_exception","reason":%q},"status":400}`, err)
		return
	}
	f.mu.Lock()
	f.bulks = append(f.bulks, ops)
	n := len(f.bulks)
	f.enter(ops)
	var ft *fault
	if f.onBulk != nil {
		ft = f.onBulk(n, ops)
	}
	f.mu.Unlock()
	defer f.leave(ops)
	if ft != nil && ft.hang != nil {
		select {
		case <-ft.hang:
		case <-r.Context().Done():
		}
	}
	slow := ft != nil && ft.status == 0 && !ft.drop
	if slow && r.Context().Err() != nil {
		return
	}
	if ft == nil || ft.apply || slow {
		answer := f.apply(n, ops)
		if ft == nil || slow {
			w.Write(answer)
			return
		}
	}
	if ft.drop {
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(ft.status)
	fmt.Fprintf(w, `{"error":{"type":%q,"reason":"as told"},"status":%d}`, ft.kind, ft.status)
}

// enter and leave watch for ids in two requests at a time.
func (f *fakeES) enter(ops []fakeOp) {
	seen := map[string]bool{}
	for _, op := range ops {
		key := op.index + "/" + op.id
		if seen[key] || op.id == "" {
			continue
		}
		seen[key] = true
		if f.inFlight[key]++; f.inFlight[key] > 1 {
			f.overlaps = append(f.overlaps, key)
		}
	}
}

func (f *fakeES) leave(ops []fakeOp) {
	f.mu.Lock()
	defer f.mu.Unlock()
	seen := map[string]bool{}
	for _, op := range ops {
		if key := op.index + "/" + op.id; !seen[key] && op.id != "" {
			seen[key] = true
			f.inFlight[key]--
		}
	}
}

func (f *fakeES) apply(n int, ops []fakeOp) []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	failed := false
	items := make([]map[string]any, len(ops))
	for i, op := range ops {
		var r cluster.ItemResult
		if bad := f.broken(n, op); bad != nil {
			r = *bad
		} else {
			r = f.do(op)
		}
		failed = failed || r.Error != nil
		items[i] = map[string]any{op.kind: answerOf(r)}
	}
	b, _ := json.Marshal(items)
	return fmt.Appendf(nil, `{"errors":%v,"items":%s}`, failed, b)
}

// answerOf is a result as Elasticsearch writes it.
func answerOf(r cluster.ItemResult) map[string]any {
	out := map[string]any{"status": r.Status}
	if e := r.Error; e != nil {
		out["error"] = map[string]any{"type": e.Type, "reason": e.Reason, "index": e.Index,
			"caused_by": map[string]any{"reason": e.Cause}}
	}
	return out
}

func (f *fakeES) broken(n int, op fakeOp) *cluster.ItemResult {
	if f.strict && f.docs[op.index] == nil {
		return &cluster.ItemResult{Status: 404, Error: &cluster.ItemError{Type: "index_not_found_exception", Index: op.index}}
	}
	if f.onItem == nil {
		return nil
	}
	return f.onItem(n, op)
}

func (f *fakeES) do(op fakeOp) cluster.ItemResult {
	f.create(op.index)
	if op.id == "" {
		op.id = fmt.Sprintf("auto-%d", len(f.docs[op.index]))
	}
	old, found := f.docs[op.index][op.id]
	conflict := cluster.ItemResult{Status: 409, Error: &cluster.ItemError{Type: "version_conflict_engine_exception",
		Reason: "newer is there", Index: op.index}}
	if op.kind != "create" && op.ext == "" {
		op.version = old.version + 1
	}
	if op.ext != "" && found && (old.version > op.version || old.version == op.version && op.ext == "external") ||
		op.kind == "create" && found && !old.deleted {
		return conflict
	}
	next := fakeDoc{source: op.doc, version: op.version, deleted: op.kind == "delete"}
	if op.kind == "update" {
		next.source = map[string]any{}
		for k, v := range old.source {
			next.source[k] = v
		}
		for k, v := range op.doc["doc"].(map[string]any) {
			next.source[k] = v
		}
	}
	f.docs[op.index][op.id] = next
	if f.applied != nil {
		f.applied(op)
	}
	switch {
	case op.kind == "delete" && (!found || old.deleted):
		return cluster.ItemResult{Status: 404}
	case found:
		return cluster.ItemResult{Status: 200}
	}
	return cluster.ItemResult{Status: 201}
}

func parseBulk(body []byte) ([]fakeOp, error) {
	var ops []fakeOp
	lines := bytes.Split(bytes.TrimSuffix(body, []byte("\n")), []byte("\n"))
	for i := 0; i < len(lines); i++ {
		var action map[string]struct {
			Index       string `json:"_index"`
			ID          string `json:"_id"`
			Version     int64  `json:"version"`
			VersionType string `json:"version_type"`
		}
		if err := json.Unmarshal(lines[i], &action); err != nil || len(action) != 1 {
			return nil, fmt.Errorf("line %d is not an action: %s", i, lines[i])
		}
		for kind, a := range action {
			op := fakeOp{kind: kind, index: a.Index, id: a.ID, version: a.Version, ext: a.VersionType}
			if kind != "delete" {
				if i++; i == len(lines) {
					return nil, fmt.Errorf("no document")
				}
				op.raw = string(lines[i])
				if err := json.Unmarshal(lines[i], &op.doc); err != nil {
					return nil, fmt.Errorf("line %d is not a document", i)
				}
				if op.doc["poison"] == true {
					return nil, fmt.Errorf("poisoned")
				}
			}
			ops = append(ops, op)
		}
	}
	return ops, nil
}

// live returns the documents of an index that are not deleted, as JSON.
func (f *fakeES) live(index string) map[string]string {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := map[string]string{}
	for id, d := range f.docs[index] {
		if !d.deleted {
			b, _ := json.Marshal(d.source)
			out[id] = string(b)
		}
	}
	return out
}

func (f *fakeES) bulkCount() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.bulks)
}

// gunzip undoes the compression of bodies before h sees them.
func gunzip(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Content-Encoding") == "gzip" {
			z, err := gzip.NewReader(r.Body)
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			r.Body = io.NopCloser(z)
		}
		h.ServeHTTP(w, r)
	})
}
