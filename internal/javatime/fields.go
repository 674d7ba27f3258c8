package javatime

// field is a field of Java's Calendar.
type field int

const (
	era field = iota
	year
	month
	weekOfYear
	weekOfMonth
	dayOfMonth
	dayOfYear
	dayOfWeek // 1 is Sunday
	dayOfWeekInMonth
	half // of the day
	hour
	hourOfDay
	minute
	second
	millisecond
	weekYear
	fieldCount
)

// fields are what was read of a time. When fields contradict each other, those
// that were set last count, as in Java's lenient Calendar.
type fields struct {
	value [fieldCount]int
	when  [fieldCount]int // when each was set, counted by sets; 0 is never
	sets  int
	// nanoseconds are those of a fraction.
	nanoseconds int
	// offset is that of the zone in seconds.
	offset int
	// ambiguous says that the year has two digits which begin and end a century.
	ambiguous bool
}

func (f *fields) set(to field, n int) {
	f.sets++
	f.value[to], f.when[to] = n, f.sets
}
