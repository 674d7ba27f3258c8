package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

// panel is a picture of one or more queries: lines over time, or one number.
type panel struct {
	// Title is its headline, unique in its dashboard.
	Title string `yaml:"title"`
	// About says what it shows and what to do about it; Grafana shows it too.
	About string `yaml:"about"`
	// Unit is Grafana's name of the unit, "" for plain numbers.
	Unit string `yaml:"unit"`
	// Number makes it one number.
	Number bool `yaml:"number"`
	// RedFrom is from where on a number is red; 0 for nowhere.
	RedFrom float64 `yaml:"redFrom"`
	// RedBelow is below what a number is red; 0 for nowhere.
	RedBelow float64 `yaml:"redBelow"`
	// Queries are what it shows.
	Queries []query `yaml:"queries"`
}

// query is a number, or some lines.
type query struct {
	// Expr is the expression, in PromQL.
	Expr string `yaml:"expr"`
	// Legend names a line, with labels in double braces.
	Legend string `yaml:"legend"`
}

func (p panel) build(id uint32) cog.Builder[dashboard.Panel] {
	if p.Number {
		return p.number(id)
	}
	b := timeseries.NewPanelBuilder().Id(id).Title(p.Title).Description(p.About).Datasource(source()).
		Height(8).Span(8).FillOpacity(10).LineWidth(1).ShowPoints(common.VisibilityModeNever).Min(0).
		Tooltip(common.NewVizTooltipOptionsBuilder().Mode(common.TooltipDisplayModeMulti).
			Sort(common.SortOrderDescending)).
		Legend(common.NewVizLegendOptionsBuilder().DisplayMode(common.LegendDisplayModeList).
			Placement(common.LegendPlacementBottom).ShowLegend(true))
	if p.Unit != "" {
		b.Unit(p.Unit)
	}
	for i, q := range p.Queries {
		b.WithTarget(q.build(i).Range())
	}
	return b
}

func (p panel) number(id uint32) cog.Builder[dashboard.Panel] {
	b := stat.NewPanelBuilder().Id(id).Title(p.Title).Description(p.About).Datasource(source()).
		Height(4).Span(4).GraphMode(common.BigValueGraphModeNone).ColorMode(common.BigValueColorModeBackground).
		ReduceOptions(common.NewReduceDataOptionsBuilder().Calcs([]string{"lastNotNull"})).
		Thresholds(dashboard.NewThresholdsConfigBuilder().Mode(dashboard.ThresholdsModeAbsolute).Steps(p.steps()))
	if p.Unit != "" {
		b.Unit(p.Unit)
	}
	for i, q := range p.Queries {
		b.WithTarget(q.build(i).Instant())
	}
	return b
}

// steps are the colours of a number.
func (p panel) steps() []dashboard.Threshold {
	switch {
	case p.RedFrom > 0:
		return []dashboard.Threshold{{Color: "green"}, {Color: "red", Value: &p.RedFrom}}
	case p.RedBelow > 0:
		return []dashboard.Threshold{{Color: "red"}, {Color: "green", Value: &p.RedBelow}}
	}
	return []dashboard.Threshold{{Color: "blue"}}
}

func (q query) build(i int) *prometheus.DataqueryBuilder {
	return prometheus.NewDataqueryBuilder().Datasource(source()).Expr(q.Expr).LegendFormat(q.Legend).
		RefId(string(rune('A' + i))).EditorMode(prometheus.QueryEditorModeCode)
}
