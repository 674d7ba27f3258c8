package parsers

import (
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/transforms/internal/smt"
)

// Place says where a transform finds text and where it puts the data.
type Place struct {
	// Field holds the text; empty means that the whole key or value does.
	Field string `config:"field"`
	// Target is the name of the field for the data, beside Field, which then stays; empty
	// puts the data in the place of the text.
	Target string `config:"target.field"`
	// Syntax is V1 or V2; in V2 Field is a path, and empty means V1.
	Syntax string `config:"field.syntax.version"`
	// ReplaceNull makes null the default of a field that has one.
	ReplaceNull bool `config:"replace.null.with.default"`
}

// placeKeys declares the keys of a [Place]. text names what is read, such as "the JSON
// text".
func placeKeys(text string) []config.Key {
	return []config.Key{
		{Name: "field", Type: config.String, Default: "",
			Doc: "The field with " + text + "; empty when it is the whole key or value."},
		{Name: "target.field", Type: config.String, Default: "", Importance: config.Medium,
			Doc: "Name, not a path, of a field for the data beside the one with the text, which then stays as it is; empty " +
				"puts the data in the place of the text."},
		smt.Syntax(),
		smt.ReplaceNull(),
	}
}

// check applies the rules over several keys.
func (p Place) check() config.Errors {
	if p.Field == "" && p.Target != "" {
		return config.Errors{config.Errorf("target.field", p.Target,
			"name the field with the text in field, because there is nothing beside a whole key or value: to make the "+
				"data a field, leave target.field out and let HoistField follow")}
	}
	if _, err := p.path(); err != nil {
		return config.Errors{config.Errorf("field", p.Field, "%v", err)}
	}
	return nil
}

// path returns the path of Field, nil for the whole.
func (p Place) path() (smt.Path, error) {
	if p.Field == "" {
		return nil, nil
	}
	return smt.ParsePath(p.Field, p.Syntax)
}
