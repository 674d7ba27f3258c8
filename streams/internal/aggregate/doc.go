// Package aggregate has the nodes that keep one value for each key: of the records of a
// stream, or of the rows of a table.
package aggregate
