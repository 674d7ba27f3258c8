// Command page-views counts page views by the region of the user, in windows of time.
package main

import (
	"github.com/suiro/suiro/examples/page-views/app"
	"github.com/suiro/suiro/streams/cli"
)

func main() { cli.Main(app.Program()) }
