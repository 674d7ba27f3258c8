package main

import (
	"bytes"
	_ "embed" // for panels.yml
	"encoding/json"
	"fmt"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"go.yaml.in/yaml/v3"
)

//go:embed panels.yml
var panelsFile []byte

// selectors are what expressions of panels.yml abbreviate.
var selectors = strings.NewReplacer(
	"[[process]]", `job=~"$job", instance=~"$instance"`,
	"[[task]]", `job=~"$job", instance=~"$instance", connector=~"$connector"`,
	"[[app]]", `job=~"$job", instance=~"$instance", application_id=~"$application"`,
)

// readBoards reads panels.yml.
func readBoards() ([]board, error) {
	var boards []board
	in := yaml.NewDecoder(strings.NewReader(selectors.Replace(string(panelsFile))))
	in.KnownFields(true)
	if err := in.Decode(&boards); err != nil {
		return nil, fmt.Errorf("panels.yml: %w", err)
	}
	return boards, nil
}

// board is a dashboard.
type board struct {
	// UID is its name in addresses, and that of its file.
	UID string `yaml:"uid"`
	// Title is its headline.
	Title string `yaml:"title"`
	// About says what it shows.
	About string `yaml:"about"`
	// Variables are what a reader chooses from; everything is chosen at first.
	Variables []variable `yaml:"variables"`
	// Rows are its panels in groups.
	Rows []row `yaml:"rows"`
}

// variable is a choice of values of a label.
type variable struct {
	// Name is its name in expressions, after a $.
	Name string `yaml:"name"`
	// Label is its name for the reader.
	Label string `yaml:"label"`
	// Query asks for the values, in Grafana's language.
	Query string `yaml:"query"`
}

// row is a headline with panels below it.
type row struct {
	// Title is the headline.
	Title string `yaml:"title"`
	// Panels are side by side, as many as there is room for.
	Panels []panel `yaml:"panels"`
}

// source is the Prometheus that a reader of the dashboard has chosen.
func source() common.DataSourceRef {
	return common.DataSourceRef{Type: cog.ToPtr("prometheus"), Uid: cog.ToPtr("${datasource}")}
}

// json returns the dashboard as Grafana imports it.
func (b board) json() ([]byte, error) {
	//lint:ignore SA1019 every version of Grafana imports the classic form; the new one needs Grafana 12
	builder := dashboard.NewDashboardBuilder(b.Title).Uid(b.UID).Description(b.About).
		Tags([]string{"suiro", "kafka"}).Editable().Tooltip(dashboard.DashboardCursorSyncCrosshair).
		Time("now-1h", "now").Refresh("30s").Timezone("browser").
		WithVariable(dashboard.NewDatasourceVariableBuilder("datasource").Label("Prometheus").Type("prometheus"))
	for _, v := range b.Variables {
		builder.WithVariable(v.build())
	}
	id := uint32(0)
	next := func() uint32 { id++; return id }
	for _, r := range b.Rows {
		builder.WithRow(dashboard.NewRowBuilder(r.Title).Id(next()))
		for _, p := range r.Panels {
			builder.WithPanel(p.build(next()))
		}
	}
	built, err := builder.Build()
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	out := json.NewEncoder(&text)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	err = out.Encode(built)
	return text.Bytes(), err
}

func (v variable) build() *dashboard.QueryVariableBuilder {
	return dashboard.NewQueryVariableBuilder(v.Name).Label(v.Label).Datasource(source()).
		Query(dashboard.StringOrMap{String: &v.Query}).Definition(v.Query).
		Refresh(dashboard.VariableRefreshOnTimeRangeChanged).Sort(dashboard.VariableSortAlphabeticalAsc).
		Multi(true).IncludeAll(true).AllValue(".*").Current(dashboard.VariableOption{
		Selected: cog.ToPtr(true),
		Text:     dashboard.StringOrArrayOfString{String: cog.ToPtr("All")},
		Value:    dashboard.StringOrArrayOfString{String: cog.ToPtr("$__all")},
	})
}
