package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
)

// rulesFile is the file of the alert rules.
const rulesFile = "alerts.yml"

// promql parses expressions as Prometheus does.
func promql() parser.Parser { return parser.NewParser(parser.Options{}) }

// readRules reads alert rules as Prometheus does.
func readRules(file string) (*rulefmt.RuleGroups, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	groups, errs := rulefmt.Parse(text, false, model.LegacyValidation, promql(), slog.New(slog.DiscardHandler))
	if len(errs) > 0 {
		return nil, fmt.Errorf("%s: %w", file, errors.Join(errs...))
	}
	return groups, nil
}
