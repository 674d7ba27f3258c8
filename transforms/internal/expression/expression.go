// Package expression evaluates expressions over records, for predicates and
// transforms. The language is that of expr-lang.org, without what would give another
// answer at another time. An expression sees
//
//	topic      text
//	partition  a number, or nil when the record has none
//	offset     a number, or nil for a record of a source
//	timestamp  a time in UTC, or nil
//	key        the key: a number, text, list or map, nil for null
//	value      the value
//	headers    a map of the headers; of several with one name, the last counts
//
// Only what an expression mentions is decoded. A struct is a map. A number that neither
// 64 bits nor a float hold without loss, such as a Decimal, is a float.
package expression

import (
	"encoding/json"
	"fmt"
	"math/big"
	"reflect"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/vm"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/data"
)

// Expression is a compiled expression. It is safe for concurrent use.
type Expression struct {
	program *vm.Program
	uses    uses
}

// env is what an expression sees.
type env struct {
	Topic     string         `expr:"topic"`
	Partition any            `expr:"partition"`
	Offset    any            `expr:"offset"`
	Timestamp any            `expr:"timestamp"`
	Key       any            `expr:"key"`
	Value     any            `expr:"value"`
	Headers   map[string]any `expr:"headers"`
}

// uses says which parts of a record an expression mentions.
type uses struct{ key, value, headers bool }

// Visit is called for each node of an expression.
func (u *uses) Visit(node *ast.Node) {
	name, _ := (*node).(*ast.IdentifierNode)
	if name == nil {
		return
	}
	all := name.Value == "$env"
	u.key = u.key || all || name.Value == "key"
	u.value = u.value || all || name.Value == "value"
	u.headers = u.headers || all || name.Value == "headers"
}

// Bool compiles an expression that is true or false.
func Bool(text string) (*Expression, error) { return compile(text, expr.AsBool()) }

// Text compiles an expression that is text.
func Text(text string) (*Expression, error) { return compile(text, expr.AsKind(reflect.String)) }

// Any compiles an expression of any type.
func Any(text string) (*Expression, error) { return compile(text, expr.AsAny()) }

func compile(text string, kind expr.Option) (*Expression, error) {
	e := &Expression{}
	program, err := expr.Compile(text, expr.Env(env{}), kind, expr.DisableBuiltin("now"), expr.Timezone("UTC"),
		expr.Patch(&e.uses))
	if err != nil {
		return nil, fmt.Errorf("expression: %s", shortened(err))
	}
	e.program = program
	return e, nil
}

// shortened is what an error of the language says, on one line.
func shortened(err error) string {
	first, _, _ := strings.Cut(err.Error(), "\n")
	return fmt.Sprintf("%.300s", first)
}

// Run evaluates the expression for a record, to Connect's data without a schema. It
// never changes r.
func (e *Expression) Run(r *connect.Record) (any, error) {
	in := env{Topic: r.Topic}
	if n, chosen := r.Partition.Number(); chosen {
		in.Partition = n
	}
	if r.Offset >= 0 {
		in.Offset = r.Offset
	}
	if !r.Timestamp.IsZero() {
		in.Timestamp = r.Timestamp.UTC()
	}
	if e.uses.key {
		_, v, err := r.Key.Decode()
		if err != nil {
			return nil, err
		}
		in.Key = plain(v)
	}
	if e.uses.value {
		_, v, err := r.Value.Decode()
		if err != nil {
			return nil, err
		}
		in.Value = plain(v)
	}
	if e.uses.headers {
		in.Headers = make(map[string]any, len(r.Headers))
		for _, h := range r.Headers {
			in.Headers[h.Key] = plain(h.Value)
		}
	}
	out, err := expr.Run(e.program, in)
	if err == nil {
		out, err = result(out)
	}
	if err != nil {
		return nil, &Error{r.Topic, shortened(err)}
	}
	return out, nil
}

// Error is returned by Run when the expression itself fails for a record, as value.a.b
// does when a is null. Any other error is about decoding the record.
type Error struct{ topic, reason string }

// Error names the topic of the record.
func (e *Error) Error() string {
	return fmt.Sprintf("expression, for a record of topic %.249s: %s", e.topic, e.reason)
}

// plain returns v as the language knows values. It copies only what has something
// that the language does not know.
func plain(v any) any {
	switch v := v.(type) {
	case json.Number:
		f, _ := v.Float64()
		return f
	case *big.Rat:
		f, _ := v.Float64()
		return f
	case data.Pairs:
		out := make([]any, len(v))
		for i, p := range v {
			out[i] = []any{plain(p.Key), plain(p.Value)}
		}
		return out
	case map[any]any:
		return plainMap(v)
	case map[string]any:
		return plainMap(v)
	case []any:
		for i, item := range v {
			p := plain(item)
			if same(p, item) {
				continue
			}
			out := append([]any{}, v...)
			for j := i; j < len(v); j++ {
				out[j] = plain(v[j])
			}
			return out
		}
	}
	return v
}

// plainMap copies m when it has something that the language does not know.
func plainMap[K comparable](m map[K]any) any {
	var out map[K]any
	for k, v := range m {
		p := plain(v)
		if same(p, v) {
			continue
		}
		if out == nil {
			out = make(map[K]any, len(m))
			for k, v := range m {
				out[k] = v
			}
		}
		out[k] = p
	}
	if out == nil {
		return m
	}
	return out
}

// same reports whether plain returned what it was given.
func same(a, b any) bool {
	x, y := reflect.ValueOf(a), reflect.ValueOf(b)
	if !x.IsValid() || !y.IsValid() {
		return x.IsValid() == y.IsValid()
	}
	if x.Type() != y.Type() {
		return false
	}
	switch x.Kind() {
	case reflect.Map:
		return x.Pointer() == y.Pointer()
	case reflect.Slice:
		return x.Len() == 0 || x.Pointer() == y.Pointer()
	}
	return true
}
