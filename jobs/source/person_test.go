package source

import "testing"

func TestHoldsPerson(t *testing.T) {
	const mail, phone = "text holds an e-mail address", "text holds a phone number"
	for text, want := range map[string]string{
		"ann@example.org":                   mail,
		"from @ann to ann@example.org":      mail,
		"mailto:ann@example.org?subject=1":  mail,
		"@ann":                              "",
		"5 @ 3.50":                          "",
		"user@host":                         "",
		"+12125550123":                      phone,
		"call +1 (212) 555-0123 now":        phone,
		"tel:+49.30/901820":                 phone,
		"'+44 20 7946 0958'":                phone,
		"+2026-09-07":                       "", // no country has numbers as short as that
		"2026-09-07T10:00:00+0530":          "",
		"2026-09-07 10:00:00+00":            "",
		"10:00+05:30":                       "",
		"A+12125550123":                     "", // part of an id
		"12+12125550123":                    "",
		"++12125550123":                     "",
		"+12125550123abc":                   "",
		"+1234567":                          "",
		"+12345678901234567890":             "",
		"Spring +20% 2026 1000000":          "",
		"order 12125550123":                 "",
		"#1001":                             "",
		"9f86d081+884c7d65/9a2feaa0c55ad01": "",
		"1+1":                               "",
		"":                                  "",
	} {
		if got := holdsPerson(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
