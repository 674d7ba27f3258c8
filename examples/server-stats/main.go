// Command server-stats counts requests, statuses and response times per server
// and minute, and answers queries about them over HTTP.
package main

import (
	"github.com/suiro/suiro/examples/server-stats/app"
	"github.com/suiro/suiro/streams/cli"
)

func main() { cli.Main(app.Program()) }
