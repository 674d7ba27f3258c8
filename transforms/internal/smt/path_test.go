package smt

import (
	"reflect"
	"strings"
	"testing"

	"github.com/suiro/suiro/connect/data"
)

func TestParsePath(t *testing.T) {
	for text, want := range map[string]Path{
		"a": {"a"}, "a.b": {"a", "b"}, "a.": {"a", ""}, ".": {"", ""}, "`a.b`.c": {"a.b", "c"}, "``": {""}, "`a`b`": {"a`b"},
		"`a\\`.b`": {"a`.b"}, "a`.b": {"a`", "b"}, "`a\\b`": {"a\\b"}, "`a\\`b`": {"a\\`b"},
		"": nil, "`": nil, "`a.b": nil, "a.`b": nil, "`a\\`": nil,
	} {
		got, err := ParsePath(text, V2)
		if !reflect.DeepEqual(got, want) || (err == nil) != (want != nil) {
			t.Errorf("ParsePath(%s) = %q, %v, want %q", text, got, err, want)
		}
	}
	if got, err := ParsePath("a.`b", ""); err != nil || !reflect.DeepEqual(got, Path{"a.`b"}) {
		t.Errorf("with V1: %q, %v, want the text as one name", got, err)
	}
}

func TestATreeChangesAFieldOnce(t *testing.T) {
	for _, paths := range [][]Path{{{"a"}, {"a"}}, {{"a"}, {"a", "b"}}, {{"a", "b"}, {"a"}}} {
		var tree Tree[int]
		first, second := tree.Add(paths[0], 1), tree.Add(paths[1], 2)
		if first != nil || second == nil {
			t.Errorf("Add of %q = %v, %v, want an error for the second alone", paths, first, second)
		}
	}
}

// FuzzParsePath quotes each step of a path: they must come out as they are.
func FuzzParsePath(f *testing.F) {
	f.Add("a.b", "c")
	f.Add("`a\\`.b`.c", "`")
	f.Add("a\\", ".")
	f.Fuzz(func(t *testing.T, text, name string) {
		p, err := ParsePath(text, V2)
		if (err == nil) != (len(p) > 0) {
			t.Errorf("ParsePath(%q) = %q, %v", text, p, err)
		}
		if _, err := p.Get(nil, map[string]any{text: nil}, true); err != nil {
			t.Errorf("Get of %q: %v", p, err)
		}
		if strings.ContainsAny(name, "`\\") {
			return
		}
		got, err := ParsePath("`"+name+"`.x", V2)
		if want := (Path{name, "x"}); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("ParsePath of %q quoted = %q, %v", name, got, err)
		}
	})
}

func TestASchemaIsChangedWithItsDefault(t *testing.T) {
	inner := &data.Schema{Kind: data.Struct, Fields: []data.Field{{Name: "b", Schema: &data.Schema{Kind: data.Int8}}},
		Default: map[string]any{"b": int8(1)}}
	s := &data.Schema{Kind: data.Struct, Fields: []data.Field{{Name: "a", Schema: inner}}}
	var tree Tree[data.Kind]
	if err := tree.Add(Path{"a", "b"}, data.Int64); err != nil {
		t.Fatal(err)
	}
	got := tree.Schema(s, func(k data.Kind, _ *data.Schema) *data.Schema { return &data.Schema{Kind: k} },
		func(_ data.Kind, _ *data.Schema, v any) (any, error) { return int64(v.(int8)), nil })
	want := &data.Schema{Kind: data.Struct, Fields: []data.Field{{Name: "b", Schema: &data.Schema{Kind: data.Int64}}},
		Default: map[string]any{"b": int64(1)}}
	if !got.Field("a").Schema.Equal(want) {
		t.Errorf("the schema of the inner struct is %+v, want %+v", got.Field("a").Schema, want)
	}
}
