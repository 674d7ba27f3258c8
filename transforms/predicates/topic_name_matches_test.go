package predicates

import (
	"fmt"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/connecttest"
)

func TestTopicNameMatchesKeepsThePromises(t *testing.T) {
	p, err := NewTopicNameMatches(TopicNameMatchesConfig{Pattern: "a.*"})
	if err != nil {
		t.Fatal(err)
	}
	connecttest.RunPredicate(t, p, &connect.Record{Topic: "ab"}, &connect.Record{Topic: "ba"})
}

func TestTopicNameMatchesTheWholeTopic(t *testing.T) {
	for pattern, want := range map[string]bool{
		"access.*": true, "access": false, "json": false, "a|access-json": true, `\p{Alpha}+-[a-z]+`: true, "(?i)ACCESS-JSON": true,
		"(?!access).*": false, "[a-z-&&[^x]]+": true, "access-++json": true,
	} {
		p := created(t, TopicNameMatchesPlugin(), map[string]string{"pattern": pattern})
		if got, err := p.Test(&connect.Record{Topic: "access-json"}); got != want || err != nil {
			t.Errorf("%s of access-json = %v, %v, want %v", pattern, got, err, want)
		}
	}
}

func TestTopicNameMatchesNeedsAnExpression(t *testing.T) {
	for _, props := range []map[string]string{{}, {"pattern": ""}, {"pattern": "("}, {"pattern": "(?x)a"}} {
		refused(t, TopicNameMatchesPlugin(), props)
	}
}

func ExampleTopicNameMatches() {
	p, err := NewTopicNameMatches(TopicNameMatchesConfig{Pattern: "access-.*"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.Test(&connect.Record{Topic: "access-json"}))
	fmt.Println(p.Test(&connect.Record{Topic: "my-access-json"}))
	// Output:
	// true <nil>
	// false <nil>
}
