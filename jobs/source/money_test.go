package source

import (
	"math/big"
	"strconv"
	"testing"
)

// FuzzMoney: the amount is the decimal number to within half a micro, decided by
// exact rational arithmetic.
func FuzzMoney(f *testing.F) {
	for _, s := range []string{"12.50", "59.980000000000004", "1e3", "0.0000025", "9223372036854.775807", "-0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, rule := money(s, "units")
		if rule != "" || len(s) > 40 {
			return
		}
		want, ok := new(big.Rat).SetString(trim(s))
		if !ok {
			t.Fatalf("%q is no number, read as %d", s, n)
		}
		want.Mul(want, big.NewRat(1_000_000, 1))
		gap := want.Sub(want, new(big.Rat).SetInt64(n))
		if n < 0 || gap.Abs(gap).Cmp(big.NewRat(1, 2)) > 0 {
			t.Fatalf("%q read as %d", s, n)
		}
	})
}

func TestMoney(t *testing.T) {
	for _, c := range []struct{ unit, in, want string }{
		{"", "12.50", "12500000"},
		{"units", "0", "0"},
		{"units", "-0.00", "0"},
		{"units", "+7", "7000000"},
		{"units", ".5", "500000"},
		{"units", "5.", "5000000"},
		{"units", "59.980000000000004", "59980000"},
		{"units", "0.0000005", "0"},
		{"units", "0.0000015", "2"},
		{"units", "0.00000150001", "2"},
		{"units", "0.0000025", "2"},
		{"units", "1.5e3", "1500000000"},
		{"units", "1E-6", "1"},
		{"units", "1e-20", "0"},
		{"units", "10000000000", "10000000000000000"},
		{"units", "10000000000.000001", "amount is too large"},
		{"micros", "9223372036854775808", "amount is too large"},
		{"units", "1e999", "amount is too large"},
		{"cents", "1250", "12500000"},
		{"cents", "0.5", "5000"},
		{"micros", "1250", "1250"},
		{"units", "-1", "amount is below zero"},
		{"units", "1,5", ""}, {"units", "$12", ""}, {"units", "NaN", ""}, {"units", "Inf", ""},
		{"units", "1 234", ""}, {"units", "", ""}, {"units", ".", ""}, {"units", "1e", ""},
		{"units", "1.2.3", ""}, {"units", "0x10", ""}, {"units", "--1", ""}, {"units", "1_000", ""}, {"units", "-+1", ""},
	} {
		n, rule := money(c.in, c.unit)
		got := rule
		if rule == "" {
			got = strconv.FormatInt(n, 10)
		}
		want := c.want
		if want == "" {
			want = "not an amount (digits with a decimal point)"
		}
		if got != want {
			t.Errorf("%s %q: got %s, want %s", c.unit, c.in, got, want)
		}
	}
}
