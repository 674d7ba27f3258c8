// Package examples holds the access log that the demo reads when it is given
// none. The programs are in the folders below.
package examples

import _ "embed" // for the log

//go:embed access.ltsv
var accessLog string

// AccessLog returns access.ltsv: requests of some web servers in LTSV, a
// handful of the lines broken.
func AccessLog() string { return accessLog }
