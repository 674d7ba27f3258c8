package config_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/suiro/suiro/connect/config"
)

var decodeDef = config.New(
	config.Key{Name: "s", Type: config.String, Default: "a"},
	config.Key{Name: "c", Type: config.Class},
	config.Key{Name: "b", Type: config.Boolean, Default: true},
	config.Key{Name: "i", Type: config.Int, Default: 7},
	config.Key{Name: "l", Type: config.Long, Default: 8},
	config.Key{Name: "d", Type: config.Double, Default: 1.5},
	config.Key{Name: "list", Type: config.List, Default: "x,y"},
	config.Key{Name: "secret", Type: config.Password, Default: "pw"},
	config.Key{Name: "pause.ms", Type: config.Long, Default: 1500},
)

type common struct {
	Pause time.Duration `config:"pause.ms"`
}

type decoded struct {
	common
	S      string        `config:"s"`
	C      string        `config:"c"`
	B      bool          `config:"b"`
	I      int           `config:"i"`
	L      int64         `config:"l"`
	D      float64       `config:"d"`
	List   []string      `config:"list"`
	Secret config.Secret `config:"secret"`
	other  int
}

func TestDecodeFillsTaggedFields(t *testing.T) {
	v, err := decodeDef.Parse(map[string]string{"s": "z", "i": "9"})
	if err != nil {
		t.Fatal(err)
	}
	got := decoded{other: 3}
	v.Decode(&got)
	want := decoded{common: common{1500 * time.Millisecond}, S: "z", B: true, I: 9, L: 8, D: 1.5,
		List: []string{"x", "y"}, Secret: "pw", other: 3}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("Decode = %+v, want %+v", got, want)
	}
}

func TestDecodePanicsOnMistakesOfTheProgram(t *testing.T) {
	v, _ := decodeDef.Parse(nil)
	for name, dst := range map[string]any{
		"no pointer": decoded{},
		"unknown key": &struct {
			X string `config:"nobody"`
		}{},
		"type that does not fit": &struct {
			X bool `config:"s"`
		}{},
		"not exported": &struct {
			x string `config:"s"`
		}{},
		"no such kind": &struct {
			X []int `config:"list"`
		}{},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("Decode did not panic")
				}
			}()
			v.Decode(dst)
		})
	}
}

func TestWithParsesOnlyWhatIsGiven(t *testing.T) {
	v, err := decodeDef.Parse(map[string]string{"s": "z"})
	if err != nil {
		t.Fatal(err)
	}
	w, err := v.With(map[string]string{"i": "10", "unknown": "kept out"})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := []any{w.String("s"), w.Int("i"), w.IsSet("i"), v.Int("i"), v.IsSet("i")},
		[]any{"z", 10, true, 7, false}; !reflect.DeepEqual(got, want) {
		t.Errorf("With gave %v, want %v", got, want)
	}
	if _, err := v.With(map[string]string{"i": "ten"}); err == nil {
		t.Error("With took a number that is none")
	}
}
