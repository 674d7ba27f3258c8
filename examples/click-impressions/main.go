// Command click-impressions joins clicks with the impressions of ads, and writes how often each ad
// is clicked.
package main

import (
	"github.com/suiro/suiro/examples/click-impressions/app"
	"github.com/suiro/suiro/streams/cli"
)

func main() { cli.Main(app.Program()) }
