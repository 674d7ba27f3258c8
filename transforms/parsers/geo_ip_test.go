package parsers

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/suiro/suiro/connect"
	"github.com/suiro/suiro/connect/config"
	"github.com/suiro/suiro/transforms/internal/smt"
	"github.com/suiro/suiro/transforms/internal/smt/smttest"
)

// places is a database of addresses for documentation at made-up places.
const places = "../formats/mmdb/testdata/places.mmdb"

func TestGeoIP(t *testing.T) {
	smttest.Run(t, "geo_ip", GeoIPKeyPlugin(), GeoIPValuePlugin())
}

func newPlaces(p Place) (connect.Transform, error) {
	return NewGeoIP(smt.Value, GeoIPConfig{Place: p, Database: places, Fields: []string{"city_name", "location"}})
}

func TestGeoIPKeepsThePromises(t *testing.T) {
	keepsThePromises(t, newPlaces, "192.0.2.1")
}

// A configuration names a file that is there and is a database, or the connector is
// refused.
func TestGeoIPNeedsItsDatabase(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.mmdb")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{empty, empty + "x", t.TempDir()} {
		p := GeoIPValuePlugin()
		v, err := p.Def.Parse(map[string]string{"field": "ip", "fields": "city_name", "database.file": file})
		if err != nil {
			t.Fatal(err)
		}
		var errs config.Errors
		if _, err := p.New(v); !errors.As(err, &errs) || len(errs) != 1 || errs[0].Key != "database.file" {
			t.Errorf("New with %s = %v, want one error of database.file", file, err)
		}
	}
}

func ExampleGeoIP() {
	transform, err := NewGeoIP(smt.Value, GeoIPConfig{Place: Place{Field: "client", Target: "geoip"},
		Database: "../formats/mmdb/testdata/places.mmdb", Fields: []string{"country_iso_code", "city_name"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := transform.Apply(&connect.Record{Value: connect.Decoded(nil,
		map[string]any{"client": "192.0.2.1", "status": int64(200)})})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, v, err := r.Value.Decode()
	fmt.Println(v, err)
	// Output: map[client:192.0.2.1 geoip:map[city_name:Kyoto country_iso_code:JP] status:200] <nil>
}

func FuzzGeoIP(f *testing.F) {
	for _, text := range []string{"192.0.2.1", "2001:db8::1", "-", "", "::ffff:192.0.2.1"} {
		f.Add([]byte(text))
	}
	fuzz(f, newPlaces)
}

func BenchmarkGeoIP(b *testing.B) {
	transform, err := newPlaces(Place{Field: "client", Target: "geoip"})
	if err != nil {
		b.Fatal(err)
	}
	smttest.Benchmark(b, transform, &connect.Record{Topic: "t", Value: connect.Decoded(nil,
		map[string]any{"client": "192.0.2.1", "status": int64(200)})})
}
