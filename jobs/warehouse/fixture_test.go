package warehouse

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
)

var errCircle = errors.New("files read each other in a circle")

// Times of the fixture, in epoch microseconds.
const (
	hour  = int64(3_600_000_000)
	day   = 24 * hour
	start = int64(1_788_739_200_000_000) // 2026-09-07
)

// fixture makes rows for ops and clean that meet in every way that the files must
// decide: on the microsecond of a window's edge, in ties, with NULLs, twice in one
// source and in two, with names that sort differently under different collations.
type fixture struct {
	rng    *rand.Rand
	tables map[string][][]string
}

// randomFixture returns a few hundred rows for every table of ops and clean that
// model and result read, as text, header first, and the parameters of a run.
func randomFixture(seed uint64) (map[string][][]string, Params) {
	f := &fixture{rng: rand.New(rand.NewPCG(seed, 20261120)), tables: map[string][][]string{}}
	f.study()
	f.dedup()
	f.lists()
	f.exposures(600)
	f.servings()
	f.signals()
	f.assignments()
	f.links(150)
	f.events(400)
	f.orders(150)
	f.spend(60)
	f.reports(120)
	return f.tables, Params{
		"run_id": "run-1", "as_of_us": start + 45*day, "from_us": start + day, "until_us": start + 35*day,
		"from_day": "2026-09-08", "until_day": "2026-10-12", "all_campaigns": int64(seed % 2), "span_us": 48 * hour, "currency": "USD",
		"event_no": int64(1), "use_pixel": int64(1), "use_server": int64(1), "use_app": int64(0), "use_analytics": int64(0), "use_crm": int64(1),
		"widest_us": 28 * day, "primary_us": 7 * day, "outcome_us": 28 * day, "late_us": 7 * day, "assignment_source": "assignment",
		"strictest": int64(1), "wants_test": int64(0), "value_winner_rank": int64(2 + 97*(seed%2)), "time_winner_rank": int64(1 + seed), "time_earliest_rank": int64(2),
	}
}

// add appends a row given as column: value; absent columns are NULL.
func (f *fixture) add(table string, row map[string]string) {
	if f.tables[table] == nil {
		f.tables[table] = [][]string{slices.Sorted(maps.Keys(row))}
	}
	header := f.tables[table][0]
	fields := make([]string, len(header))
	for i, name := range header {
		fields[i] = row[name]
	}
	f.tables[table] = append(f.tables[table], fields)
}

// list adds rows of a small table: names, then one text a row.
func (f *fixture) list(table string, header []string, rows ...[]string) {
	f.tables[table] = append([][]string{header}, rows...)
}

func (f *fixture) pick(values ...string) string { return values[f.rng.IntN(len(values))] }

// maybe is a value or, one time in four, NULL.
func (f *fixture) maybe(value string) string {
	if f.rng.IntN(4) == 0 {
		return ""
	}
	return value
}

func (f *fixture) id(prefix string, n int) string {
	return fmt.Sprintf("%s%03d", prefix, f.rng.IntN(n))
}

// at is a time on the hour or a microsecond beside it, so that windows of whole
// hours are met exactly, just missed and just passed.
func (f *fixture) at() int64 {
	return start + f.rng.Int64N(40*24)*hour + f.rng.Int64N(3) - 1
}

// received is the time itself, or later, for some after the as-of.
func (f *fixture) received(at int64) string {
	return text(at + []int64{0, 0, 0, hour, 7 * day, 7*day + 1, 46 * day}[f.rng.IntN(7)])
}

func (f *fixture) creative() string {
	return f.pick("Hero", "hero", "Zoë", "Zoe", "Ärmel", "z", "_", "名前", "😀")
}

func text(n int64) string { return strconv.FormatInt(n, 10) }

func stamp(us int64) string {
	return fmt.Sprintf("1970-01-01 00:00:00.%06d", us%1_000_000) // read by people only: no file of model may use it
}

func (f *fixture) study() {
	f.list("ops.source", []string{"source_no", "source"}, []string{"1", "assignment"}, []string{"2", "capi"},
		[]string{"3", "crm"}, []string{"4", "exposures"}, []string{"5", "pixel"}, []string{"6", "shop"})
	f.list("ops.arm", []string{"arm_no", "arm", "label", "is_holdout", "design_share"},
		[]string{"1", "treatment", "CTV ads", "0", "0.5"}, []string{"2", "other", "Other ads", "0", "0.3"},
		[]string{"3", "holdout", "Holdout", "1", "0.2"})
	f.list("ops.event_alias", []string{"platform", "surface", "event_name", "event_no"},
		[]string{"generic", "pixel", "purchase", "1"}, []string{"generic", "server", "purchase", "1"},
		[]string{"generic", "app", "purchase", "1"}, []string{"generic", "analytics", "purchase", "1"},
		[]string{"meta", "pixel", "Purchase", "1"}, []string{"meta", "server", "Purchase", "1"}, []string{"meta", "app", "Purchase", "2"},
		[]string{"generic", "pixel", "visit", "2"}, []string{"generic", "server", "visit", "2"}, []string{"generic", "app", "visit", "2"})
	f.list("ops.event_rule", []string{"event_no", "event", "stage", "needs_value", "needs_currency", "needs_order_id", "needs_event_id", "is_gross", "fixed_micros", "counting_no"},
		[]string{"1", "purchase", "purchase", "1", "1", "0", "1", "1", "", "2"}, []string{"2", "visit", "visit", "0", "0", "0", "0", "0", "1500000", "1"})
	f.list("ops.event_range", []string{"event_no", "least_micros", "most_micros"}, []string{"1", "20000000", "150000000"})
	f.list("ops.quarantine", []string{"file_id", "line_no", "ordinal", "source", "column_name", "rule", "excerpt"},
		[]string{"5", "7", "1", "pixel", "value", "not a number", "x"}, []string{"6", "3", "1", "pixel", "value", "not a number", "x"},
		[]string{"5", "8", "1", "pixel", "", "erased person", ""})
	f.list("ops.crm_event", []string{"status", "event_no", "is_counted"}, []string{"verified", "1", "1"},
		[]string{"pending", "1", "0"}, []string{"refunded", "1", "0"}, []string{"authorized", "1", "0"}, []string{"lead", "2", "1"})
	f.list("ops.campaign", []string{"campaign"}, []string{"Autumn"}, []string{"(none)"}, []string{"Unseen"})
	f.list("ops.match_window", []string{"link_rank", "link_type", "window_us"}, []string{"1", "email", text(20 * day)},
		[]string{"2", "phone", text(20 * day)}, []string{"3", "customer", text(30 * day)},
		[]string{"4", "device", text(10 * day)}, []string{"5", "ip", text(3 * day)})
	f.list("ops.match_grid", []string{"window_no", "window_us", "label"}, []string{"1", text(day), "1d"}, []string{"2", text(30 * day), "30d"})
	f.list("ops.attribution_window", []string{"window_no", "window_us", "label"}, []string{"1", text(day), "1d"},
		[]string{"2", text(7 * day), "7d"}, []string{"3", text(28 * day), "28d"})
	f.list("ops.metric", []string{"metric_no", "metric", "event_no", "use_pixel", "use_server", "use_app", "use_analytics", "use_crm"},
		[]string{"1", "purchase", "1", "0", "0", "0", "0", "1"}, []string{"2", "any_purchase", "1", "1", "1", "1", "1", "1"},
		[]string{"3", "visit", "2", "1", "1", "0", "1", "0"})
}

// dedup has a rule for every pair of lists, most of them unlike the others.
func (f *fixture) dedup() {
	f.list("ops.list", []string{"list_no", "surface_no", "surface", "platform"}, []string{"1", "5", "crm", ""})
	f.list("ops.authority", []string{"surface_no", "value_rank", "time_rank", "is_proof", "is_identifying"}, []string{"1", "3", "", "1", "1"},
		[]string{"2", "2", "1", "1", "1"}, []string{"3", "", "3", "1", "1"}, []string{"4", "", "", "0", "0"}, []string{"5", "1", "", "1", "1"})
	var lists []string
	for i, surface := range surfaces {
		for j, platform := range []string{"generic", "meta"} {
			no := text(int64(2 + 2*i + j))
			lists = append(lists, no)
			f.tables["ops.list"] = append(f.tables["ops.list"], []string{no, text(int64(i + 1)), surface, platform})
		}
	}
	for _, a := range lists {
		for _, b := range lists {
			f.add("ops.dedup_rule", map[string]string{
				"first_list_no": a, "second_list_no": b, "use_event_id": f.pick("1", "1", "1", "0"), "same_dataset": f.pick("0", "0", "1"),
				"span_us": text(f.rng.Int64N(5) * 24 * hour), "latest_wins": f.pick("0", "1"), "winner_list_no": f.pick("0", a, b),
				"winner_within_us": text(day), "drops": f.pick("0", "1"), "merge_within_us": f.pick("0", text(hour)),
			})
			if a != b {
				for i, key := range []string{"cookie", "email", "customer", "device"} {
					f.add("ops.dedup_key", map[string]string{"first_list_no": a, "second_list_no": b, "key_no": text(int64(i + 2)), "key": key})
				}
			}
		}
	}
}

func (f *fixture) exposures(n int) {
	for i := range n {
		at := f.at()
		row := map[string]string{
			"exposure_id": f.maybe(f.id("x", n/2)), "household_key": f.id("h", 40), "exposed_us": text(at),
			"received_us": f.received(at), "serving_no": text(f.rng.Int64N(servings)), "file_id": "1", "line_no": text(int64(i)),
			"is_invalid": f.pick("false", "false", "false", "false", "true"), "device_key": "", "ip_key": "", "customer_key": "",
		}
		if f.rng.IntN(3) == 0 { // names no household
			row["household_key"] = ""
			row["device_key"], row["ip_key"], row["customer_key"] = f.maybe(f.id("device", 20)), f.maybe(f.id("ip", 20)), f.maybe(f.id("customer", 20))
		}
		f.add("clean.exposure", row)
		if f.rng.IntN(5) == 0 { // the same file again
			row["file_id"] = "2"
			f.add("clean.exposure", row)
		}
	}
}

// servings is how many of them the fixture has, some equal.
const servings = 80

func (f *fixture) servings() {
	for i := range int64(servings) {
		row := map[string]string{"file_id": "1", "serving_no": text(i), "campaign": f.pick("Autumn", "autumn", "(none)"), "creative": f.creative(),
			"line_item": f.maybe("l1"), "kind": f.pick("delivered", "delivered", "delivered", "ghost", "progress"), "currency": f.maybe("USD")}
		f.add("clean.serving", row)
		row["file_id"] = "2"
		f.add("clean.serving", row)
	}
}

func (f *fixture) assignments() {
	for i := range int64(45) {
		at := start + f.rng.Int64N(10*24)*hour
		if i%8 == 0 { // the period's last microsecond, its end, and one after it
			at = start + 35*day + f.rng.Int64N(3) - 1
		}
		row := map[string]string{
			"source": f.pick("assignment", "assignment", "assignment", "crm"), "household_key": fmt.Sprintf("h%03d", i),
			"arm": f.pick("treatment", "other", "holdout", "treatment", "unknown"), "stratum": f.maybe("north"),
			"assigned_us": text(at), "assigned_at": stamp(at), "received_us": f.received(at),
			"row_key": fmt.Sprintf("a%04d", i), "file_id": "3", "line_no": text(i),
		}
		f.add("clean.assignment", row)
		if i%6 == 0 { // in another arm, or in the same one again, in this wave or in another
			row["assigned_us"] = f.pick(text(at), text(start), text(start+day), text(start+day-1), text(start+35*day))
			row["arm"], row["row_key"], row["line_no"] = f.pick("treatment", "holdout"), fmt.Sprintf("b%04d", i), text(100+i)
			f.add("clean.assignment", row)
		}
	}
}

func (f *fixture) links(n int) {
	for i := range n {
		first := f.at()
		last := first + f.rng.Int64N(20)*day
		kind := f.pick("email", "phone", "ip", "device", "customer")
		f.add("clean.identity_link", map[string]string{
			"source": "crm", "id_type": kind, "id_key": f.id(kind, 20), "household_key": f.id("h", 50),
			"first_seen_us": text(first), "last_seen_us": text(last), "last_seen_at": stamp(last), "received_us": f.received(last),
			"row_key": fmt.Sprintf("l%04d", i), "file_id": "4", "line_no": text(int64(i)),
		})
		f.further("identity_link", fmt.Sprintf("l%04d", i), kind)
	}
}

func (f *fixture) events(n int) {
	for i := range n {
		at := f.at()
		row := map[string]string{
			"signal_no": text(f.rng.Int64N(signals)), "platform_state": f.pick("accepted", "unknown", "unknown", "refused"), "event_id": f.maybe(f.pick(f.id("ev", 80), f.id("own", 900))), "cookie_key": f.maybe(f.id("cookie", 20)),
			"order_id": f.maybe(f.pick(f.id("o", 90), "")), "occurred_us": text(at), "occurred_at": stamp(at), "received_us": f.received(at),
			"value_micros": f.maybe(text(f.rng.Int64N(200) * 1_000_000)), "household_key": "",
			"email_key": f.maybe(f.id("email", 20)), "phone_key": f.maybe(f.id("phone", 20)), "device_key": f.maybe(f.id("device", 20)),
			"ip_key": f.maybe(f.id("ip", 20)), "customer_key": f.maybe(f.id("customer", 20)),
			"row_key": fmt.Sprintf("e%04d", i), "file_id": "5", "line_no": text(int64(i)),
		}
		if f.rng.IntN(4) == 0 {
			row["household_key"] = f.id("h", 60)
		}
		f.further("event", row["row_key"], f.pick("email", "phone", "customer"))
		f.add("clean.event", row)
		if f.rng.IntN(6) == 0 {
			row["file_id"] = "6"
			f.add("clean.event", row)
		}
	}
}

// signals is how many of them the fixture has.
const signals = 300

func (f *fixture) signals() {
	for i := range int64(signals) {
		row := map[string]string{
			"file_id": "5", "signal_no": text(i), "source": f.pick("pixel", "capi", "shop"), "surface": f.pick(surfaces...), "platform": f.pick("generic", "meta"),
			"event_name": f.pick("purchase", "Purchase", "purchase", "visit", "scroll"), "canonical_name": f.maybe(f.pick("purchase", "visit", "search")),
			"kind": f.pick("conversion", "conversion", "conversion", "restatement"), "accept_us": f.maybe(f.pick(text(hour), text(day))),
			"currency": f.maybe(f.pick("USD", "USD", "USD", "EUR")), "app_version": f.maybe(f.pick("4.1", "4.2")), "is_test": f.pick("false", "false", "false", "false", "true"),
			"consent_measurement": f.pick("granted", "unknown", "unknown", "unknown", "unknown", "unknown", "granted", "denied"), "consent_personalisation": f.pick("granted", "unknown", "denied"),
		}
		f.add("clean.signal", row)
		row["file_id"] = "6"
		f.add("clean.signal", row)
	}
}

// further gives one record in three another identifier.
func (f *fixture) further(table, rowKey, kind string) {
	if f.rng.IntN(3) == 0 {
		f.add("clean.identifier", map[string]string{
			"source": "crm", "table_name": table, "row_key": rowKey, "id_type": kind, "hash_rule": "gmail", "id_key": f.id(kind, 20), "file_id": "4",
		})
	}
}

var surfaces = []string{"pixel", "server", "app", "analytics"}

func (f *fixture) orders(n int) {
	for i := range n {
		at := f.at()
		row := map[string]string{
			"consent_measurement": f.pick("granted", "unknown", "unknown", "unknown", "denied"), "consent_personalisation": f.pick("granted", "unknown", "denied"),
			"source": f.pick("crm", "shop"), "order_id": f.id("o", 90), "alt_order_id": f.maybe(f.id("o", 120)), "paid_us": f.maybe(text(at + f.rng.Int64N(day))), "ordered_us": text(at), "ordered_at": stamp(at),
			"received_us": f.received(at), "status": f.state(),
			"value_micros": f.maybe(text(f.rng.Int64N(9_000_000_000_000))), "refunded_micros": f.pick("0", "0", "5000000"),
			"currency": f.pick("USD", "USD", "USD", "EUR", ""), "household_key": "", "email_key": f.maybe(f.id("email", 20)),
			"phone_key": f.maybe(f.id("phone", 20)), "customer_key": f.maybe(f.id("customer", 20)),
			"row_key": fmt.Sprintf("c%04d", i), "file_id": "7", "line_no": text(int64(i)),
		}
		if f.rng.IntN(3) == 0 {
			row["household_key"] = f.id("h", 60)
		}
		f.add("clean.crm_order", row)
		if f.rng.IntN(6) == 0 {
			row["file_id"] = "8"
			f.add("clean.crm_order", row)
		}
		for j := range f.rng.IntN(4) { // other states received at the same time
			row["status"], row["refunded_micros"] = f.state(), f.pick(row["refunded_micros"], "0", "7000000")
			row["value_micros"] = f.pick(row["value_micros"], row["value_micros"], "", "0", "8000000")
			row["currency"] = f.pick(row["currency"], row["currency"], "", "EUR")
			row["row_key"], row["line_no"] = fmt.Sprintf("%s%04d", f.pick("b", "d", "Z"), 10*i+j), text(int64(1000+10*i+j))
			f.add("clean.crm_order", row)
		}
	}
}

func (f *fixture) state() string {
	return f.pick("verified", "verified", "verified", "authorized", "pending", "refunded", "void", "lead")
}

func (f *fixture) spend(n int) {
	for i := range n {
		row := map[string]string{
			"source": f.pick("capi", "shop"), "day": fmt.Sprintf("2026-%02d-%02d", 9+f.rng.IntN(2), 1+f.rng.IntN(28)),
			"campaign": f.pick("Autumn", "autumn", "Winter"), "creative": f.creative(), "line_item": f.pick("", "", "''", "l1", "L1"), "spend_micros": text(f.rng.Int64N(500_000_000)), "currency": f.pick("USD", "USD", "EUR"),
			"received_us": f.received(start), "row_key": fmt.Sprintf("s%04d", i), "file_id": "9", "line_no": text(int64(i)),
		}
		f.add("clean.spend", row)
		if f.rng.IntN(4) == 0 {
			row["file_id"] = "10"
			f.add("clean.spend", row)
		}
		for j := range f.rng.IntN(4) { // stated again, at the same time or another, for the same line item or another
			row["spend_micros"] = f.pick(row["spend_micros"], "0", text(f.rng.Int64N(500_000_000)))
			row["received_us"] = f.pick(row["received_us"], f.received(start))
			row["line_item"] = f.pick(row["line_item"], row["line_item"], "", "''", "l1")
			row["row_key"], row["line_no"] = fmt.Sprintf("%s%04d", f.pick("r", "t", "S"), 10*i+j), text(int64(1000+10*i+j))
			f.add("clean.spend", row)
		}
	}
}
