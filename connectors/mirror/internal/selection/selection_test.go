package selection_test

import (
	"testing"

	"github.com/suiro/suiro/connectors/mirror/internal/selection"
)

func TestNamesAreChosenByLists(t *testing.T) {
	for _, c := range []struct {
		include, exclude []string
		name             string
		want             bool
	}{
		{[]string{".*"}, nil, "orders", true},
		{nil, nil, "orders", false},
		{[]string{"orders"}, nil, "orders", true},
		{[]string{"orders"}, nil, "orders2", false},
		{[]string{"or", "cust.*"}, nil, "customers", true},
		{[]string{"or", "cust.*"}, nil, "order", false},
		{[]string{".*"}, []string{`mm2.*\.internal`, `.*\.replica`, "__.*"}, "mm2-offset-syncs.a.internal", false},
		{[]string{".*"}, []string{`mm2.*\.internal`, `.*\.replica`, "__.*"}, "users.internal", true},
		{[]string{".*"}, []string{`mm2.*\.internal`, `.*\.replica`, "__.*"}, "__consumer_offsets", false},
		{[]string{`(?!secret).*`}, nil, "secret.orders", false}, // Java's look-ahead
		{[]string{`(?!secret).*`}, nil, "orders", true},
	} {
		s, err := selection.New(c.include, c.exclude)
		if err != nil {
			t.Fatalf("New(%q, %q): %v", c.include, c.exclude, err)
		}
		if got, err := s.Chooses(c.name); got != c.want || err != nil {
			t.Errorf("%q without %q: Chooses(%s) = %v, %v, want %v", c.include, c.exclude, c.name, got, err, c.want)
		}
	}
}

func TestListsThatAreNoExpressionsAreRefused(t *testing.T) {
	if err := selection.Valid([]string{"a", "("}); err == nil {
		t.Error("Valid([a (]) = nil, want an error")
	}
	if _, err := selection.New([]string{"a"}, []string{"["}); err == nil {
		t.Error("New([a], [[]) gave no error")
	}
	if err := selection.Valid([]string{"a.*", "b"}); err != nil {
		t.Errorf("Valid([a.* b]) = %v", err)
	}
}
