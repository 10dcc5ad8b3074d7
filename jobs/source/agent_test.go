package source

import (
	"strings"
	"testing"
)

func TestFamiliesOfUserAgents(t *testing.T) {
	const (
		iPhone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
		webKit = "AppleWebKit/537.36 (KHTML, like Gecko) "
	)
	for _, c := range []struct{ agent, device, browser string }{
		{iPhone + "Version/17.5 Mobile/15E148 Safari/604.1", "phone", "Safari"},
		{iPhone + "CriOS/124.0 Mobile/15E148 Safari/604.1", "phone", "Chrome"},
		{iPhone + "FxiOS/125.0 Mobile/15E148 Safari/605.1.15", "phone", "Firefox"},
		{iPhone + "Mobile/15E148 [FBAN/FBIOS;FBAV/460.0]", "phone", "app webview"},
		{iPhone + "Mobile/15E148", "phone", "app webview"},
		{"Mozilla/5.0 (iPad; CPU OS 12_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1 Mobile/15E148 Safari/604.1", "tablet", "Safari"},
		{"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15", "computer", "Safari"},
		{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) " + webKit + "Chrome/124.0.0.0 Safari/537.36", "computer", "Chrome"},
		{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) " + webKit + "Chrome/124.0.0.0 Safari/537.36 Edg/124.0", "computer", "Edge"},
		{"Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0", "computer", "Firefox"},
		{"Mozilla/5.0 (Linux; Android 14; Pixel 8) " + webKit + "Chrome/124.0.0.0 Mobile Safari/537.36", "phone", "Chrome"},
		{"Mozilla/5.0 (Linux; Android 13; SM-X900) " + webKit + "Chrome/124.0.0.0 Safari/537.36", "tablet", "Chrome"},
		{"Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/UQ1A; wv) " + webKit + "Version/4.0 Chrome/124.0 Mobile Safari/537.36", "phone", "app webview"},
		{"Mozilla/5.0 (Web0S; Linux/SmartTV) " + webKit + "Chrome/94.0 Safari/537.36", "tv", "other"},
		{"Mozilla/5.0 (Linux; Android 9; AFTT) " + webKit + "Silk/86.3 like Chrome/86.0 Safari/537.36", "tv", "Amazon Silk"},
		{"Roku/DVP-12.0 (12.0.0 build 4180-CU)", "tv", "other"},
		{"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "other", "other"},
		{"curl/8.1", "other", "other"},
	} {
		got := familiesOf(c.agent)
		if got.device.Text() != c.device || got.browser.Text() != c.browser {
			t.Errorf("%s: %s, %s, want %s, %s", c.agent, got.device.Text(), got.browser.Text(), c.device, c.browser)
		}
	}
}

// A user agent is told by its text alone, whichever stood in its place before.
func TestLateUserAgentsAreTheirOwn(t *testing.T) {
	var late lateAgents
	agents := []string{"Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0", "curl/8.1"}
	for i := range 2 * len(late) {
		agent := agents[i%2] + " " + strings.Repeat("x", i%7) + string(rune('a'+i%26))
		if got, want := late.of(agent), familiesOf(agent); got != want {
			t.Fatalf("%s: %v, want %v", agent, got, want)
		}
	}
	if long := strings.Repeat("Mozilla/5.0 ", 1000); len(late.of(long).device.Text()) == 0 {
		t.Error("a long user agent has no device")
	}
	for i := range late {
		if len(late[i].agent) > maxAgent {
			t.Errorf("%d bytes of a user agent are kept", len(late[i].agent))
		}
	}
}

// What a record says of its device by itself counts before its user agent, and a user
// agent of another kind than text refuses nothing.
func TestUserAgentOfARecord(t *testing.T) {
	columns := map[string]Column{"event_name": {Column: "n"}, "occurred_at": {Column: "t", Time: EpochSecond},
		"device_family": {Column: "d"}, "user_agent": {Column: "ua"}}
	keyer, err := NewKeyer(testSecret)
	if err != nil {
		t.Fatal(err)
	}
	m, err := newMapper("x", layout{source: Source{Table: "event", Format: "jsonl", Surface: "pixel", Columns: columns}.normalise()}, keyer)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		device          string
		agent           value
		family, browser string
	}{
		{"", value{kind: text, text: "Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0"}, "computer", "Firefox"},
		{"tv", value{kind: text, text: "Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0"}, "tv", "Firefox"},
		{"", value{}, "", ""},
		{"", value{kind: list, list: []string{"curl/8.1", "x"}}, "other", "other"},
		{"", value{kind: object}, "", ""},
	} {
		rec := &record{fields: make([]value, len(m.wanted))}
		for i, name := range m.wanted {
			switch name {
			case "n":
				rec.fields[i] = value{kind: text, text: "purchase"}
			case "t":
				rec.fields[i] = value{kind: text, text: "1757203200"}
			case "d":
				if c.device != "" {
					rec.fields[i] = value{kind: text, text: c.device}
				}
			case "ua":
				rec.fields[i] = c.agent
			}
		}
		if problem, _ := m.row(rec); problem != "" {
			t.Fatal(problem)
		}
		if got := m.out[m.field("user_agent").out].Text(); got != c.family {
			t.Errorf("device %q of %v is %q, want %q", c.device, c.agent, got, c.family)
		}
		if got := m.out[m.browser].Text(); got != c.browser {
			t.Errorf("browser of %v is %q, want %q", c.agent, got, c.browser)
		}
	}
}
