// Package mmdb reads what databases in MaxMind's format, such as GeoLite2 and GeoIP2, know
// of an IP address.
//
// A database is a tree of networks with a record for each. [Fields] are what can be had
// of a record, by the names that Elasticsearch's geoip processor gives them; each has one
// type, whatever the database.
package mmdb
