package layout

import (
	"errors"
	"time"
)

// Zone returns the time zone of a name: one of the IANA database, such as
// Asia/Tokyo, or an offset, such as +09:00. It never depends on the zone of the machine, so Local
// is an error.
func Zone(name string) (*time.Location, error) {
	if name == "" || name == time.Local.String() {
		return nil, errors.New("want a zone of the IANA database, such as Asia/Tokyo, or an offset, such as +09:00")
	}
	if name[0] == '+' || name[0] == '-' {
		t, err := time.Parse("-07:00", name)
		if err != nil {
			return nil, errors.New("want an offset of hours and minutes, such as +09:00")
		}
		_, seconds := t.Zone()
		return time.FixedZone(name, seconds), nil
	}
	return time.LoadLocation(name)
}
