package lift

import (
	"math"
	"strconv"
	"strings"

	"ghostlight/analysis"
)

// minus is the sign that screen readers say and that lines up with "+".
const minus = "−"

// Quantity says how the numbers of an estimate are written for people.
type Quantity struct {
	Factor float64 // what a number is multiplied by, such as 100 for points
	Unit   string  // what stands after it, such as "points"; may be empty
	// WholeAbove is the magnitude, after Factor, from which no decimals are
	// written; 0 is no such limit.
	WholeAbove float64
}

// Ways to write the quantities of this package.
var (
	// Points writes a difference of rates in percentage points.
	Points = Quantity{Factor: 100, Unit: "points"}
	// Percent writes a rate or a relative lift in percent.
	Percent = Quantity{Factor: 100, Unit: "percent"}
)

// Count writes a number of things, such as "incremental conversions".
func Count(things string) Quantity {
	return Quantity{Factor: 1, Unit: things, WholeAbove: 100}
}

// Money writes an amount in a currency, given by its ISO code, without cents
// from 1,000 on.
func Money(currency string) Quantity {
	return Quantity{Factor: 1, Unit: currency, WholeAbove: 1000}
}

// Written is an estimate as text, rounded to what its interval supports.
// Value is signed, Estimate is the same without a plus; both are empty without a
// value. Range is the interval in words, such as "0.59 to 0.94", "at least 0.23"
// or "no bound either way"; it is empty without an interval. None has the unit.
type Written struct {
	Value    string // "+0.77"
	Estimate string // "0.77"
	Range    string
	Unit     string
}

// Write rounds an estimate honestly: half the width of the interval is rounded
// to two significant digits, and value and ends get the decimals of that, never
// fewer than none. With one end only, the distance from the value to the end
// counts as half the width; without interval the value gets three significant
// digits.
//
// An end that is not zero never becomes zero by rounding, for that would hide on
// which side of no effect it lies: up to three more decimals are written, and
// then "just above 0" or "just below 0".
func (q Quantity) Write(e analysis.Estimate) Written {
	value, lo, hi := e.Value*q.Factor, e.Interval.Lo*q.Factor, e.Interval.Hi*q.Factor
	i := e.Interval
	places := q.places(e)
	if e.HasInterval {
		for range 3 {
			if i.LoUnbounded || !vanishes(lo, places) {
				if i.HiUnbounded || !vanishes(hi, places) {
					break
				}
			}
			places++
		}
	}

	w := Written{Unit: q.Unit}
	if e.HasValue {
		w.Value = Signed(value, places)
		w.Estimate = Plain(value, places)
	}
	if !e.HasInterval {
		return w
	}
	end := Plain
	if i.IsBounded() && lo < 0 && hi > 0 {
		end = Signed
	}
	write := func(x float64) string {
		switch {
		case !vanishes(x, places):
			return end(x, places)
		case x > 0:
			return "just above 0"
		}
		return "just below 0"
	}
	switch {
	case i.IsBounded():
		w.Range = write(lo) + " to " + write(hi)
	case i.HiUnbounded && i.LoUnbounded:
		w.Range = "no bound either way"
	case i.HiUnbounded:
		w.Range = "at least " + write(lo)
	default:
		w.Range = "at most " + write(hi)
	}
	return w
}

// places is the number of decimals that the interval supports.
func (q Quantity) places(e analysis.Estimate) int {
	value, lo, hi := e.Value*q.Factor, e.Interval.Lo*q.Factor, e.Interval.Hi*q.Factor
	i := e.Interval
	half, largest := 0.0, math.Abs(value)
	switch {
	case e.HasInterval && i.IsBounded():
		half = (hi - lo) / 2
		largest = max(math.Abs(lo), math.Abs(hi))
	case e.HasInterval && !i.LoUnbounded:
		half, largest = math.Abs(value-lo), max(largest, math.Abs(lo))
	case e.HasInterval && !i.HiUnbounded:
		half, largest = math.Abs(value-hi), max(largest, math.Abs(hi))
	default:
		half = value / 10 // two digits of a tenth are three digits of the whole
	}
	if q.WholeAbove > 0 && largest >= q.WholeAbove {
		return 0
	}
	return max(0, lastPlace(half))
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
