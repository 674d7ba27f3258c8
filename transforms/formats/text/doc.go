// Package text reads and writes Connect's data as plain text, as Kafka Connect's
// SimpleHeaderConverter does. Text is read by what it looks like:
//
//	null, true, false              null, BOOLEAN
//	12, -3.5, 1e40                 the smallest of INT8 to INT64, FLOAT32, FLOAT64 and Decimal that holds it
//	2026-01-15                     Date
//	09:30:12.345Z                  Time
//	2026-01-15T09:30:12.345Z       Timestamp
//	[1, 2.5], {"a": 1, "b": 2}     ARRAY, MAP; strings in them stand in quotes
//	anything else                  STRING, as it is
//
// The elements of a list have one schema when they are of one type, or are all
// numbers; otherwise the list's schema has no Elem. The same holds for the keys and
// the values of a map. With null among values of another type, the whole is a
// string.
//
// What is written reads back as the same, except that a struct becomes a map,
// bytes become base64, a whole float an integer, and a string that looks like
// something else becomes that.
//
// # Differences from Kafka Connect
//
//   - Text is a value only as a whole: Kafka Connect reads 1,2 as 1 and [1] x as [1].
//   - A day must exist: Kafka Connect reads 2026-02-30 as 2026-03-02, and 2026-01-1x as 2026-01-01.
//   - A number is FLOAT32 only if that keeps its digits: Kafka Connect reads 3.14159265358979 as 3.1415927.
//   - In a list or a map \" and \\ are read as " and \, as they are written; Kafka Connect keeps the backslash.
//   - Blanks after a colon or a comma within a string of a list or map stay; Kafka Connect drops them.
//   - The text null is null; Kafka Connect fails to read it, unless it is in a list or map.
//   - Numbers of more than 10,000 digits, and lists and maps with more than 100,000 digits in numbers of more than
//     400, are strings: calculating with them takes time as the square of the digits.
//   - Bytes that are not UTF-8 are bytes; Kafka Connect replaces what it cannot read.
//   - A number in a list of dates or times stays one; Kafka Connect makes it a day or a millisecond.
//   - Lists of lists or of maps have a common schema only when they are of one; Kafka Connect takes that of the last.
//   - Maps are written sorted by the text of their keys; Kafka Connect writes them in the order they were read.
//   - Dates, times and timestamps are UTC; Kafka Connect has them in the zone of the machine.
//   - A Timestamp is written whole; Kafka Connect writes one at midnight as a date, one before 1970-01-02 as a time.
package text
