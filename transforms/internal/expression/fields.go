package expression

import (
	"errors"
	"fmt"
	"slices"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"
)

var (
	errNoFields = errors.New("expression: want names of fields with expressions, such as " +
		"{total: value.price * value.count, \"first name\": value.first}")
	errComputedName = errors.New("expression: the name of a field is computed: write it as text")
)

// Fields compiles names of fields with an expression for each, as the language writes a
// map. It returns the names in their order; the result of Run is a map of them.
func Fields(text string) (*Expression, []string, error) {
	tree, err := parser.Parse(text)
	if err != nil {
		return nil, nil, fmt.Errorf("expression: %s", shortened(err))
	}
	all, ok := tree.Node.(*ast.MapNode)
	if !ok || len(all.Pairs) == 0 {
		return nil, nil, errNoFields
	}
	var names []string
	for _, node := range all.Pairs {
		pair, _ := node.(*ast.PairNode)
		name, ok := pair.Key.(*ast.StringNode)
		switch {
		case !ok:
			return nil, nil, errComputedName
		case slices.Contains(names, name.Value):
			return nil, nil, fmt.Errorf("expression: field %.80q is there twice: name it once", name.Value)
		}
		names = append(names, name.Value)
	}
	e, err := Any(text)
	return e, names, err
}
