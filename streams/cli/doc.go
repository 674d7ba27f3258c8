// Package cli turns a topology into a program. All stream apps get the same flags,
// which come from the same definition as their properties.
//
//	func main() { cli.Main(cli.Program{Name: "ltsv-json", Keys: keys, Build: build}) }
//
// A flag is a key with dashes for dots: --application-id sets application.id.
// Keys without a flag, such as those of security, are written in the file that
// --config names. A flag takes precedence over the file.
package cli
