package source

import (
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // zones of the workspace must not depend on the machine

	"ghostlight/jobs/warehouse"
)

// Plausible instants: years 2000 to 2100, in seconds since the epoch. What lies
// outside was almost always written in another unit.
const (
	firstSecond = 946_684_800   // 2000-01-01T00:00:00Z
	lastSecond  = 4_102_444_800 // 2100-01-01T00:00:00Z, exclusive
)

const (
	implausibleTime = "time is outside the years 2000 to 2100"
	noZone          = "time has no zone and the source declares none"

	// ShownTwice is said of a record's time, of which another instant would be as true.
	ShownTwice = "the zone's clocks show this local time twice: the earlier instant was taken"
)

// epochUnits gives, for each epoch encoding, its ticks a second.
var epochUnits = []struct {
	name  string
	ticks int64
}{{"epoch_s", 1}, {"epoch_ms", 1_000}, {"epoch_us", 1_000_000}}

// clock reads times written in one encoding: iso, date, epoch_s, epoch_ms,
// epoch_us or any. zone is used by iso texts that carry no offset and by date; nil
// means that such a text is refused (for date: UTC).
type clock struct {
	unit string
	zone *time.Location
}

// micros gives epoch microseconds UTC, or the rule that the text breaks. Parts
// of a second below a microsecond are cut off. A local time that a zone skips is
// refused; of one that a zone has twice, the earlier instant is taken.
func (c clock) micros(s string) (int64, string) {
	s = strings.TrimSpace(s)
	var us int64
	var rule string
	switch c.unit {
	case "iso", "":
		us, rule = c.iso(s)
	case "date":
		us, rule = c.date(s)
	case string(Any):
		return c.any(s)
	default:
		return epoch(s, c.unit)
	}
	if rule == "" && !plausible(us) {
		rule = implausibleTime
	}
	return us, rule
}

// any reads a count of an epoch unit, told by its size, an ISO text or a date.
func (c clock) any(s string) (int64, string) {
	whole, _, _ := strings.Cut(s, ".")
	if len(s) == 10 && strings.Contains(s, "-") {
		return clock{unit: string(Date), zone: c.zone}.micros(s)
	}
	if !digits(whole) {
		return clock{unit: string(ISO), zone: c.zone}.micros(s)
	}
	for _, u := range epochUnits {
		if us, rule := epoch(s, u.name); rule == "" {
			return us, ""
		}
	}
	return 0, implausibleTime
}

func plausible(us int64) bool {
	return us >= firstSecond*1_000_000 && us < lastSecond*1_000_000
}

// epoch reads a whole or decimal count of the unit and checks its magnitude
// against the unit, so that milliseconds declared as seconds are not accepted.
func epoch(s, unit string) (int64, string) {
	whole, frac, hasFrac := s, "", false
	if at := strings.IndexByte(s, '.'); at >= 0 {
		whole, frac, hasFrac = s[:at], s[at+1:], true
	}
	n, ok := count(whole)
	if !ok {
		return 0, "not a count of " + unit
	}
	var us int64
	for _, u := range epochUnits {
		inRange := n >= firstSecond*u.ticks && n < lastSecond*u.ticks
		if u.name == unit {
			if inRange {
				us = n * (1_000_000 / u.ticks)
				if !hasFrac {
					return us, ""
				}
				f, ok := fraction(frac)
				if !ok {
					return 0, "not a count of " + unit
				}
				return us + f/u.ticks, ""
			}
			continue
		}
		if inRange {
			return 0, "time is " + u.name + " by its size, declared " + unit
		}
	}
	return 0, implausibleTime
}

// count reads digits.
func count(s string) (n int64, ok bool) {
	if len(s) < len("1000000000000000000") { // most are much shorter
		n = int64(number(s))
		return n, n >= 0
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && digits(s)
}

// fraction reads decimals as millionths, cutting what is smaller.
func fraction(s string) (int64, bool) {
	if s == "" || len(s) > 18 {
		return 0, false
	}
	var f int64
	for i := range 6 {
		f *= 10
		if i < len(s) {
			f += int64(s[i] - '0')
		}
	}
	return f, digits(s)
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// number reads s as a decimal number of exactly len(s) digits, or -1.
func number(s string) int {
	if !digits(s) {
		return -1
	}
	n := 0
	for i := range len(s) {
		n = n*10 + int(s[i]-'0')
	}
	return n
}

// day reads the leading YYYY-MM-DD and refuses days no calendar has.
func day(s string) (y, m, d int, ok bool) {
	if len(s) < 10 || s[4] != '-' || s[7] != '-' {
		return 0, 0, 0, false
	}
	y, m, d = number(s[:4]), number(s[5:7]), number(s[8:10])
	if y < 1 || m < 1 || m > 12 || d < 1 {
		return 0, 0, 0, false
	}
	last := time.Date(y, time.Month(m)+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return y, m, d, d <= last
}

func (c clock) date(s string) (int64, string) {
	y, m, d, ok := day(s)
	if !ok || len(s) != 10 {
		return 0, "not a date as YYYY-MM-DD"
	}
	if c.zone == nil || c.zone == time.UTC {
		return time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC).UnixMicro(), ""
	}
	return local(time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC), c.zone)
}

// iso reads YYYY-MM-DD, T or blank, hh:mm[:ss[.f]], then nothing, Z, UTC or an
// offset (+05:30, +0530, +05), which a blank may precede.
func (c clock) iso(s string) (int64, string) {
	const rule = "not an ISO 8601 time"
	y, mo, d, ok := day(s)
	if !ok {
		return 0, rule
	}
	if len(s) == 10 {
		return 0, "a date without a time of day (declare time: date)"
	}
	if len(s) < 16 || (s[10] != 'T' && s[10] != ' ' && s[10] != 't') || s[13] != ':' {
		return 0, rule
	}
	h, mi := number(s[11:13]), number(s[14:16])
	rest := s[16:]
	sec, micro := 0, int64(0)
	if strings.HasPrefix(rest, ":") {
		if len(rest) < 3 {
			return 0, rule
		}
		sec = number(rest[1:3])
		rest = rest[3:]
		if rest != "" && (rest[0] == '.' || rest[0] == ',') {
			end := 1
			for end < len(rest) && rest[end] >= '0' && rest[end] <= '9' {
				end++
			}
			if micro, ok = fraction(rest[1:end]); !ok {
				return 0, rule
			}
			rest = rest[end:]
		}
	}
	if h < 0 || h > 23 || mi < 0 || mi > 59 || sec < 0 || sec > 59 {
		return 0, rule
	}
	wall := time.Date(y, time.Month(mo), d, h, mi, sec, int(micro)*1000, time.UTC)
	rest = strings.TrimPrefix(rest, " ")
	switch rest {
	case "":
		if c.zone == nil {
			return 0, noZone
		}
		return local(wall, c.zone)
	case "Z", "z", "UTC":
		return wall.UnixMicro(), ""
	}
	off, ok := offset(rest)
	if !ok {
		return 0, rule
	}
	return wall.UnixMicro() - off*1_000_000, ""
}

// offset reads +hh, +hhmm or +hh:mm as seconds east of UTC.
func offset(s string) (int64, bool) {
	if len(s) != 3 && len(s) != 5 && (len(s) != 6 || s[3] != ':') {
		return 0, false
	}
	h, m := number(s[1:3]), 0
	if len(s) > 3 {
		m = number(s[len(s)-2:])
	}
	if h < 0 || h > 18 || m < 0 || m > 59 {
		return 0, false
	}
	sec := int64(h*3600 + m*60)
	switch s[0] {
	case '+':
		return sec, true
	case '-':
		return -sec, true
	}
	return 0, false
}

// isShownTwice tells that s is a local time which the zone's clocks showed again after
// us, when they were put back.
func (c clock) isShownTwice(us int64, s string) bool {
	if c.zone == nil || c.zone == time.UTC {
		return false
	}
	t := time.UnixMicro(us).In(c.zone)
	_, back := t.ZoneBounds()
	if back.IsZero() {
		return false
	}
	_, before := t.Zone()
	_, after := back.Zone()
	if t.Before(back.Add(time.Duration(after-before) * time.Second)) {
		return false
	}
	_, rule := clock{unit: c.unit}.micros(s)
	return rule == noZone
}

// local finds the instant at which the zone's clocks show the wall time (given
// as if it were UTC).
func local(wall time.Time, zone *time.Location) (int64, string) {
	if zone == time.UTC {
		return wall.UnixMicro(), ""
	}
	found := false
	var first time.Time
	for _, near := range [2]time.Duration{-24 * time.Hour, 24 * time.Hour} {
		_, off := wall.Add(near).In(zone).Zone()
		t := wall.Add(-time.Duration(off) * time.Second)
		if _, o := t.In(zone).Zone(); o == off && (!found || t.Before(first)) {
			first, found = t, true
		}
	}
	if !found {
		return 0, "no such local time: the zone's clocks skip it"
	}
	return first.UnixMicro(), ""
}

// madeTime is the time that a field met last: of a request, of a day.
type madeTime struct {
	text  [len("2006-01-02T15:04:05.999999-07:00")]byte
	n     int // bytes of it; 0 for none
	value warehouse.Value
}

func (m *madeTime) is(s string) bool { return m.n > 0 && string(m.text[:m.n]) == s }

func (m *madeTime) keep(s string, v warehouse.Value) {
	m.n = 0
	if len(s) <= len(m.text) {
		m.n, m.value = copy(m.text[:], s), v
	}
}
