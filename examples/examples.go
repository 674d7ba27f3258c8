// Package examples holds the access log that the demo reads by default. The
// programs are in the folders below.
package examples

import _ "embed" // for the log

//go:embed access.ltsv
var accessLog string

// AccessLog returns access.ltsv: requests of a few web servers in LTSV, with a
// handful of broken lines.
func AccessLog() string { return accessLog }
