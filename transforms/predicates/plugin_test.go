package predicates

import (
	"testing"

	"github.com/suiro/suiro/connect"
)

func header(keys ...string) *connect.Record {
	r := &connect.Record{Topic: "t"}
	for _, key := range keys {
		r.Headers = append(r.Headers, connect.Header{Key: key})
	}
	return r
}

// created configures a predicate as a worker does.
func created(t *testing.T, p connect.PredicatePlugin, props map[string]string) connect.Predicate {
	t.Helper()
	v, err := p.Def.Parse(props)
	if err != nil {
		t.Fatal(err)
	}
	made, err := p.New(v)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func refused(t *testing.T, p connect.PredicatePlugin, props map[string]string) {
	t.Helper()
	if _, err := p.Def.Parse(props); err == nil {
		t.Errorf("%s accepts %v", p.Class, props)
	}
}
