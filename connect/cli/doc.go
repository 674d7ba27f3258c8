// Package cli makes a program out of a list of plugins: the command suiro is one of
// these programs. A worker with parts of one's own is
//
//	package main
//
//	import (
//		"github.com/suiro/suiro/connect"
//		"github.com/suiro/suiro/connect/builtin"
//		"github.com/suiro/suiro/connect/cli"
//	)
//
//	func main() {
//		cli.Main(builtin.Plugins().With(connect.Plugins{Sinks: []connect.SinkPlugin{shop.Plugin()}}))
//	}
package cli
