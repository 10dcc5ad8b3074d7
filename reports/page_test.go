package reports

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
)

func TestLibraryIsThePinnedOne(t *testing.T) {
	lib, err := library()
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]string{"echarts": lib, "boot.js": bootJS} {
		for _, bad := range []string{"</script", "<!--", "\r"} {
			if strings.Contains(strings.ToLower(s), bad) {
				t.Errorf("%s holds %q, so it cannot stand inside a script element", name, bad)
			}
		}
	}
}

// TestNothingPointsOutside looks for anything that a browser would fetch. The
// library's text holds addresses of XML namespaces and licences; it is pinned,
// and the Chromium test sees that it asks for nothing.
func TestNothingPointsOutside(t *testing.T) {
	address := regexp.MustCompile(`(?i)(https?:)?//[a-z0-9]`)
	for name, s := range map[string]string{"page.css": pageCSS, "boot.js": strip(bootJS), "page.html": pageHTML, "index.html": indexHTML, "icons.html": iconsHTML} {
		if at := address.FindString(s); at != "" {
			t.Errorf("%s holds an address (%s…)", name, at)
		}
	}
	loading := regexp.MustCompile(`(?i)<(link|iframe|object|embed|img|base|form)\b|@import|url\(|\bfetch\(|XMLHttpRequest|\bimport\(|eval\(|innerHTML|document\.write|sendBeacon|\son[a-z]+\s*=`)
	for name, s := range map[string]string{"page.css": pageCSS, "boot.js": bootJS, "page.html": pageHTML, "index.html": indexHTML} {
		if at := loading.FindString(s); at != "" {
			t.Errorf("%s holds %q", name, at)
		}
	}
	html, err := HTML(sample())
	if err != nil {
		t.Fatal(err)
	}
	rest := bytes.Replace(html, []byte(echartsJS), nil, 1)
	if at := regexp.MustCompile(`(?i)https?://`).Find(rest); at != nil {
		t.Errorf("the page holds %q", at)
	}
	if n := bytes.Count(html, []byte("<script")) - strings.Count(echartsJS, "<script"); n != 3 {
		t.Errorf("the page has %d script elements, want 3", n)
	}
}

// strip takes comment lines out of a script.
func strip(js string) string {
	var out []string
	for _, line := range strings.Split(js, "\n") {
		if !strings.HasPrefix(strings.TrimSpace(line), "//") {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}

func TestPolicyNamesTheScriptsByHash(t *testing.T) {
	// printf 'hello' | openssl dgst -sha256 -binary | base64
	const hello = "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="
	want := "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-" + hello + "'; base-uri 'none'; form-action 'none'"
	if got := policy("hello"); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if !strings.Contains(policy(), "script-src 'none'") {
		t.Error("a page without scripts allows some")
	}
}

// TestColoursHaveContrast computes the WCAG 2.2 contrast of every colour pair
// that the page sets text or marks in: 4.5 for text, 3 for marks.
func TestColoursHaveContrast(t *testing.T) {
	light, rest, _ := strings.Cut(pageCSS, "@media (prefers-color-scheme:dark)")
	dark, _, _ := strings.Cut(rest, "\n")
	for theme, block := range map[string]string{"light": light, "dark": dark} {
		vars := map[string]string{}
		for _, m := range regexp.MustCompile(`--([a-z0-9-]+):(#[0-9a-f]{6})`).FindAllStringSubmatch(block, -1) {
			vars[m[1]] = m[2]
		}
		if len(vars) < 25 {
			t.Fatalf("%s: only %d colours found", theme, len(vars))
		}
		type pair struct {
			over, under string
			min         float64
		}
		pairs := []pair{{"ink", "bg", 4.5}, {"ink", "surface", 4.5}, {"muted", "bg", 4.5}, {"muted", "surface", 4.5}, {"accent", "bg", 4.5},
			{"accent", "surface", 4.5}, {"ink", "heat-0", 4.5}, {"ink", "heat-1", 4.5}, {"accent-2", "bg", 3}}
		for _, tone := range []string{"good", "watch", "bad", "calm"} {
			pairs = append(pairs, pair{tone, tone + "-bg", 4.5}, pair{tone, "bg", 4.5}, pair{tone, "surface", 4.5}, pair{"ink", tone + "-bg", 4.5})
		}
		for _, part := range []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"} {
			pairs = append(pairs, pair{"part-" + part, "surface", 3})
		}
		for _, p := range pairs {
			if got := contrast(t, vars[p.over], vars[p.under]); got < p.min {
				t.Errorf("%s: %s on %s has contrast %.2f, want %.1f", theme, p.over, p.under, got, p.min)
			}
		}
	}
}

func TestNamesAreNeutralised(t *testing.T) {
	for in, want := range map[string]string{
		"report\u202Egpj.exe":   "report\uFFFDgpj.exe",
		"a\u2066b\u2069":        "a\uFFFDb\uFFFD",
		"two\nlines\r\tand\x00": "two lines  and ",
		"sep\u2028arator":       "sep arator",
		"שלום עולם":             "שלום עולם",
		"bad\xffutf8":           "bad\uFFFDutf8",
	} {
		if got := plain(in); got != want {
			t.Errorf("plain(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestNoNaNIsEverShown(t *testing.T) {
	for _, r := range []Report{sample(), mixed(), broken(), noHoldout(), {Verdict: Verdict{State: "not_estimable"}}} {
		html, err := HTML(r)
		if err != nil {
			t.Fatal(err)
		}
		page := bytes.Replace(bytes.Replace(html, []byte(echartsJS), nil, 1), []byte(bootJS), nil, 1)
		if at := regexp.MustCompile(`\bNaN\b|\bInf\b|%!|<no value>|&lt;nil&gt;`).Find(page); at != nil {
			t.Errorf("%s: the page holds %q", r.Study, at)
		}
	}
}

// A report with very many creatives and files with long names stays a page that
// can be opened and mailed; the tables hold everything.
func TestManyNames(t *testing.T) {
	r := sample()
	long := strings.Repeat("a long name 🎬 ", 21)
	creative, input := r.Creatives[0], r.Provenance.Inputs[0]
	r.Creatives, r.Provenance.Inputs = nil, nil
	for range 5000 {
		creative.Creative = long
		input.File = long
		r.Creatives = append(r.Creatives, creative)
		r.Provenance.Inputs = append(r.Provenance.Inputs, input)
	}
	html, err := HTML(r)
	if err != nil {
		t.Fatal(err)
	}
	if len(html) > 5_000_000 {
		t.Errorf("the page has %d bytes", len(html))
	}
	for _, want := range []string{"4700 more are in tables/creatives.csv", "4700 more files are in tables/inputs.csv"} {
		if !bytes.Contains(html, []byte(want)) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if n := len(r.creativeTable().rows); n != 5000 {
		t.Errorf("the table of creatives has %d rows", n)
	}
}
