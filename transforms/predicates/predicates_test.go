package predicates

import (
	"fmt"
	"testing"

	"github.com/suiro/suiro/connect"
)

func TestPredicates(t *testing.T) {
	plain := connect.Record{Topic: "access-json", Value: connect.Decoded(nil, "x"), Headers: []connect.Header{{Key: "h"}}}
	tombstone := connect.Record{Topic: "my-access", Value: connect.Undecoded("t", nil, nil)}
	tests := []struct {
		name             string
		props            map[string]string
		plain, tombstone bool
	}{
		{"TopicNameMatches", map[string]string{"pattern": "access.*"}, true, false},
		{"TopicNameMatches", map[string]string{"pattern": "a|.*access"}, false, true},
		{"HasHeaderKey", map[string]string{"name": "h"}, true, false},
		{"HasHeaderKey", map[string]string{"name": "H"}, false, false},
		{"RecordIsTombstone", nil, false, true},
	}
	for _, tt := range tests {
		p := predicate(t, tt.name, tt.props)
		if got := p.Test(&plain); got != tt.plain {
			t.Errorf("%s %v of a record = %v", tt.name, tt.props, got)
		}
		if got := p.Test(&tombstone); got != tt.tombstone {
			t.Errorf("%s %v of a tombstone = %v", tt.name, tt.props, got)
		}
	}
}

func predicate(t *testing.T, name string, props map[string]string) connect.Predicate {
	t.Helper()
	for _, plugin := range Plugins() {
		if !plugin.Is(name) {
			continue
		}
		c, err := plugin.Def.Parse(props)
		if err != nil {
			t.Fatal(err)
		}
		p, err := plugin.New(c)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	t.Fatalf("no predicate %s", name)
	return nil
}

func TestBadConfigIsRefused(t *testing.T) {
	for _, plugin := range Plugins()[:2] {
		for _, props := range []map[string]string{{}, {"pattern": "(", "name": ""}} {
			if _, err := plugin.Def.Parse(props); err == nil {
				t.Errorf("%s accepts %v", plugin.Class, props)
			}
		}
	}
}

func ExampleTopicNameMatches() {
	p, err := NewTopicNameMatches("access-.*")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.Test(&connect.Record{Topic: "access-json"}), p.Test(&connect.Record{Topic: "my-access-json"}))
	// Output: true false
}
