package source

import (
	"math"
	"strconv"
	"strings"
)

// moneyScale gives, for each unit an amount may be written in, the power of ten
// that turns it into micros.
var moneyScale = map[string]int{"": 6, "units": 6, "cents": 4, "micros": 0, "millicents": 1, "microcents": -2}

// maxMicros bounds one amount at ten thousand million currency units, so that
// the sums of a unit stay far below 64 bits.
const maxMicros = 1e16

// money reads a decimal amount as micros of its currency, exactly: no floating
// point. unit is units (the default), cents or micros. A sign, a fraction and an
// exponent are read; digits below a micro are rounded half to even, because
// programs that compute in floating point write 59.980000000000004. Thousands
// separators and decimal commas (see NumberForm), currency signs, NaN and Inf are refused, and so is
// an amount below zero: refunds have a column of their own.
func money(s, unit string) (int64, string) {
	const rule = "not an amount (digits with a decimal point)"
	s = strings.TrimSpace(s)
	mant, exp, hasExp := strings.Cut(strings.Replace(s, "E", "e", 1), "e")
	e := 0
	if hasExp {
		n, err := strconv.Atoi(exp)
		if err != nil {
			return 0, rule
		}
		e = max(-1000, min(n, 1000))
	}
	neg := strings.HasPrefix(mant, "-")
	if neg || strings.HasPrefix(mant, "+") {
		mant = mant[1:]
	}
	whole, frac, _ := strings.Cut(mant, ".")
	all := whole + frac
	if !digits(all) {
		return 0, rule
	}
	if len(all) > 400 {
		return 0, "amount has too many digits"
	}
	n, ok := scaled(all, moneyScale[unit]+e-len(frac))
	switch {
	case !ok || n > maxMicros:
		return 0, "amount is too large"
	case neg && n != 0:
		return 0, "amount is below zero"
	}
	return n, ""
}

// commaRule refuses an amount whose comma may be a decimal sign or part groups.
const commaRule = `not an amount (it has a comma: number in its mapping says how to read it, "1,234.5", "1.234,5" or "1 234,5")`

// plain writes an amount that is grouped, or has a decimal comma, as digits with a
// decimal point. Every group but the first has three digits, so that an amount of
// another form is refused and never read as one a thousand times larger.
func (n NumberForm) plain(s string) (string, string) {
	if n == "" {
		if strings.Contains(s, ",") {
			return "", commaRule
		}
		return s, ""
	}
	rule := "not an amount that is written like " + string(n)
	groups, decimal := n.signs()
	sign := ""
	if s != "" && (s[0] == '-' || s[0] == '+') {
		sign, s = s[:1], s[1:]
	}
	whole, frac, _ := strings.Cut(s, decimal)
	parts := strings.Split(strings.Map(func(r rune) rune {
		if strings.ContainsRune(groups, r) {
			return ' '
		}
		return r
	}, whole), " ")
	for i, group := range parts {
		if i > 0 && len(group) != 3 || i == 0 && len(parts) > 1 && (group == "" || len(group) > 3) {
			return "", rule
		}
	}
	if whole = strings.Join(parts, ""); !digits(whole + frac) {
		return "", rule
	}
	return sign + whole + "." + frac, ""
}

// scaled gives digits times ten to the power shift, rounded half to even, and
// false when that does not fit in an int64.
func scaled(digits string, shift int) (int64, bool) {
	digits = strings.TrimLeft(digits, "0")
	if digits == "" {
		return 0, true
	}
	if shift >= 0 {
		if len(digits)+shift > 19 {
			return 0, false
		}
		n, err := strconv.ParseInt(digits, 10, 64)
		for ; shift > 0 && n <= math.MaxInt64/10; shift-- {
			n *= 10
		}
		return n, err == nil && shift == 0
	}
	cut := len(digits) + shift // digits that stay
	if cut < 0 {
		return 0, true
	}
	var n int64
	if cut > 0 {
		var err error
		if n, err = strconv.ParseInt(digits[:cut], 10, 64); err != nil || n == math.MaxInt64 {
			return 0, false
		}
	}
	rest := digits[cut:]
	half := strings.TrimRight(rest, "0")
	if rest[0] > '5' || rest[0] == '5' && (half != "5" || n%2 == 1) {
		n++
	}
	return n, true
}

// currency gives a three-letter code in capitals.
func currency(s string) (string, string) {
	if len(s) == 3 {
		s = strings.ToUpper(s)
		if s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'A' && s[1] <= 'Z' && s[2] >= 'A' && s[2] <= 'Z' {
			return s, ""
		}
	}
	return "", "not a three-letter currency code"
}
