package parsers

import (
	"errors"
	"slices"
	"strings"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/transforms/formats/mmdb"
	"github.com/suiro/suiro/transforms/internal/smt"
	"github.com/suiro/suiro/transforms/internal/watched"
)

var _ connect.Transform = (*GeoIP)(nil)

// GeoIP looks up an IP address in a database in MaxMind's format. When the file of the
// database is replaced, the new one is used some seconds later.
type GeoIP struct{ parser *parser }

// GeoIPConfig is the configuration of a [GeoIP].
type GeoIPConfig struct {
	Place
	// Database is the path of the file of the database.
	Database string `config:"database.file"`
	// Fields are the names of what is wanted of the place of the address, such as
	// city_name.
	Fields []string `config:"fields"`
	// Language is the language of names, as in the database; empty means en.
	Language string `config:"language"`
	// Nulls are texts that mean that there is no address.
	Nulls []string `config:"null.values"`
}

// GeoIPKeyPlugin describes GeoIp on keys as a worker loads it.
func GeoIPKeyPlugin() connect.TransformPlugin {
	return geoIPPlugin(smt.Key, "$Key",
		"Looks up the place or network of an IP address in a field of keys, in a database such as GeoLite2.")
}

// GeoIPValuePlugin describes GeoIp on values as a worker loads it.
func GeoIPValuePlugin() connect.TransformPlugin {
	return geoIPPlugin(smt.Value, "$Value",
		"Looks up the place or network of an IP address in a field of values, in a database such as GeoLite2.")
}

func geoIPPlugin(part smt.Part, ending, doc string) connect.TransformPlugin {
	p := smt.Plugin("", doc, geoIPDef(), validateGeoIP, smt.On(part, NewGeoIP))
	p.Class = "suiro.GeoIp" + ending
	return p
}

func geoIPDef() *config.Def {
	var names []string
	for _, f := range mmdb.Fields() {
		names = append(names, f.Name)
	}
	return config.New(placeKeys("the IP address")...).With(
		config.Key{Name: "database.file", Type: config.String, Required: true, Valid: config.NonEmpty(),
			Doc: "Path of a database in MaxMind's format, such as GeoLite2-City.mmdb, on every worker. It is held in memory, " +
				"and read again some seconds after the file was replaced. While it is gone or cannot be read, what was " +
				"read last is used for a minute; then the connector's tasks wait for it."},
		config.Key{Name: "fields", Type: config.List, Required: true, Valid: config.OneOf(false, names...),
			Doc: "What to look up, by the names of Elasticsearch's geoip processor; each is null where the database does " +
				"not have it. location has lat and lon, for a geo_point. asn and organization_name are in other databases " +
				"than places are."},
		config.Key{Name: "language", Type: config.String, Default: "en", Importance: config.Low,
			Doc: "Language of names of places, as the database has it, such as en, de or ja."},
		config.Key{Name: "null.values", Type: config.List, Default: "-", Importance: config.Low,
			Doc: "Texts that mean that there is no address, and become null; empty for none."},
	).Change("field", func(k *config.Key) {
		k.Required, k.Default, k.Doc = true, nil, "The field with the IP address. Text that is none rejects the record."
		k.Valid = config.NonEmpty()
	}).Change("target.field", func(k *config.Key) {
		k.Default = "geoip"
		k.Doc = "Name, not a path, of a field beside the one with the address for what is found; null for an address " +
			"that the database does not have, as private ones."
	})
}

func validateGeoIP(v config.Values) config.Errors {
	var c GeoIPConfig
	v.Decode(&c)
	return c.check() // the database is large, and opened once, by NewGeoIP
}

// check applies the rules over several keys.
func (c GeoIPConfig) check() config.Errors {
	errs := c.Place.check()
	for i, name := range c.Fields {
		if slices.Contains(c.Fields[:i], name) {
			errs = append(errs, config.Errorf("fields", strings.Join(c.Fields, ","), "%s is there twice: remove one", name))
		}
	}
	return errs
}

// open opens the database. An error is a [config.Errors].
func (c GeoIPConfig) open() (*watched.File[*mmdb.Database], error) {
	f, err := watched.Open(c.Database, func(content []byte) (*mmdb.Database, error) {
		return mmdb.Open(content, c.language(), c.Fields)
	})
	switch {
	case err == nil:
		return f, nil
	case errors.Is(err, mmdb.ErrLanguage):
		return nil, config.Errors{config.Errorf("language", c.Language, "%v", err)}
	}
	return nil, config.Errors{config.Errorf("database.file", c.Database, "%v: put the database there on every worker, or "+
		"correct the path", err)}
}

func (c GeoIPConfig) language() string {
	if c.Language == "" {
		return "en"
	}
	return c.Language
}

// NewGeoIP returns a GeoIP, or an error about its configuration or its database, which is a
// [config.Errors].
func NewGeoIP(p smt.Part, c GeoIPConfig) (*GeoIP, error) {
	if err := c.check().OrNil(); err != nil {
		return nil, err
	}
	schema, err := mmdb.Schema(c.Fields)
	if err != nil {
		return nil, err
	}
	database, err := c.open()
	if err != nil {
		return nil, err
	}
	parser, err := newParser(p, c.Place, format{name: "ip address", read: reader(database, c.Nulls), schema: schema})
	if err != nil {
		return nil, err
	}
	return &GeoIP{parser}, nil
}

// reader returns the function that looks up the text of an address.
func reader(database *watched.File[*mmdb.Database], nulls []string) func([]byte) (any, error) {
	return func(text []byte) (any, error) {
		if slices.Contains(nulls, string(text)) {
			return nil, nil
		}
		d, err := database.Get()
		if err != nil {
			return nil, err
		}
		found, err := d.Find(string(text))
		if found == nil {
			return nil, err
		}
		return found, err
	}
}

// Apply returns r with what the database knows of the address, null for null.
func (t *GeoIP) Apply(r *connect.Record) (*connect.Record, error) { return t.parser.apply(r) }
