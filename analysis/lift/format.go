package lift

import (
	"math"
	"strconv"
	"strings"

	"ghostlight/analysis"
)

// minus is the sign that screen readers say and that lines up with "+".
const minus = "−"

// maxPlaces is the most decimals that are ever written.
const maxPlaces = 12

// Quantity says how the numbers of one kind are written for people. The verdict
// sentence and every figure, table and chart of a report write with it, so that
// the same number reads the same everywhere.
type Quantity struct {
	Factor   float64 // what a number is multiplied by, such as 100 for points
	Currency string  // ISO code that stands before it; money has no decimals, two, or more, never one
	Suffix   string  // set tight after every number: "%"
	Unit     string  // said once after the number or its interval: "points"
	IsChange bool    // a positive value carries a plus sign
	// WholeFrom is the magnitude, after Factor, from which no decimals are
	// written; 0 is no such limit.
	WholeFrom float64
}

// Ways to write the quantities of this package.
var (
	// Points writes a difference of rates in percentage points: "+0.77 points".
	Points = Quantity{Factor: 100, Unit: "points", IsChange: true}
	// Percent writes a relative lift: "+43%".
	Percent = Quantity{Factor: 100, Suffix: "%", IsChange: true}
	// Rate writes a rate by itself: "1.79%".
	Rate = Quantity{Factor: 100, Suffix: "%"}
	// Ratio writes a number without a unit: "2.31".
	Ratio = Quantity{Factor: 1}
)

// Count writes a number of things, such as "conversions", whole from 10 on:
// "4,343 conversions". The things may be left empty.
func Count(things string) Quantity {
	return Quantity{Factor: 1, Unit: things, WholeFrom: 10}
}

// Money writes an amount in a currency, given by its ISO code, without cents
// from 1,000 on: "USD 9.40", "USD 1,016".
func Money(currency string) Quantity {
	return Quantity{Factor: 1, Currency: currency, WholeFrom: 1000}
}

// AsChange is the quantity of a difference, which carries its sign.
func (q Quantity) AsChange() Quantity {
	q.IsChange = true
	return q
}

// Written is an estimate as text, rounded to what its interval supports. Value
// and Range stand between Currency and Unit; Value is empty without a value and
// Range without an interval.
type Written struct {
	Currency string // "USD", or empty
	Value    string // "+0.77", "+43%"
	Unit     string // "points", or empty
	Range    string // "0.59 to 0.94", "at least 23%, unbounded above"
	// RangeAlone is the range with its unit, for a place without the value:
	// "−1.7 to +3.7 points", "at least USD 23, unbounded above".
	RangeAlone string
}

// Text is the value with its currency or unit: "+0.77 points", "USD 9.40".
func (w Written) Text() string { return w.withUnit(w.Value) }

func (w Written) withUnit(number string) string {
	if number == "" {
		return ""
	}
	if w.Currency != "" {
		number = w.Currency + " " + number
	}
	if w.Unit != "" {
		number += " " + w.Unit
	}
	return number
}

// Write rounds an estimate honestly: half the width of the interval is rounded
// to two significant digits, and value and ends get the decimals of that, never
// fewer than none, so that nothing is rounded to tens. With one end only, the
// distance from the value to the end counts as half the width; without a width
// the value gets three significant digits. Ends carry plus signs when the
// interval has values on both sides of 0.
//
// An end that is not zero never becomes zero by rounding, for that would hide on
// which side of no effect it lies: up to three more decimals are written, and
// then "just above 0" or "just below 0". Numbers that are whole by their size
// get no decimals for that.
func (q Quantity) Write(e analysis.Estimate) Written {
	value, lo, hi := e.Value*q.Factor, e.Interval.Lo*q.Factor, e.Interval.Hi*q.Factor
	i := e.Interval
	places, isWhole := q.places(e)
	for extra := 0; e.HasInterval && !isWhole && extra < 3 && places < maxPlaces; extra++ {
		if (i.LoUnbounded || !vanishes(lo, places)) && (i.HiUnbounded || !vanishes(hi, places)) {
			break
		}
		places++
	}

	w := Written{Currency: q.Currency, Unit: q.Unit}
	if e.HasValue {
		w.Value = q.value(value, places)
	}
	if !e.HasInterval {
		return w
	}
	number := Plain
	if (i.LoUnbounded || lo < 0) && (i.HiUnbounded || hi > 0) {
		number = Signed
	}
	end := func(x float64) string {
		switch {
		case !vanishes(x, places):
			return number(x, places) + q.Suffix
		case x > 0:
			return "just above 0" + q.Suffix
		}
		return "just below 0" + q.Suffix
	}
	switch {
	case i.IsBounded():
		w.Range = end(lo) + " to " + end(hi)
		w.RangeAlone = w.withUnit(w.Range)
	case i.HiUnbounded && i.LoUnbounded:
		w.Range = "unbounded on both sides"
		w.RangeAlone = w.Range
	case i.HiUnbounded:
		w.Range = "at least " + end(lo) + ", unbounded above"
		w.RangeAlone = "at least " + w.withUnit(end(lo)) + ", unbounded above"
	default:
		w.Range = "at most " + end(hi) + ", unbounded below"
		w.RangeAlone = "at most " + w.withUnit(end(hi)) + ", unbounded below"
	}
	return w
}

// Within writes a value alone to the decimals that a margin of error either side
// of it supports; a margin of 0 is none known.
func (q Quantity) Within(value, margin float64) string {
	e := analysis.Estimate{Value: value, HasValue: true, HasInterval: margin > 0,
		Interval: analysis.Interval{Lo: value - margin, Hi: value + margin}}
	places, _ := q.places(e)
	return q.value(value*q.Factor, places)
}

// Exact writes a value to seven significant digits.
func (q Quantity) Exact(value float64) string {
	x := value * q.Factor
	places := min(max(0, lastPlace(x)+5), maxPlaces)
	if x == 0 {
		places = 0
	}
	text := strconv.FormatFloat(math.Abs(x), 'f', places, 64)
	if _, decimals, has := strings.Cut(text, "."); has {
		places = len(strings.TrimRight(decimals, "0"))
	}
	return q.value(x, places)
}

// value writes x, which is multiplied already.
func (q Quantity) value(x float64, places int) string {
	if q.IsChange {
		return Signed(x, places) + q.Suffix
	}
	return Plain(x, places) + q.Suffix
}

// places is the number of decimals that the interval supports, and whether it
// is none because the numbers are large.
func (q Quantity) places(e analysis.Estimate) (places int, isWhole bool) {
	value, lo, hi := e.Value*q.Factor, e.Interval.Lo*q.Factor, e.Interval.Hi*q.Factor
	i := e.Interval
	half, largest := 0.0, math.Abs(value)
	if e.HasInterval && !i.LoUnbounded {
		half, largest = math.Abs(value-lo), max(largest, math.Abs(lo))
	}
	if e.HasInterval && !i.HiUnbounded {
		half, largest = math.Abs(value-hi), max(largest, math.Abs(hi))
	}
	if e.HasInterval && i.IsBounded() {
		half = (hi - lo) / 2
	}
	if half == 0 {
		half = value / 10 // two digits of a tenth are three digits of the whole
	}
	if q.WholeFrom > 0 && math.Round(largest*100)/100 >= q.WholeFrom {
		return 0, true
	}
	places = min(max(0, lastPlace(half)), maxPlaces)
	if q.Currency != "" && places == 1 {
		places = 2
	}
	return places, false
}

// lastPlace is the number of decimals of x rounded to two significant digits: 2
// for 0.174, 3 for 0.0996, -1 for 984.
func lastPlace(x float64) int {
	if x == 0 {
		return 0
	}
	text := strconv.FormatFloat(math.Abs(x), 'e', 1, 64)
	exponent, err := strconv.Atoi(text[strings.IndexByte(text, 'e')+1:])
	if err != nil {
		return 0
	}
	return 1 - exponent
}

// vanishes reports whether x is not zero and is written as zero.
func vanishes(x float64, places int) bool {
	return x != 0 && strings.Trim(strconv.FormatFloat(math.Abs(x), 'f', places, 64), "0.") == ""
}

// Plain writes x with the given decimals, thousands in groups, and a minus sign
// when it is negative and not rounded to zero: "4,343", "0.77", "−1.2".
func Plain(x float64, places int) string {
	text := strconv.FormatFloat(math.Abs(x), 'f', max(0, places), 64)
	whole, decimals, _ := strings.Cut(text, ".")
	text = grouped(whole)
	if decimals != "" {
		text += "." + decimals
	}
	if x < 0 && strings.Trim(text, "0.") != "" {
		return minus + text
	}
	return text
}

// Signed is [Plain] with a plus sign when x is positive and not rounded to zero.
func Signed(x float64, places int) string {
	text := Plain(x, places)
	if x > 0 && strings.Trim(text, "0.") != "" {
		return "+" + text
	}
	return text
}

// FormatCount writes a whole number with thousands in groups: "588,101".
func FormatCount(n int64) string {
	if n < 0 {
		return minus + grouped(strconv.FormatInt(n, 10)[1:])
	}
	return grouped(strconv.FormatInt(n, 10))
}

// grouped puts a comma before every third digit from the right.
func grouped(digits string) string {
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

// FormatP writes a p-value: "p < 0.001", "p = 0.0023", "p = 0.33". It has two
// significant digits, and more where two would put it on a usual limit that it
// is not on, such as 0.05.
func FormatP(p float64) string {
	if p < 0.001 {
		return "p < 0.001"
	}
	if p > 0.99 {
		return "p > 0.99"
	}
	text := ""
	for digits := 2; digits <= 6; digits++ {
		text = strconv.FormatFloat(p, 'f', max(2, lastPlace(p)+digits-2), 64)
		rounded, err := strconv.ParseFloat(text, 64)
		if err != nil || rounded == p || rounded != 0.1 && rounded != 0.05 && rounded != 0.01 && rounded != 0.001 {
			break
		}
	}
	return "p = " + text
}

// FormatLevel writes the level of an interval: "95%", "99.9%".
func FormatLevel(level float64) string {
	return strconv.FormatFloat(level*100, 'g', 6, 64) + "%"
}

// FormatFraction writes a fraction in percent with up to two decimals: "96%",
// "80.54%".
func FormatFraction(x float64) string {
	return strconv.FormatFloat(math.Round(x*1e4)/100, 'f', -1, 64) + "%"
}

// FormatShare writes a part of a whole in percent with one decimal; what is not
// none is never written as none, nor what is not all as all.
func FormatShare(part, whole int64) string {
	if whole == 0 {
		return "none"
	}
	percent := float64(part) / float64(whole) * 100
	switch {
	case part == 0 || part == whole:
		return Plain(percent, 0) + "%"
	case percent < 0.1:
		return "< 0.1%"
	case percent > 99.9:
		return "> 99.9%"
	}
	return Plain(percent, 1) + "%"
}

// FormatMoney writes an amount given in micros of a currency, with cents below
// 1,000 and without from there on: "405.64", "1,016".
func FormatMoney(micros int64) string {
	amount := float64(micros) / 1e6
	if math.Round(math.Abs(amount)*100) >= 1000*100 {
		return Plain(amount, 0)
	}
	return Plain(amount, 2)
}
