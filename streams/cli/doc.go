// Package cli makes a program of a topology: all stream apps get the same
// flags, which come from the same definition as their properties.
//
//	func main() { cli.Main(cli.Program{Name: "ltsv-json", Keys: keys, Build: build}) }
//
// A flag is a key with dashes for dots: --application-id sets application.id.
// Keys without a flag, such as those of security, stand in the file that
// --config names. A flag wins over the file.
package cli
