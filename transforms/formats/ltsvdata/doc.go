// Package ltsvdata converts between LTSV records and Connect's data.
//
// Read, a record is a map from label to text or to what
// ltsv.types says of the label; a cookie label is a map of text. By default there
// is no schema. With schemas.enable the data is a struct of the labels of
// ltsv.keep, in their order, each optional:
//
//	int, float, bool, time, other    INT64, FLOAT64, BOOLEAN, Timestamp, STRING
//	cookie                           MAP of STRING to STRING
//
// Written, a struct keeps the order of its schema and a map is sorted by label.
// Null is the first of ltsv.null.values; with none, or with ltsv.omit.nulls, the
// field is left out. Times are written by the layout of their label, or as RFC
// 3339. A map under a cookie label becomes a Cookie header, percent-encoded where
// it must be; any other map or list becomes JSON text. LTSV has no escape: a
// value with a TAB or a line end is an error unless ltsv.replacement is set.
//
// Text that happens to be one of ltsv.null.values comes back as null.
package ltsvdata
