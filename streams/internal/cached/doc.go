// Package cached keeps the values of one store of one task decoded while an epoch is open.
package cached
