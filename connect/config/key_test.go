package config_test

import (
	"slices"
	"testing"

	"github.com/suiro/suiro/connect/config"
)

func TestKeysGetTheirPlaceAndNamesForPeople(t *testing.T) {
	d := config.New(
		config.Key{Name: "a", Group: "One"},
		config.Key{Name: "b", Group: "Two", DisplayName: "The b", Width: "LONG"},
		config.Key{Name: "c", Group: "One"},
		config.Key{Name: "d"},
		config.Key{Name: "e", Group: "One", OrderInGroup: 9},
	)
	type shown struct {
		name, width string
		order       int
	}
	want := map[string]shown{
		"a": {"a", "NONE", 1}, "b": {"The b", "LONG", 1}, "c": {"c", "NONE", 2}, "d": {"d", "NONE", -1}, "e": {"e", "NONE", 9},
	}
	for name, want := range want {
		k, ok := d.Key(name)
		if got := (shown{k.DisplayName, k.Width, k.OrderInGroup}); !ok || got != want {
			t.Errorf("key %s is shown as %v, want %v", name, got, want)
		}
	}
}

func TestDefaultTextIsWhatAnOperatorWouldWrite(t *testing.T) {
	for _, c := range []struct {
		key  config.Key
		want string
		ok   bool
	}{
		{config.Key{Name: "k", Type: config.Int, Default: 7}, "7", true},
		{config.Key{Name: "k", Type: config.Double, Default: 0.5}, "0.5", true},
		{config.Key{Name: "k", Type: config.Boolean, Default: "TRUE"}, "true", true},
		{config.Key{Name: "k", Type: config.List, Default: []string{"a", "b"}}, "a,b", true},
		{config.Key{Name: "k", Type: config.List, Default: ""}, "", true},
		{config.Key{Name: "k", Type: config.Password, Default: "top-secret"}, "[hidden]", true},
		{config.Key{Name: "k", Type: config.String}, "", false},
	} {
		declared, _ := config.New(c.key).Key("k")
		if got, ok := declared.DefaultText(); got != c.want || ok != c.ok {
			t.Errorf("DefaultText of %v = %q, %v, want %q, %v", c.key.Default, got, ok, c.want, c.ok)
		}
	}
}

func TestNamesFollowTheDeclaration(t *testing.T) {
	d := config.New(config.Key{Name: "z"}, config.Key{Name: "a"}).With(config.Key{Name: "m"})
	if got, want := d.Names(), []string{"z", "a", "m"}; !slices.Equal(got, want) {
		t.Errorf("Names = %q, want %q", got, want)
	}
	if _, ok := d.Key("b"); ok {
		t.Error("Key found a key that is not declared")
	}
}

// A caller that changes the keys that it got does not change the Def.
func TestKeysAreACopy(t *testing.T) {
	d := config.New(config.Key{Name: "a", Doc: "One."})
	d.Keys()[0].Doc = "Two."
	if k, _ := d.Key("a"); k.Doc != "One." {
		t.Errorf("doc = %q after a change of the copy, want One.", k.Doc)
	}
}

func TestTypesAndImportancesHaveKafkasNames(t *testing.T) {
	types := []config.Type{config.String, config.Boolean, config.Int, config.Short, config.Long, config.Double, config.List,
		config.Class, config.Password}
	var got []string
	for _, typ := range types {
		got = append(got, typ.String())
	}
	for _, i := range []config.Importance{config.High, config.Medium, config.Low} {
		got = append(got, i.String())
	}
	want := []string{"STRING", "BOOLEAN", "INT", "SHORT", "LONG", "DOUBLE", "LIST", "CLASS", "PASSWORD", "HIGH", "MEDIUM", "LOW"}
	if !slices.Equal(got, want) {
		t.Errorf("names = %q, want %q", got, want)
	}
}
