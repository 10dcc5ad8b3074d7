package source

import (
	"math/big"
	"strconv"
	"strings"
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

// An amount is read under the form that its mapping names, and under none other.
func TestNumberForm(t *testing.T) {
	for _, c := range []struct {
		form NumberForm
		in   string
		want int64 // -1: refused
	}{
		{"", "1234.5", 1_234_500_000}, {"", "1,234.50", -1}, {"", "1234,50", -1},
		{CommaGroups, "1,234.50", 1_234_500_000}, {CommaGroups, "1234.5", 1_234_500_000}, {CommaGroups, "12,345,678", 12_345_678_000_000},
		{CommaGroups, "1,23", -1}, {CommaGroups, "1234,567", -1}, {CommaGroups, ",123", -1}, {CommaGroups, "1.234,50", -1}, {CommaGroups, "", -1}, {CommaGroups, "1,234.5.6", -1},
		{PointGroups, "1.234,50", 1_234_500_000}, {PointGroups, "1234,5", 1_234_500_000}, {PointGroups, "1.234", 1_234_000_000}, {PointGroups, "59.98", -1}, {PointGroups, "1,234.50", -1},
		{BlankGroups, "1 234,50", 1_234_500_000}, {BlankGroups, "1\u202f234,5", 1_234_500_000}, {BlankGroups, "1 23", -1},
		{CommaGroups, "-1,234.50", -1}, {CommaGroups, "--1", -1}, {CommaGroups, "+1,234", 1_234_000_000},
	} {
		got, rule := (&mapper{}).amount(c.in, Column{Number: c.form})
		if rule != "" {
			got = -1
		}
		if got != c.want {
			t.Errorf("%q of %q: got %d (%s), want %d", c.in, c.form, got, rule, c.want)
		}
	}
	if _, rule := (&mapper{}).amount("59,98", Column{}); !strings.Contains(rule, `number in its mapping`) {
		t.Errorf("a decimal comma is refused without naming the option: %s", rule)
	}
}
