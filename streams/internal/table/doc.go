// Package table has the nodes of tables: they take and forward changes. Functions of
// tables never get null; it stays null.
package table
