package config_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/suiro/suiro/connect/config"
)

// shared are keys that several components have.
type shared struct {
	Pause time.Duration `config:"pause.ms" default:"1500" valid:"min=0" importance:"low" doc:"Pause, in milliseconds."`
}

// tagged has a field of every type.
type tagged struct {
	shared
	URL    string        `config:"url" valid:"nonempty" group:"Shop" doc:"Address of the shop."`
	Mode   string        `config:"mode" default:"skip" valid:"oneof=fail skip" importance:"medium" doc:"What to do."`
	Follow bool          `config:"follow" default:"true" doc:"Whether to follow."`
	Batch  int           `config:"batch.size" default:"7" valid:"min=1,max=10" doc:"Records in a request."`
	Total  int64         `config:"total" default:"8" valid:"max=9" doc:"Records in all."`
	Share  float64       `config:"share" default:"1.5" doc:"A share."`
	Fields []string      `config:"fields" default:"x,y" valid:"nonempty,oneof-anycase=x y" doc:"Fields to read."`
	Key    config.Secret `config:"key,optional" doc:"Key to the shop."`
	other  int
}

func TestForDeclaresWhatTheTagsSay(t *testing.T) {
	want := []config.Key{
		{Name: "pause.ms", Type: config.Long, Default: 1500, Importance: config.Low, Doc: "Pause, in milliseconds."},
		{Name: "url", Type: config.String, Required: true, Group: "Shop", Doc: "Address of the shop."},
		{Name: "mode", Type: config.String, Default: "skip", Importance: config.Medium, Doc: "What to do."},
		{Name: "follow", Type: config.Boolean, Default: true, Doc: "Whether to follow."},
		{Name: "batch.size", Type: config.Int, Default: 7, Doc: "Records in a request."},
		{Name: "total", Type: config.Long, Default: 8, Doc: "Records in all."},
		{Name: "share", Type: config.Double, Default: 1.5, Doc: "A share."},
		{Name: "fields", Type: config.List, Default: "x,y", Doc: "Fields to read."},
		{Name: "key", Type: config.Password, Doc: "Key to the shop."},
	}
	valid := map[string]string{"pause.ms": "[0,...]", "url": "non-empty", "mode": "[fail, skip]", "batch.size": "[1,...,10]",
		"total": "[...,9]", "fields": "non-empty, [x, y]"}
	got := config.For[tagged]().Keys()
	for i, k := range got {
		if desc := valid[k.Name]; k.Valid == nil && desc != "" || k.Valid != nil && k.Valid.String() != desc {
			t.Errorf("validator of %s = %v, want %q", k.Name, k.Valid, desc)
		}
		got[i].Valid = nil
	}
	if want := config.New(want...).Keys(); !reflect.DeepEqual(got, want) {
		t.Errorf("keys =\n%+v\nwant\n%+v", got, want)
	}
}

func TestTheStructThatDeclaresTheKeysTakesTheirValues(t *testing.T) {
	v, err := config.For[tagged]().Parse(map[string]string{"url": "http://shop", "batch.size": "9", "fields": "Y"})
	if err != nil {
		t.Fatal(err)
	}
	got := tagged{other: 3}
	v.Decode(&got)
	want := tagged{shared: shared{1500 * time.Millisecond}, URL: "http://shop", Mode: "skip", Follow: true, Batch: 9,
		Total: 8, Share: 1.5, Fields: []string{"Y"}, other: 3}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("Decode = %+v, want %+v", got, want)
	}
}

func TestForChecksWhatTheTagsSay(t *testing.T) {
	_, err := config.For[tagged]().Parse(map[string]string{"mode": "skp", "batch.size": "11", "total": "10", "fields": "x,z"})
	want := strings.Join([]string{
		`Missing required configuration "url" which has no default value.`,
		`Invalid value skp for configuration mode: String must be one of: fail, skip (did you mean "skip"?)`,
		`Invalid value 11 for configuration batch.size: Value must be no more than 10`,
		`Invalid value 10 for configuration total: Value must be no more than 9`,
		`Invalid value x,z for configuration fields: String must be one of: x, y`,
	}, "\n")
	if err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("Parse =\n%v\nwant\n%s", err, want)
	}
}

func panicOf(f func()) (text string) {
	defer func() {
		if p, ok := recover().(string); ok {
			text = p
		}
	}()
	f()
	return ""
}

func TestForPanicsOnMistakesOfTheProgram(t *testing.T) {
	type twice struct {
		A string `config:"a" doc:"A."`
		B string `config:"a" doc:"B."`
	}
	for want, f := range map[string]func() *config.Def{
		"want a struct":      config.For[string],
		`"a" declared twice`: config.For[twice],
		"field A of": config.For[struct {
			A string `config:"a"`
		}],
		"has no doc": config.For[struct {
			A string `config:"a"`
		}],
		`nearly "default"`: config.For[struct {
			A string `config:"a" defualt:"x" doc:"A."`
		}],
		`nearly "valid"`: config.For[struct {
			A string `config:"a" json:"a" vaild:"x" doc:"A \"b\"."`
		}],
		`want "optional"`: config.For[struct {
			A string `config:"a,omitempty" doc:"A."`
		}],
		"optional anyway": config.For[struct {
			A string `config:"a,optional" default:"x" doc:"A."`
		}],
		`importance "huge"`: config.For[struct {
			A string `config:"a" importance:"huge" doc:"A."`
		}],
		`"even" is none of`: config.For[struct {
			A int `config:"a" valid:"even" doc:"A."`
		}],
		`"x" is not a whole`: config.For[struct {
			A int `config:"a" valid:"min=x" doc:"A."`
		}],
		"default of a: Not a n": config.For[struct {
			A int `config:"a" default:"x" doc:"A."`
		}],
		"default of a: Value m": config.For[struct {
			A int `config:"a" default:"0" valid:"min=1" doc:"A."`
		}],
		"not exported": config.For[struct {
			a string `config:"a" doc:"A."`
		}],
		"cannot be decoded": config.For[struct {
			A []int `config:"a" doc:"A."`
		}],
		"decoded into a uint": config.For[struct {
			A uint `config:"a" doc:"A."`
		}],
	} {
		if got := panicOf(func() { f() }); !strings.Contains(got, want) {
			t.Errorf("panic = %q, want it to hold %q", got, want)
		}
	}
}

func TestChangeReplacesOneDeclaration(t *testing.T) {
	def := config.For[tagged]()
	changed := def.Change("mode", func(k *config.Key) { k.Type, k.Default = config.Class, "fail" })
	if k, _ := changed.Key("mode"); k.Type != config.Class || k.Default != "fail" {
		t.Errorf("changed key = %+v, want a class with the default fail", k)
	}
	if k, _ := def.Key("mode"); k.Type != config.String || k.Default != "skip" {
		t.Errorf("original key = %+v, want it as it was", k)
	}
	if got := panicOf(func() { def.Change("mood", func(*config.Key) {}) }); !strings.Contains(got, `"mood" is not declared`) {
		t.Errorf("panic = %q, want that the key is not declared", got)
	}
	if got := panicOf(func() { def.Change("mode", func(k *config.Key) { k.Default = "x" }) }); !strings.Contains(got, "default of mode") {
		t.Errorf("panic = %q, want that the default does not fit", got)
	}
}
