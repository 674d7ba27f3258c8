package keys

import (
	"errors"
	"path"

	"github.com/suiro/suiro/connect/config"
)

// tapKeys are those of records that the REST API shows on their way.
func tapKeys() []config.Key {
	low := config.Low
	return []config.Key{
		{Name: "rest.tap.enable", Type: config.Boolean, Default: false, Importance: low,
			Doc: "Whether GET /connectors/{c}/tap of the REST API shows records on their way through a connector, to " +
				"callers with the role admin; without rest.authentication to everyone who reaches it."},
		{Name: "rest.tap.mask.fields", Type: config.List,
			Default:    "*passw*,*secret*,*token*,*credential*,*api?key*,*apikey*,*private?key*,authorization,cookie,set-cookie",
			Importance: low, Valid: config.Func("patterns", arePatterns),
			Doc: "Names of fields and headers whose values the tap hides, at any depth, with commas between; * stands for " +
				"any letters, ? for one, and a small letter for a capital one too. * alone hides all values. Text that is not " +
				"JSON has no fields and is shown, and of other bytes only their number."},
	}
}

// arePatterns refuses patterns that match nothing, so that nobody takes a field for
// hidden that is not.
func arePatterns(value any) error {
	list, _ := value.([]string)
	for _, pattern := range list {
		if _, err := path.Match(pattern, ""); err != nil {
			return errors.New(pattern + " is not a pattern: each [ needs a ]")
		}
	}
	return nil
}
