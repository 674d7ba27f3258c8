// Package transforms holds Kafka Connect's single-message transforms: each
// changes one record on its way through a connector, or drops it.
//
//   - [Cast] turns fields into another type
//   - [ExtractField] puts a field in the place of the whole
//   - [Filter] drops records; a predicate says which
//   - [Flatten] puts fields within fields at the top
//   - [HoistField] makes the whole a field, or puts a field into a struct
//   - [InsertField] adds topic, partition, offset, timestamp or a fixed text as fields
//   - [MaskField] replaces the values of fields
//   - [ReplaceField] leaves fields out and renames others
//   - [SetSchemaMetadata] gives a schema another name or version
//   - [TimestampConverter] turns times from one form into another
//   - [ValueToKey] makes the key of fields of the value
//
// Package headers has those that change headers, package routers those that change
// the topic, package parsers those that make data of text, package computed the one
// that sets fields to what expressions give, and package redaction the one that takes
// personal data and secrets out of text.
//
// A transform has the keys and the name of the Java class that it stands for. Those
// that work on a record's key or value come as two plugins, whose names end with
// $Key and $Value. Data without a schema must be a map with text as keys, data with
// one a struct; null, as in a tombstone, is passed on unchanged.
//
// Transforms are pure: a record that was given is never changed, and Apply may be
// called from several goroutines. They remember only which schema they made of
// which, so that equal records keep one schema and a sink does not take each for a
// new one.
//
// The folders below hold what else stands between bytes and records: formats are
// parsers and encoders, converters are Kafka Connect's, predicates say to which
// records a transform applies.
//
// # Differences from Kafka Connect
//
// `make oracle` asks Kafka Connect's own classes and these the same questions. Every
// answer that differs is one of the following.
//
// All transforms and predicates:
//   - An unknown key is an error, because it is mostly misspelt; Java logs a warning.
//   - Blanks at the ends of a value are trimmed as Unicode has them; Java trims what is
//     up to U+0020, control characters, too.
//   - Null is passed on; Java converts it, or refuses a schema that it would not read.
//   - With replace.null.with.default=false null stays null; Java refuses it in a
//     required field with a default.
//   - An optional struct stays optional; Java forgets it, and null is then invalid.
//   - Cast, ExtractField, HeaderFrom, HoistField, InsertField, MaskField, ReplaceField, TimestampConverter and
//     ValueToKey take paths with field.syntax.version=V2; Java has them in ExtractField alone. A path within a value
//     that has no fields is an error.
//   - The name of a field is not empty; in Java it may be.
//   - A map without a schema whose keys are not all text is an error; what Java does
//     depends on the transform.
//   - Integers without a schema that 64 bits do not hold are errors where a transform
//     reads them; Java's converter has wrapped them before.
//
// Cast:
//   - A number that the type does not hold is an error; Java cuts its bits, or makes Infinity of it.
//   - A type is given once for a field; in Java the last counts.
//   - A field that is not there stays away; Java inserts null.
//   - As a whole, a Date, Time, Timestamp or Decimal loses that name; Java keeps it for what is none any more.
//   - A Timestamp becomes text as a whole, and a Date a date; Java writes a Timestamp at midnight as a date, and
//     what is before 1970-01-02 as a time.
//   - Digits in text are 0 to 9; Java reads those of other scripts, too.
//   - A decimal without a schema is cast as one with; Java refuses it.
//   - The default of a struct is cast with its fields; Java fails.
//
// ExtractField:
//   - A field of a struct that is null is optional; Java calls it required, and null is then invalid.
//
// Flatten:
//   - Two fields that get one name are an error; Java fails with a schema, and without lets chance choose.
//   - Times without a schema stay as they are; Java refuses them.
//
// InsertHeader reads its value as SimpleHeaderConverter does, with that one's differences (package
// transforms/formats/text).
//
// MaskField:
//   - Bytes become empty; Java cannot mask them.
//   - A replacement that the type of a number does not hold is an error; Java cuts bits and fractions.
//   - A field that is not there stays away; Java inserts null.
//
// SetSchemaMetadata:
//   - A schema that is not that of a struct is renamed, too; Java fails.
//   - An empty name changes nothing; Java takes the name away.
//
// TimestampRouter:
//   - A pattern that cannot be read is found when the connector is configured; in Java by the first record.
//   - An empty topic, and any other name that Kafka does not allow, is an error; Java makes one.
//   - S after a dot or a comma is a fraction of a second, as in TimestampConverter.
//
// RegexRouter and TopicNameMatches:
//   - An expression that Go can run takes linear time; one with look-around, back references, possessive
//     quantifiers or classes within classes may take more, and more than a second is an error.
//   - Refused when the connector is configured: \X, \N, \G, \b{g}, the flags x and U, {2 where it is not a
//     quantifier, \p{javaLowerCase} and other properties of Java alone, back references to groups that come later.
//   - What only Go knows, such as (?P<name>) and a name with _, is taken, too.
//   - Only letters beyond ASCII and ends of lines, which no topic of Kafka has, may match
//     otherwise: (?i) folds É and é, and . matches \r. Where a repeated group can match
//     nothing, Go and Java may say otherwise what it matched last, and how far a topic
//     matches.
//   - A group that the expression does not have, and a backslash at the end of the
//     replacement, are found when the connector is configured; in Java by the first
//     record that matches.
//   - An empty topic, and any other name that Kafka does not allow, is an error; Java
//     makes one, which no broker takes.
//
// InsertField:
//   - A field that is there is replaced; Java fails with a schema and replaces without.
//   - Two keys that insert one field are found when the connector is configured; Java
//     fails with a schema, and without lets the last win.
//   - A required value that the record does not have is an error; Java makes an invalid
//     struct, or leaves it out.
//   - An empty name means no field; Java inserts a field without a name.
//   - With field.syntax.version=V2, a struct on the way that is not there is made, and one that is null stays null.
//
// HoistField has the key hoisted, the field to put into a struct, as KIP-821 has it; Java's has not.
//
// ReplaceField:
//   - Two fields of one name are an error; Java fails with a schema, and without lets
//     chance choose.
//   - A rename has two names and no old name twice; Java takes ":new", and the last of
//     two.
//   - Empty and repeated entries of lists are taken; Java refuses them.
//   - A field may have the name that another one, which is left out or not there, is
//     renamed to; Java fails, or takes the value of the other.
//   - With field.syntax.version=V2, exclude, include and the old names of renames are paths. A field stays in its
//     struct, and what is included within a struct leaves out the other fields of that.
//
// TimestampConverter, which reads and writes text by Java's SimpleDateFormat in English:
//   - S after a dot or a comma is a fraction of a second; Java counts milliseconds, so
//     that .123456 is two minutes.
//   - Dates before 15 October 1582 are Gregorian, as everything that reads Connect's
//     times takes them; in Java they are Julian.
//   - Text with nanoseconds, and numbers of micro- and nanoseconds, keep them on the way
//     to a number; Java cuts to milliseconds.
//   - What is cut is rounded down, also before 1970; Java rounds towards 1970.
//   - A time that the target cannot hold is an error; Java takes the nearest that it can.
//     So is text of a time whose milliseconds 64 bits do not hold; Java cuts bits.
//     Seconds beyond what milliseconds hold stay what they are on the way to seconds.
//   - A field that is not there stays away; Java inserts null.
//   - Weeks and days far out of range are counted in 64 bits; Java's overflow.
//   - Zones have the offset of today, and a zone in one text does not change how the next
//     is read.
package transforms
