// Package cli makes a program out of a list of plugins: the command suiro is one of
// these programs. A worker with plugins of your own is
//
//	package main
//
//	import (
//		"github.com/suiro/suiro/connect/builtin"
//		"github.com/suiro/suiro/connect/cli"
//
//		"example.com/shop"
//	)
//
//	func main() { cli.Main(builtin.Plugins().With(shop.Plugins())) }
//
// Its commands are connect, which runs a worker, validates its files, or tries and tests
// connectors with records, mirror, where the plugins mirror clusters, plugins, topics, version
// and completion; --help says what each does.
// [Command] is for a program that has more to do, and [Execute] says how it ended.
//
// # Exit codes
//
// A program ends with 0 when all was done, with 1 when it was tried and did not work,
// and with 2 when the command line or a configuration is wrong, so that nothing was
// tried. Errors go to the standard error output, once, after the name of the program.
package cli
