package file

import "google.golang.org/protobuf/encoding/protowire"

// The full names of messages that are types of Connect.
const (
	TypeDecimal   = "confluent.type.Decimal"
	TypeDate      = "google.type.Date"
	TypeTime      = "google.type.TimeOfDay"
	TypeTimestamp = "google.protobuf.Timestamp"
)

// known are the files that Confluent's serializers have without a reference, beside those
// of Protobuf itself.
var known = map[string]string{
	"confluent/meta.proto": `syntax = "proto3";
package confluent;
import "google/protobuf/descriptor.proto";
message Meta {
  string doc = 1;
  map<string, string> params = 2;
  repeated string tags = 3;
}
extend google.protobuf.FileOptions { Meta file_meta = 1088; }
extend google.protobuf.MessageOptions { Meta message_meta = 1088; }
extend google.protobuf.FieldOptions { Meta field_meta = 1088; }
extend google.protobuf.EnumOptions { Meta enum_meta = 1088; }
extend google.protobuf.EnumValueOptions { Meta enum_value_meta = 1088; }
`,
	"confluent/type/decimal.proto": `syntax = "proto3";
package confluent.type;
message Decimal {
  bytes value = 1;
  uint32 precision = 2;
  int32 scale = 3;
}
`,
	"google/type/date.proto": `syntax = "proto3";
package google.type;
message Date {
  int32 year = 1;
  int32 month = 2;
  int32 day = 3;
}
`,
	"google/type/timeofday.proto": `syntax = "proto3";
package google.type;
message TimeOfDay {
  int32 hours = 1;
  int32 minutes = 2;
  int32 seconds = 3;
  int32 nanos = 4;
}
`,
}

// Imports are the files of the messages that schemas are written with.
var Imports = map[string]string{
	TypeDecimal: "confluent/type/decimal.proto", TypeDate: "google/type/date.proto",
	TypeTime: "google/type/timeofday.proto", TypeTimestamp: "google/protobuf/timestamp.proto",
}

// The files of Confluent's option for fields, and of wrappers.
const (
	ImportMeta     = "confluent/meta.proto"
	ImportWrappers = "google/protobuf/wrappers.proto"
)

// eachBytes calls do for each value of a field that has bytes.
func eachBytes(raw []byte, number protowire.Number, do func([]byte)) {
	for len(raw) > 0 {
		n, typ, size := protowire.ConsumeTag(raw)
		if size < 0 {
			return
		}
		raw = raw[size:]
		if n == number && typ == protowire.BytesType {
			if b, size := protowire.ConsumeBytes(raw); size >= 0 {
				do(b)
			}
		}
		if size = protowire.ConsumeFieldValue(n, typ, raw); size < 0 {
			return
		}
		raw = raw[size:]
	}
}
