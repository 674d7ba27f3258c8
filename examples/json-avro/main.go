// Command json-avro takes the fields of an Avro schema from JSON requests and
// writes them as Avro.
package main

import (
	"github.com/suiro/suiro/examples/json-avro/app"
	"github.com/suiro/suiro/streams/cli"
)

func main() { cli.Main(app.Program()) }
