// Package cli turns a topology into a program. All stream apps get the same flags,
// which come from the same definition as their properties.
//
//	func main() { cli.Main(cli.Program{Name: "ltsv-json", Keys: keys, Build: build}) }
//
// A flag is a key with dashes for dots: --application-id sets application.id. Every
// key has one; --help shows the common ones and --help-all the others. Durations may
// have a unit: --commit-interval-ms 1s. Keys can also be written in the file that
// --config names, and passwords only there, as a command line is seen by others. A
// flag takes precedence over the file.
//
// A program exits with 0 when it was told to stop, with 1 when it failed, and with 2
// when its command line or a key is wrong.
package cli
