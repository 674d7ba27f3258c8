// Package settings declares the keys of the Elasticsearch sink, checks the rules
// over several of them, and makes of them what the task works with.
package settings
