package jobs

import (
	"testing"
	"time"
)

func TestStatedWindow(t *testing.T) {
	for words, want := range map[string]Duration{
		"7d_click_1d_view":          7 * Day,
		"1d_view":                   Day,
		"1d_view,7d_click":          7 * Day,
		"28d_click":                 28 * Day,
		"7-day click or 1-day view": 7 * Day,
		"7-day click, 1-day engaged-view or 1-day view": 7 * Day,
		"14-day view":                       14 * Day,
		"30 days after click, 24 hour view": 30 * Day,
		"36h_view":                          36 * Duration(time.Hour),
		"Click 7d, View 1d":                 7 * Day,
		"click: 7d":                         0,
		"":                                  0,
		"default":                           0,
		"7d":                                0,
		"click":                             0,
		"0d_click":                          0,
		"7d_click_":                         7 * Day,
		"7d_clicker":                        0,
		"7d_click or":                       0,
		"or 7d_click":                       0,
		"7d_click incremental":              0,
		"-7d_click":                         0,
		"7d_click -1d_view (skan)":          0,
	} {
		got, ok := statedWindow(words)
		if got != want || ok != (want > 0) {
			t.Errorf("%q: %s, %t; want %s", words, got, ok, want)
		}
	}
}
