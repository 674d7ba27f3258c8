// Package configfiles reads the configuration files of a worker and its connectors in the
// forms that people have, and says what a file looks like that is neither.
package configfiles
