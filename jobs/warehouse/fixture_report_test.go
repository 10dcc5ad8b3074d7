package warehouse

import "fmt"

// reports are what platforms say of themselves, stated again by other files and in windows
// that are known and not. They are drawn last, so that all else stays as it is.
func (f *fixture) reports(n int) {
	f.list("ops.reported_list", []string{"list_no", "platform", "attribution_window", "window_us"},
		[]string{"1", "generic", "1d_view", text(day)}, []string{"2", "generic", "30d_click", text(30 * day)},
		[]string{"3", "meta", "30d_click", text(30 * day)}, []string{"4", "meta", "", ""}, []string{"5", "roku", "1d_view", text(day)})
	for i := range n {
		row := map[string]string{
			"source": f.pick("capi", "shop"), "day": fmt.Sprintf("2026-%02d-%02d", 9+f.rng.IntN(2), 1+f.rng.IntN(28)),
			"platform": f.pick("generic", "meta", "roku"), "campaign": f.pick("Autumn", "autumn", "Winter", "(none)"), "creative": f.creative(),
			"event_name": f.pick("purchase", "Purchase", "visit", "", "''"), "attribution_window": f.pick("1d_view", "30d_click", ""),
			"conversions_micros": text(f.rng.Int64N(5_000_000)), "received_us": f.received(start),
			"row_key": fmt.Sprintf("p%04d", i), "file_id": f.pick("11", "12"), "line_no": text(int64(i)),
		}
		f.add("clean.platform_report", row)
		if f.rng.IntN(2) == 0 {
			row["conversions_micros"], row["file_id"], row["row_key"] = text(f.rng.Int64N(5_000_000)), "13", fmt.Sprintf("q%04d", i)
			f.add("clean.platform_report", row)
		}
	}
}
