// Command ltsv-json turns an LTSV access log into JSON: the cookie unpacked to
// an object, labels that nobody needs dropped, values given their types.
package main

import (
	"github.com/suiro/suiro/examples/ltsv-json/app"
	"github.com/suiro/suiro/streams/cli"
)

func main() { cli.Main(app.Program()) }
