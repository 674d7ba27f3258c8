package main

import (
	"time"

	"github.com/prometheus/prometheus/promql/parser"
)

// scaledExpr divides every duration of an expression.
func scaledExpr(text string) (string, error) {
	expr, err := promql().ParseExpr(text)
	if err != nil {
		return "", err
	}
	parser.Inspect(expr, func(n parser.Node, _ []parser.Node) error {
		switch n := n.(type) {
		case *parser.MatrixSelector:
			n.Range /= scale
		case *parser.SubqueryExpr:
			n.Range, n.Step = n.Range/scale, n.Step/scale
			n.OriginalOffset /= scale
		case *parser.VectorSelector:
			n.OriginalOffset /= time.Duration(scale)
		}
		return nil
	})
	return expr.String(), nil
}
