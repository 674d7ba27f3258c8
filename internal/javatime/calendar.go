package javatime

import "time"

// Days since 1970-01-01 of any date of the Gregorian calendar.
func days(year, month, day int) int {
	return int(time.Date(year, time.Month(month+1), day, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// time is the instant that the fields describe.
func (f *fields) time(century time.Time) time.Time {
	at := f.instant()
	if f.ambiguous && at.Before(century) {
		f.value[year] += 100
		f.value[weekYear] += 100
		at = f.instant()
	}
	return at
}

func (f *fields) instant() time.Time {
	ms := f.timeOfDay() - int64(f.offset)*1000
	var day int
	if f.when[weekYear] > f.when[year] {
		day = f.weekDate()
	} else {
		day = f.date()
	}
	return time.Unix(int64(day)*86_400+ms/1000, ms%1000*1_000_000+int64(f.nanoseconds)).UTC()
}

// timeOfDay is in milliseconds, and may be of another day.
func (f *fields) timeOfDay() int64 {
	n := f.value[hourOfDay]
	if both := f.both(hour, half); both > f.when[hourOfDay] || f.when[hourOfDay] == 0 {
		n = f.value[hour] + 12*f.value[half]
	}
	ms := int64(n)
	ms = ms*60 + int64(f.value[minute])
	ms = ms*60 + int64(f.value[second])
	return ms*1000 + int64(f.value[millisecond])
}

// both says when the later of two fields was set, 0 if one was not.
func (f *fields) both(a, b field) int {
	if f.when[a] == 0 || f.when[b] == 0 {
		return 0
	}
	return max(f.when[a], f.when[b])
}

// or returns the value of a field, or another if it was not set.
func (f *fields) or(of field, other int) int {
	if f.when[of] == 0 {
		return other
	}
	return f.value[of]
}

func (f *fields) year() int {
	n := f.or(year, 1970)
	if f.or(era, 1) == 0 {
		return 1 - n
	}
	return n
}

// way is a group of fields that give a date in a year.
type way int

const (
	byMonth way = iota
	byWeekOfMonth
	byWeekdayInMonth
	byDayOfYear
	byWeekOfYear
)

// way chooses the group that was completed last. A day of the week counts only
// with a week; alone it is the first such day of the month.
func (f *fields) way() way {
	groups := [...]int{byMonth: f.when[dayOfMonth], byWeekOfMonth: f.both(weekOfMonth, dayOfWeek),
		byWeekdayInMonth: f.both(dayOfWeekInMonth, dayOfWeek), byDayOfYear: f.when[dayOfYear],
		byWeekOfYear: f.both(weekOfYear, dayOfWeek)}
	best := latest(groups[:])
	if groups[best] > 0 {
		return best
	}
	groups = [...]int{byMonth: 0, byWeekOfMonth: f.when[weekOfMonth],
		byWeekdayInMonth: max(f.when[dayOfWeekInMonth], f.when[dayOfWeek]), byDayOfYear: 0, byWeekOfYear: f.when[weekOfYear]}
	return latest(groups[:])
}

func latest(sets []int) way {
	best := byMonth
	for i, at := range sets {
		if at > sets[best] {
			best = way(i)
		}
	}
	return best
}

// date returns the day since 1970.
func (f *fields) date() int {
	y, m := f.year(), f.value[month]
	first := days(y, m, 1)
	switch f.way() {
	case byWeekOfMonth:
		return f.inWeek(first, f.value[weekOfMonth])
	case byWeekdayInMonth:
		return f.weekdayInMonth(first, days(y, m+1, 1))
	case byDayOfYear:
		return days(y, 0, 1) + f.value[dayOfYear] - 1
	case byWeekOfYear:
		return f.inWeek(days(y, 0, 1), f.value[weekOfYear])
	}
	return first + f.or(dayOfMonth, 1) - 1
}

// inWeek is the day of the week in week n, where the first week has the day first.
func (f *fields) inWeek(first, n int) int {
	sunday := onOrBefore(first, 1)
	return onOrBefore(sunday+6, f.or(dayOfWeek, 1)) + 7*(n-1)
}

func (f *fields) weekdayInMonth(first, next int) int {
	n, day := f.or(dayOfWeekInMonth, 1), f.or(dayOfWeek, 1)
	if n >= 0 {
		return onOrBefore(first+7*n-1, day)
	}
	return onOrBefore(next+7*(n+1)-1, day)
}

// weekDate is the day of a week in a year of whole weeks.
func (f *fields) weekDate() int {
	week, day := f.or(weekOfYear, 1), f.or(dayOfWeek, 1)
	sunday := onOrBefore(days(f.value[weekYear], 0, 1), 1)
	return sunday + 7*(week-1) + day - 1
}

// onOrBefore is the last day that is such a weekday and not after day. 1970
// began on a Thursday, the fifth day.
func onOrBefore(day, weekday int) int {
	back := (day + 5 - weekday) % 7
	if back < 0 {
		back += 7
	}
	return day - back
}
