package reports

import (
	"math"
	"strconv"
	"strings"
)

// style is how one kind of number is put in words.
type style struct {
	scale   float64 // what the stored value is multiplied by
	suffix  string  // set tight after every number: "%"
	unit    string  // said once, after the number or the interval
	signed  bool    // a positive estimate carries a plus sign
	integer bool    // at most whole numbers once the estimate has two digits
	money   bool
}

// slot is the place in a contrast that a number stands in. It settles what the
// units rate and ratio mean there.
type slot int

const (
	slotPlain slot = iota
	slotAbsolute
	slotRelative
)

var (
	stylePoints = style{scale: 100, unit: "percentage points", signed: true}
	styleLift   = style{scale: 100, suffix: "%", signed: true}
	styleRate   = style{scale: 100, suffix: "%"}
	styleRatio  = style{scale: 1}
	styleCount  = style{scale: 1, integer: true}
)

func styleOf(unit string, in slot) style {
	switch {
	case unit == "points", unit == "rate" && in == slotAbsolute:
		return stylePoints
	case unit == "lift", unit == "ratio" && in == slotRelative:
		return styleLift
	case unit == "rate":
		return styleRate
	case unit == "ratio":
		return styleRatio
	case unit == "count":
		s := styleCount
		s.signed = in == slotAbsolute
		return s
	}
	return style{scale: 1, unit: unit, signed: in == slotAbsolute, money: true}
}

// figure is a Number in words, rounded to what its interval supports.
type figure struct {
	Value  string // "+0.77", or "Not estimable"
	Unit   string // "percentage points", or empty
	Range  string // "0.59 to 0.94", or empty
	Level  string // "95% CI"
	Reason string // why there is no estimate or no interval
	P      string
	N      string // "564,577 vs 23,524"
	Method string
	Grade  string
	Has    bool // there is an estimate
}

// Text is the figure in one line, for alternative texts and tooltips.
func (f figure) Text() string {
	if !f.Has {
		return "not estimable: " + f.Reason
	}
	s := f.Value
	if f.Unit != "" {
		s += " " + f.Unit
	}
	if f.Range != "" {
		s += ", " + f.Level + " " + f.Range
	} else if f.Reason != "" {
		s += ", no interval: " + f.Reason
	}
	return s
}

func (n Number) figure(in slot) figure {
	st := styleOf(n.Unit, in)
	f := figure{
		Unit:   plain(st.unit),
		Reason: plain(n.NotEstimable),
		Method: plain(n.Method),
		Grade:  plain(n.Grade),
		Level:  levelText(n.Level),
	}
	if n.P != nil {
		f.P = pText(*n.P)
	}
	if n.NTreatment > 0 || n.NControl > 0 {
		f.N = count(n.NTreatment)
		if n.NControl > 0 {
			f.N += " vs " + count(n.NControl)
		}
	}
	if n.Estimate == nil {
		f.Value, f.Unit = "Not estimable", ""
		return f
	}
	f.Has = true
	places := n.places(st)
	f.Value = st.text(*n.Estimate, places, st.signed)
	f.Range = n.rangeText(st, places)
	return f
}

// rangeText puts the interval in words: "0.4 to 5.6", never with a dash, and an
// end that does not exist is called unbounded.
func (n Number) rangeText(st style, places int) string {
	plus := st.signed && (n.Lo == nil || *n.Lo < 0)
	switch {
	case n.LoUnbounded && n.HiUnbounded:
		return "unbounded on both sides"
	case n.LoUnbounded && n.Hi != nil:
		return "unbounded below, up to " + st.text(*n.Hi, places, plus)
	case n.HiUnbounded && n.Lo != nil:
		return st.text(*n.Lo, places, plus) + " and up, unbounded above"
	case n.Lo != nil && n.Hi != nil:
		return st.text(*n.Lo, places, plus) + " to " + st.text(*n.Hi, places, plus)
	}
	return ""
}

// places is the decimal place that the number is shown to: the one that gives
// the half-width of the interval two significant digits, or the estimate three
// where there is no interval. It is negative for tens, hundreds and so on. A
// bound other than zero is never rounded onto zero, and neither is an estimate
// by rounding to tens or more.
func (n Number) places(st style) int {
	est := *n.Estimate * st.scale
	half := 0.0
	switch {
	case n.Lo != nil && n.Hi != nil:
		half = (*n.Hi - *n.Lo) / 2 * st.scale
	case n.Lo != nil:
		half = math.Abs(est - *n.Lo*st.scale)
	case n.Hi != nil:
		half = math.Abs(*n.Hi*st.scale - est)
	}
	places := 0
	if half > 0 {
		places = placesFor(half, 2)
	} else if est != 0 {
		places = placesFor(math.Abs(est), 3)
	}
	if (st.integer && math.Abs(est) >= 10) || (st.money && math.Abs(est) >= 1000) {
		places = min(places, 0)
	}
	for places < 0 && est != 0 && roundTo(est, places) == 0 {
		places++
	}
	for _, end := range []*float64{n.Lo, n.Hi} {
		for extra := 0; end != nil && *end != 0 && extra < 3 && roundTo(*end*st.scale, places) == 0; extra++ {
			places++
		}
	}
	return places
}

// placesFor is the number of decimals that shows x > 0 to the given count of
// significant digits, taken after rounding (0.0996 becomes 0.10).
func placesFor(x float64, digits int) int {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(x, 'e', digits-1, 64), 64)
	if err != nil || rounded <= 0 {
		return 0
	}
	exponent := int(math.Floor(math.Log10(rounded) + 1e-12))
	return min(digits-1-exponent, 12)
}

func roundTo(x float64, places int) float64 {
	if places >= 0 {
		v, err := strconv.ParseFloat(strconv.FormatFloat(x, 'f', places, 64), 64)
		if err != nil {
			return x
		}
		return v
	}
	unit := math.Pow10(-places)
	return math.Round(x/unit) * unit
}

func (st style) text(x float64, places int, plus bool) string {
	return signed(roundTo(x*st.scale, places), max(places, 0), plus) + st.suffix
}

// signed writes x with grouped thousands and a true minus sign.
func signed(x float64, decimals int, plus bool) string {
	s := group(strconv.FormatFloat(math.Abs(x), 'f', decimals, 64))
	if strings.Trim(s, "0.,") == "" {
		return s
	}
	if x < 0 {
		return "−" + s
	}
	if plus {
		return "+" + s
	}
	return s
}

// group sets commas between thousands of an unsigned decimal.
func group(s string) string {
	whole, frac, has := strings.Cut(s, ".")
	var b strings.Builder
	for i, r := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(r)
	}
	if has {
		b.WriteString("." + frac)
	}
	return b.String()
}

func count(n int64) string { return signed(float64(n), 0, false) }

// money writes micros of a currency: cents below 1,000, whole units above.
func money(micros int64) string {
	units := float64(micros) / 1e6
	if math.Abs(units) >= 1000 {
		return signed(math.Round(units), 0, false)
	}
	return signed(units, 2, false)
}

// share writes part of whole as a percentage, and says so when there is no
// whole.
func share(part, whole int64) string {
	if whole == 0 {
		return "none"
	}
	p := float64(part) / float64(whole) * 100
	switch {
	case part == whole || part == 0:
		return strconv.Itoa(int(p)) + "%"
	case p < 0.1:
		return "< 0.1%"
	case p > 99.9:
		return "> 99.9%"
	}
	return strconv.FormatFloat(p, 'f', 1, 64) + "%"
}

// percent writes a fraction with up to two decimals.
func percent(x float64) string {
	return trimZeros(strconv.FormatFloat(x*100, 'f', 2, 64)) + "%"
}

func levelText(level float64) string {
	if level <= 0 {
		return "CI"
	}
	return percent(level) + " CI"
}

// pText writes a p-value: never zero, at most three decimals.
func pText(p float64) string {
	switch {
	case p < 0.001:
		return "< 0.001"
	case p < 0.1:
		return strconv.FormatFloat(p, 'f', 3, 64)
	}
	return strconv.FormatFloat(p, 'f', 2, 64)
}

// exact writes x to seven significant digits, without grouping.
func exact(x *float64, st style) string {
	if x == nil {
		return ""
	}
	v := *x * st.scale
	if v == 0 {
		return "0"
	}
	decimals := min(max(placesFor(math.Abs(v), 7), 0), 12)
	s := trimZeros(strconv.FormatFloat(math.Abs(v), 'f', decimals, 64))
	if v < 0 {
		s = "−" + s
	}
	return s + st.suffix
}

func trimZeros(s string) string {
	if !strings.Contains(s, ".") {
		return s
	}
	return strings.TrimRight(strings.TrimRight(s, "0"), ".")
}

// plain takes the characters out of a name that would change the direction or
// the lines of the text around it. Bidirectional controls become visible
// replacement characters, line ends and other controls become spaces.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069:
			return '\uFFFD'
		case r < 0x20, r >= 0x7F && r <= 0x9F, r == 0x2028, r == 0x2029:
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// short cuts a name to at most n characters.
func short(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n-1]) + "…"
}
