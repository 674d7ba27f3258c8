// Package smt holds what single-message transforms have in common: the part of a
// record that they work on, fields within fields, schemas made of schemas, and
// how a worker loads them.
package smt
