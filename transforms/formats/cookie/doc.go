// Package cookie cuts the value of a Cookie header into names and percent-decoded values.
//
// A header is a list of pairs separated by semicolons, with or without blanks
// around them:
//
//	sid=abc123; q=%E6%B0%B4%E8%B7%AF; empty=
//
// A pair is cut at its first equals sign, so values may hold more of them.
// Quotes around a value are part of it, as browsers treat them. Names are not
// decoded. [Next] allocates no memory; [Read] makes a map.
package cookie
