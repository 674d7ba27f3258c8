package headers

import (
	"slices"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/transforms/formats/text"
	"github.com/suiro/suiro/transforms/internal/smt"
)

var _ connect.Transform = (*InsertHeader)(nil)

// InsertHeader adds a header with a fixed value, after those that are there.
type InsertHeader struct{ header connect.Header }

// InsertHeaderConfig is the configuration of an [InsertHeader].
type InsertHeaderConfig struct {
	// Header is the name of the header.
	Header string `config:"header" doc:"Name of the header."`
	// Value is the text of the value, which is read as SimpleHeaderConverter reads
	// headers: 5 is a number, true a boolean and [1,2] a list.
	Value string `config:"value.literal" doc:"Value of the header, read as SimpleHeaderConverter does: 5 is a number."`
}

// InsertHeaderPlugin describes InsertHeader as a worker loads it.
func InsertHeaderPlugin() connect.TransformPlugin {
	return smt.Plugin("InsertHeader", "Adds a header with a fixed value.", config.For[InsertHeaderConfig](), nil,
		NewInsertHeader)
}

// NewInsertHeader returns an InsertHeader.
func NewInsertHeader(c InsertHeaderConfig) (*InsertHeader, error) {
	s, v := text.Parse(c.Value)
	return &InsertHeader{connect.Header{Key: c.Header, Schema: s, Value: v}}, nil
}

// Apply returns r with one header more.
func (t *InsertHeader) Apply(r *connect.Record) (*connect.Record, error) {
	c := *r
	c.Headers = append(slices.Clip(r.Headers), t.header)
	return &c, nil
}
