package config_test

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/suiro/suiro/connect/config"
)

// fileDef declares the keys of a connector that reads a file.
var fileDef = config.New(
	config.Key{Name: "file", Type: config.String, Required: true, Valid: config.NonEmpty(), Group: "File",
		Doc: "Path of the file to read."},
	config.Key{Name: "batch.size", Type: config.Int, Default: 2000, Valid: config.AtLeast(1), Group: "File",
		Importance: config.Medium, Doc: "Records per poll."},
	config.Key{Name: "poll.interval.ms", Type: config.Long, Default: 1000, Valid: config.AtLeast(0),
		Importance: config.Low, Doc: "Pause at the end of the file."},
	config.Key{Name: "password", Type: config.Password, Doc: "Password of the server that has the file."},
)

// shopSettings declares the keys of a connector, and takes their values.
type shopSettings struct {
	URL      string        `config:"shop.url" valid:"nonempty" doc:"Address of the shop."`
	Batch    int           `config:"batch.size" default:"500" valid:"min=1,max=1000" doc:"Orders in a request."`
	Linger   time.Duration `config:"linger.ms" default:"50" valid:"min=0" importance:"low" doc:"Longest wait, in milliseconds."`
	OnError  string        `config:"on.error" default:"fail" valid:"oneof=fail skip" doc:"What to do with a refused order."`
	Password config.Secret `config:"password,optional" doc:"Password of the shop."`
}

func ExampleFor() {
	def := config.For[shopSettings]().Change("shop.url", func(k *config.Key) {
		k.Valid = config.Func("http:// or https://", func(v any) error { // what no tag can say
			if !strings.HasPrefix(fmt.Sprint(v), "http") {
				return errors.New("must begin with http:// or https://")
			}
			return nil
		})
	})
	_, err := def.Parse(map[string]string{"shop.url": "shop", "batch.size": "many", "on.error": "skpi", "linger.ms": "1s"})
	fmt.Println(err)

	v, err := def.Parse(map[string]string{"shop.url": "https://shop.example.com", "linger.ms": "100"})
	if err != nil {
		fmt.Println(err)
		return
	}
	var s shopSettings
	v.Decode(&s)
	fmt.Printf("%+v\n", s)
	// Output:
	// Invalid value shop for configuration shop.url: must begin with http:// or https://
	// Invalid value many for configuration batch.size: Not a number of type INT
	// Invalid value 1s for configuration linger.ms: Not a number of type LONG: write 1000, the number of milliseconds
	// Invalid value skpi for configuration on.error: String must be one of: fail, skip (did you mean "skip"?)
	// {URL:https://shop.example.com Batch:500 Linger:100ms OnError:fail Password:[hidden]}
}

func ExampleDef_Parse() {
	v, err := fileDef.Parse(map[string]string{"file": "/var/log/app.log", "batch.size": "500"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(v.String("file"), v.Int("batch.size"), v.Millis("poll.interval.ms"))
	fmt.Println("written by the operator:", v.IsSet("batch.size"), v.IsSet("poll.interval.ms"))
	// Output:
	// /var/log/app.log 500 1s
	// written by the operator: true false
}

func ExampleDef_Parse_errors() {
	props := map[string]string{"batch.size": "0", "poll.interval.ms": "often", "bach.size": "1"}
	_, err := fileDef.Parse(props)
	fmt.Println(err)
	fmt.Println(fileDef.UnknownErrors(props))
	// Output:
	// Missing required configuration "file" which has no default value.
	// Invalid value 0 for configuration batch.size: Value must be at least 1
	// Invalid value often for configuration poll.interval.ms: Not a number of type LONG
	// Unknown configuration "bach.size", did you mean "batch.size"?
}

func ExampleValues_Decode() {
	var settings struct {
		File     string        `config:"file"`
		Batch    int           `config:"batch.size"`
		Interval time.Duration `config:"poll.interval.ms"`
		Password config.Secret `config:"password"`
	}
	v, err := fileDef.Parse(map[string]string{"file": "/var/log/app.log", "password": "top-secret"})
	if err != nil {
		fmt.Println(err)
		return
	}
	v.Decode(&settings)
	fmt.Printf("%+v\n", settings)
	// Output:
	// {File:/var/log/app.log Batch:2000 Interval:1s Password:[hidden]}
}

func ExampleDef_Validate() {
	results := fileDef.Validate(map[string]string{"batch.size": "0", "password": "top-secret"})
	results = config.Attach(results, config.Errors{config.Errorf("password", "[hidden]", "is not needed without a "+
		"server")})
	for _, r := range results {
		value := "null"
		if r.Value != nil {
			value = *r.Value
		}
		fmt.Println(r.Key.Name, r.Key.Type, r.Key.Importance, r.Key.OrderInGroup, value)
		for _, e := range r.Errors {
			fmt.Println(" ", e)
		}
	}
	// Output:
	// file STRING HIGH 1 null
	//   Missing required configuration "file" which has no default value.
	// batch.size INT MEDIUM 2 0
	//   Invalid value 0 for configuration batch.size: Value must be at least 1
	// poll.interval.ms LONG LOW -1 1000
	// password PASSWORD HIGH -1 [hidden]
	//   Invalid value [hidden] for configuration password: is not needed without a server
}
