package mmdb

import (
	"fmt"
	"math"

	"github.com/oschwald/maxminddb-golang/v2"

	"github.com/suiro/suiro/connect/data"
)

// Field is something that a database may know of an address.
type Field struct {
	// Name is the field's name, as Elasticsearch's geoip processor has it.
	Name string
	// Schema is that of its values, which may be null.
	Schema *data.Schema

	read func(d *Database, r maxminddb.Result) (any, error)
}

var (
	text    = &data.Schema{Kind: data.String, Optional: true}
	number  = &data.Schema{Kind: data.Int64, Optional: true}
	degrees = &data.Schema{Kind: data.Float64, Optional: true}
	point   = &data.Schema{Kind: data.Struct, Optional: true, Fields: []data.Field{
		{Name: "lat", Schema: &data.Schema{Kind: data.Float64}}, {Name: "lon", Schema: &data.Schema{Kind: data.Float64}}}}
)

// Fields returns all the fields there are.
func Fields() []Field {
	return []Field{
		at("asn", number, "autonomous_system_number"),
		named("city_name", "city"),
		at("continent_code", text, "continent", "code"),
		named("continent_name", "continent"),
		at("country_iso_code", text, "country", "iso_code"),
		named("country_name", "country"),
		at("latitude", degrees, "location", "latitude"),
		{"location", point, (*Database).location},
		at("longitude", degrees, "location", "longitude"),
		{"network", text, func(_ *Database, r maxminddb.Result) (any, error) { return r.Prefix().String(), nil }},
		at("organization_name", text, "autonomous_system_organization"),
		at("postal_code", text, "postal", "code"),
		{"region_iso_code", text, (*Database).region},
		named("region_name", "subdivisions", 0),
		at("timezone", text, "location", "time_zone"),
	}
}

// at is a field that is a value of the record.
func at(name string, s *data.Schema, path ...any) Field {
	return Field{name, s, func(_ *Database, r maxminddb.Result) (any, error) { return value(r, s.Kind, path...) }}
}

// named is a field that is the name of a place, in the language of the database.
func named(name string, path ...any) Field {
	return Field{name, text, func(d *Database, r maxminddb.Result) (any, error) {
		return value(r, data.String, append(path[:len(path):len(path)], "names", d.language)...)
	}}
}

// location is both coordinates, as Elasticsearch takes a geo_point.
func (d *Database) location(r maxminddb.Result) (any, error) {
	lat, err := value(r, data.Float64, "location", "latitude")
	if lat == nil || err != nil {
		return nil, err
	}
	lon, err := value(r, data.Float64, "location", "longitude")
	if lon == nil || err != nil {
		return nil, err
	}
	return map[string]any{"lat": lat, "lon": lon}, nil
}

// region is the code of ISO 3166-2, which begins with that of the country.
func (d *Database) region(r maxminddb.Result) (any, error) {
	country, err := value(r, data.String, "country", "iso_code")
	if country == nil || err != nil {
		return nil, err
	}
	region, err := value(r, data.String, "subdivisions", 0, "iso_code")
	if region == nil || err != nil {
		return nil, err
	}
	return fmt.Sprint(country, "-", region), nil
}

// value returns a value of a record as one of a kind, nil when it is not there.
func value(r maxminddb.Result, kind data.Kind, path ...any) (any, error) {
	var v any
	if err := r.DecodePath(&v, path...); err != nil {
		return nil, err
	}
	switch v := v.(type) {
	case nil:
		return nil, nil
	case string:
		if kind == data.String {
			return v, nil
		}
	case uint64:
		if kind == data.Int64 && v <= math.MaxInt64 {
			return int64(v), nil
		}
	case float64:
		if kind == data.Float64 {
			return v, nil
		}
	case float32:
		if kind == data.Float64 {
			return float64(v), nil
		}
	}
	return nil, fmt.Errorf("%v of the record is no %s: is it a database of MaxMind's kinds?", path, kind)
}
