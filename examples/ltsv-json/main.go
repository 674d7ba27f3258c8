// Command ltsv-json turns an LTSV access log into JSON: values get their types, the
// cookie becomes an object, and unneeded labels are dropped.
package main

import (
	"github.com/suiro/suiro/examples/ltsv-json/app"
	"github.com/suiro/suiro/streams/cli"
)

func main() { cli.Main(app.Program()) }
