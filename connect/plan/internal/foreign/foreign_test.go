package foreign

import (
	"slices"
	"testing"

	"github.com/suiro/suiro/connect/config"
)

func TestAcceptWarnsOfForeignKeysAndRefusesTheRest(t *testing.T) {
	lists := []Keys{
		{"another part reads it", []string{"license", "monitoring."}},
		{"it has gone", []string{"schemas."}},
	}
	for name, c := range map[string]struct {
		key      string
		declared []string
		want     string // "" refuses the key
	}{
		"a key of the list":                {"p.license", nil, "p.license has no effect: another part reads it"},
		"below a beginning of the list":    {"p.monitoring.port", nil, "p.monitoring.port has no effect: another part reads it"},
		"a comment":                        {"p._note", nil, "p._note has no effect: it is a comment"},
		"a key that nobody has":            {"p.lisense", nil, ""},
		"a beginning alone":                {"p.monitoring", nil, ""},
		"below a beginning that is in use": {"p.schemas.enabel", []string{"schemas.enable"}, ""},
	} {
		warnings, refused := Accept(config.Errors{config.UnknownKey(c.key, nil)}, "p.", c.declared, lists)
		var want []string
		if c.want != "" {
			want = []string{c.want}
		}
		if !slices.Equal(warnings, want) || (len(refused) == 0) != (c.want != "") {
			t.Errorf("%s: warnings %q, refused %v, want the warnings %q", name, warnings, refused, want)
		}
	}
}
