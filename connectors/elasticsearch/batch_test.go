package elasticsearch

import (
	"testing"

	"github.com/suiro/suiro/connectors/elasticsearch/internal/bulk"
	"github.com/suiro/suiro/connectors/elasticsearch/internal/cluster"
)

// A result in the place of another document would settle the wrong record.
func TestResultsInAnotherOrderAreNotTaken(t *testing.T) {
	b := &batch{}
	for _, line := range []string{`{"index":{"_index":"i","_id":"a"}}`, `{"index":{"_index":"i","_id":"b"}}`} {
		from := len(b.body)
		b.body = append(b.body, line+"\n{}\n"...)
		b.items = append(b.items, item{from: from, to: len(b.body), op: bulk.Index})
	}
	result := func(op, id string) cluster.ItemResult { return cluster.ItemResult{Op: op, ID: id, Status: 201} }
	for name, c := range map[string]struct {
		results []cluster.ItemResult
		ok      bool
	}{
		"in order":          {[]cluster.ItemResult{result("index", "a"), result("index", "b")}, true},
		"without ids":       {[]cluster.ItemResult{result("index", ""), result("index", "")}, true},
		"all succeeded":     {nil, true},
		"in another order":  {[]cluster.ItemResult{result("index", "b"), result("index", "a")}, false},
		"another operation": {[]cluster.ItemResult{result("index", "a"), result("delete", "b")}, false},
	} {
		if err := b.answeredBy(c.results); (err == nil) != c.ok {
			t.Errorf("results %s: %v, want accepted %v", name, err, c.ok)
		}
	}
}
