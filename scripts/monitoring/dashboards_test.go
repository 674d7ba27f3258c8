package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

// imported are the rows and panels of a dashboard as Grafana's own schema reads
// them, which refuses what it does not know.
func imported(t *testing.T, b board) (rows []dashboard.RowPanel, panels []dashboard.Panel) {
	t.Helper()
	cog.NewRuntime().RegisterPanelcfgVariant(stat.VariantConfig())
	cog.NewRuntime().RegisterPanelcfgVariant(timeseries.VariantConfig())
	cog.NewRuntime().RegisterDataqueryVariant(prometheus.VariantConfig())
	text, err := os.ReadFile(filepath.Join(folder, b.UID+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var d dashboard.Dashboard //lint:ignore SA1019 the form that every version of Grafana imports
	var raw struct {
		Panels []json.RawMessage `json:"panels"`
	}
	valid(t, b.UID, d.UnmarshalJSONStrict(text), d.Validate(), json.Unmarshal(text, &raw))
	for i, text := range raw.Panels {
		name := fmt.Sprintf("%s, panel %d", b.UID, i)
		var p dashboard.Panel
		var r dashboard.RowPanel
		if strings.Contains(string(text), `"type": "row"`) {
			valid(t, name, r.UnmarshalJSONStrict(text), r.Validate())
			rows = append(rows, r)
			continue
		}
		valid(t, name, p.UnmarshalJSONStrict(text), p.Validate())
		panels = append(panels, p)
	}
	return rows, panels
}

// valid fails the test on an error of the schema. Reading a panel ends with a list
// of errors even where there is none.
func valid(t *testing.T, what string, errs ...error) {
	t.Helper()
	for _, err := range errs {
		var list cog.BuildErrors
		if err != nil && (!errors.As(err, &list) || len(list) > 0) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func boards(t *testing.T) []board {
	t.Helper()
	boards, err := readBoards()
	if err != nil {
		t.Fatal(err)
	}
	return boards
}

func TestGrafanasSchemaTakesTheDashboards(t *testing.T) {
	for _, b := range boards(t) {
		rows, panels := imported(t, b)
		ids := map[uint32]bool{}
		for _, r := range rows {
			ids[r.Id] = true
		}
		want := len(b.Rows)
		for _, r := range b.Rows {
			want += len(r.Panels)
		}
		for _, p := range panels {
			ids[*p.Id] = true
			if at := p.GridPos; at.X+at.W > 24 {
				t.Errorf("%s: %s reaches beyond the 24 columns: %+v", b.UID, *p.Title, *at)
			}
			for _, other := range panels {
				if *other.Id < *p.Id && overlap(*other.GridPos, *p.GridPos) {
					t.Errorf("%s: %s lies on %s", b.UID, *p.Title, *other.Title)
				}
			}
			if *p.Datasource.Uid != "${datasource}" {
				t.Errorf("%s: %s has a data source of its own", b.UID, *p.Title)
			}
		}
		if len(ids) != want {
			t.Errorf("%s: %d ids for %d rows and panels", b.UID, len(ids), want)
		}
	}
}

func overlap(a, b dashboard.GridPos) bool {
	return a.X < b.X+b.W && b.X < a.X+a.W && a.Y < b.Y+b.H && b.Y < a.Y+a.H
}

// The schema refuses a dashboard that Grafana would not understand.
func TestGrafanasSchemaRefusesMistakes(t *testing.T) {
	imported(t, boards(t)[0]) // registers the kinds of panels
	for _, text := range []string{
		`{"type": "timeseries", "titel": "a"}`,
		`{"type": "timeseries", "options": {"legend": 7}}`,
		`{"type": "stat", "targets": [{"datasource": {"type": "prometheus"}, "expr": 1}]}`,
	} {
		var p dashboard.Panel
		var list cog.BuildErrors
		if err := p.UnmarshalJSONStrict([]byte(text)); err == nil || errors.As(err, &list) && len(list) == 0 {
			t.Errorf("the schema takes %s", text)
		}
	}
}

// An expression may use the dashboard's variables and Grafana's own alone, each
// line has a name, and titles are unique, as the page of panels names them.
func TestPanelsAreComplete(t *testing.T) {
	for _, b := range boards(t) {
		known := []string{"datasource", "__rate_interval"}
		for _, v := range b.Variables {
			known = append(known, v.Name)
		}
		titles := map[string]bool{}
		for _, r := range b.Rows {
			for _, p := range r.Panels {
				if titles[p.Title] || p.About == "" || len(p.Queries) == 0 {
					t.Errorf("%s: %s is there twice, does not say what it shows, or shows nothing", b.UID, p.Title)
				}
				titles[p.Title] = true
				for _, q := range p.Queries {
					for _, m := range regexp.MustCompile(`\$(\w+)`).FindAllStringSubmatch(q.Expr, -1) {
						if !slices.Contains(known, m[1]) {
							t.Errorf("%s: %s uses $%s, which the dashboard does not have", b.UID, p.Title, m[1])
						}
					}
					if !p.Number && q.Legend == "" {
						t.Errorf("%s: %s has lines without names", b.UID, p.Title)
					}
				}
			}
		}
	}
}
