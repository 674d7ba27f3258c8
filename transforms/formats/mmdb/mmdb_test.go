package mmdb

import (
	"bytes"
	"flag"
	"maps"
	"net"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"

	"github.com/suiro/suiro/connect/data"
)

var update = flag.Bool("update", false, "rewrite the database of testdata")

const path = "testdata/places.mmdb"

// places is the database of testdata: addresses for documentation at made-up places.
func places(t testing.TB) []byte {
	t.Helper()
	tree, err := mmdbwriter.New(mmdbwriter.Options{DatabaseType: "Suiro-Test-City", Languages: []string{"en", "ja"},
		RecordSize: 24, BuildEpoch: 1768469412, IncludeReservedNetworks: true, DisableIPv4Aliasing: true})
	if err != nil {
		t.Fatal(err)
	}
	named := func(en, ja string) mmdbtype.Map {
		return mmdbtype.Map{"names": mmdbtype.Map{"en": mmdbtype.String(en), "ja": mmdbtype.String(ja)}}
	}
	japan, kyoto := named("Japan", "日本"), named("Kyoto", "京都府")
	japan["iso_code"], kyoto["iso_code"] = mmdbtype.String("JP"), mmdbtype.String("26")
	asia := named("Asia", "アジア")
	asia["code"] = mmdbtype.String("AS")
	for network, record := range map[string]mmdbtype.Map{
		"192.0.2.0/25": {"continent": asia, "country": japan, "subdivisions": mmdbtype.Slice{kyoto},
			"city": named("Kyoto", "京都市"), "postal": mmdbtype.Map{"code": mmdbtype.String("600-0000")},
			"location": mmdbtype.Map{"latitude": mmdbtype.Float64(35.0116), "longitude": mmdbtype.Float64(135.7681),
				"time_zone": mmdbtype.String("Asia/Tokyo")}},
		"192.0.2.128/25": {"country": japan},
		"2001:db8::/32": {"autonomous_system_number": mmdbtype.Uint32(64496),
			"autonomous_system_organization": mmdbtype.String("Example")},
		"198.51.100.0/24": {"country": mmdbtype.Map{"iso_code": mmdbtype.Uint32(1)}},
	} {
		_, n, err := net.ParseCIDR(network)
		if err != nil {
			t.Fatal(err)
		}
		if err := tree.Insert(n, record); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if _, err := tree.WriteTo(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestDatabaseOfTestdataIsUpToDate(t *testing.T) {
	want := places(t)
	if *update {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is not what the test makes (%v): run go test -update", path, err)
	}
}

func allNames() (names []string) {
	for _, f := range Fields() {
		names = append(names, f.Name)
	}
	return names
}

func TestFind(t *testing.T) {
	d, err := Open(places(t), "en", allNames())
	if err != nil {
		t.Fatal(err)
	}
	kyoto := map[string]any{"continent_code": "AS", "continent_name": "Asia", "country_iso_code": "JP",
		"country_name": "Japan", "region_iso_code": "JP-26", "region_name": "Kyoto", "city_name": "Kyoto",
		"postal_code": "600-0000", "latitude": 35.0116, "longitude": 135.7681, "timezone": "Asia/Tokyo",
		"location": map[string]any{"lat": 35.0116, "lon": 135.7681}, "network": "192.0.2.0/25"}
	for address, want := range map[string]map[string]any{
		"192.0.2.1": kyoto, "::ffff:192.0.2.127": kyoto,
		"192.0.2.200": {"country_iso_code": "JP", "country_name": "Japan", "network": "192.0.2.128/25"},
		"2001:db8::1": {"asn": int64(64496), "organization_name": "Example", "network": "2001:db8::/32"},
		"10.0.0.1":    nil, "::1": nil,
	} {
		got, err := d.Find(address)
		if err != nil || (got == nil) != (want == nil) {
			t.Errorf("Find(%s) = %v, %v, want %v", address, got, err, want)
			continue
		}
		maps.DeleteFunc(got, func(_ string, v any) bool { return v == nil })
		if !data.Equal(got, want) && want != nil {
			t.Errorf("Find(%s) = %v, want %v", address, got, want)
		}
	}
}

func TestWhatIsFoundIsOfTheSchema(t *testing.T) {
	names := allNames()
	s, err := Schema(names)
	if err != nil {
		t.Fatal(err)
	}
	d, err := Open(places(t), "ja", names)
	if err != nil {
		t.Fatal(err)
	}
	found, err := d.Find("192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	if found["city_name"] != "京都市" {
		t.Errorf("in Japanese the city is %v", found["city_name"])
	}
	if _, err := data.AppendJSON(nil, s, found, data.JSONOptions{}); err != nil || len(found) != len(names) {
		t.Errorf("%v is not of its schema: %v", found, err)
	}
}

func TestMistakesAreErrors(t *testing.T) {
	content := places(t)
	for want, open := range map[string]func() (*Database, error){
		"not a whole database":       func() (*Database, error) { return Open(content[:len(content)-len(content)/2], "en", nil) },
		"ends with .mmdb":            func() (*Database, error) { return Open(nil, "en", nil) },
		"choose one of en, ja":       func() (*Database, error) { return Open(content, "fr", nil) },
		`there is no field "planet"`: func() (*Database, error) { return Open(content, "en", []string{"planet"}) },
	} {
		if _, err := open(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Open = %v, want an error with %q", err, want)
		}
	}
	d, err := Open(content, "en", []string{"country_iso_code"})
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]string{"": "is not an IP address", "shop.example": "is not an IP address",
		"192.0.2.1:80": "is not an IP address", "198.51.100.1": "country_iso_code of 198.51.100.1: [country iso_code] of the record is no"} {
		if _, err := d.Find(address); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Find(%q) = %v, want an error with %q", address, err, want)
		}
	}
}

func TestFieldsHaveOneNameEach(t *testing.T) {
	names := allNames()
	if !slices.IsSorted(names) || len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Errorf("the fields are %v, want them sorted and each once", names)
	}
}

// Whatever a file has, opening and asking it ends, with or without an error.
func FuzzOpen(f *testing.F) {
	f.Add(places(f))
	f.Fuzz(func(t *testing.T, content []byte) {
		d, err := Open(content, "en", allNames())
		if err != nil {
			return
		}
		for _, address := range []string{"192.0.2.1", "2001:db8::1", "10.0.0.1"} {
			_, _ = d.Find(address)
		}
	})
}

func FuzzFind(f *testing.F) {
	d, err := Open(places(f), "en", allNames())
	if err != nil {
		f.Fatal(err)
	}
	s, _ := Schema(allNames())
	f.Add("192.0.2.1")
	f.Add("::ffff:192.0.2.1%eth0")
	f.Fuzz(func(t *testing.T, address string) {
		found, err := d.Find(address)
		if err != nil || found == nil {
			return
		}
		if _, err := data.AppendJSON(nil, s, found, data.JSONOptions{}); err != nil {
			t.Errorf("%v is not of its schema: %v", found, err)
		}
	})
}

func BenchmarkFind(b *testing.B) {
	d, err := Open(places(b), "en", []string{"country_iso_code", "city_name", "location"})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.Find("192.0.2.1"); err != nil {
			b.Fatal(err)
		}
	}
}
