// Package examples holds the access log that the demo reads by default, and an index
// template for the requests in it. The
// programs are in the folders below.
package examples

import _ "embed" // for the files

//go:embed access.ltsv
var accessLog string

// AccessLog returns access.ltsv: requests of a few web servers in LTSV, with a
// handful of broken lines.
func AccessLog() string { return accessLog }

//go:embed access-index.json
var accessIndex string

// AccessIndex returns access-index.json: an index template for requests as ltsv-json
// writes them, under which no request can have others refused.
func AccessIndex() string { return accessIndex }
