package source

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"

	"ghostlight/jobs/warehouse"

	"github.com/google/go-cmp/cmp"
)

func sha(s string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(s))) }

// people is a source of every table that knows persons, and their files.
func (w *world) people() Config {
	// Order 4 arrived hashed as Google has it; order 2 is there twice.
	w.write("orders.csv", "id,at,state,total,cur,mail\n"+
		"1,2026-09-07 10:00:00,verified,1,USD,Ada.L@gmail.com\n"+
		"2,2026-09-07 10:00:00,verified,1,USD,ben@x.org\n"+
		"2,2026-09-07 10:00:00,verified,1,USD,ben@x.org\n"+
		"3,bad,verified,1,USD,ada.l@gmail.com\n")
	w.write("google.csv", "id,at,state,total,cur,mail\n4,2026-09-07 10:00:00,verified,1,USD,"+sha("adal@gmail.com")+"\n")
	w.write("meta.csv", "id,at,state,total,cur,mail\n5,2026-09-07 10:00:00,verified,1,USD,"+sha("ada.l@gmail.com")+"\n")
	w.write("links.csv", "mail,hh,seen\nada.l@gmail.com,h1,2026-09-01 00:00:00\nben@x.org,h2,2026-09-01 00:00:00\n")
	w.write("a.csv", exposureCSV)
	w.parquet("a.parquet", "SELECT 'p' || i AS imp, 'h' || i % 3 AS hh, 1757203200000 + i AS ts, 'A' AS cr, 'imp' AS type FROM range(9) t(i)")
	w.write("arms.csv", "hh,arm,at\nh1,t,2026-09-01 00:00:00\nh2,t,2026-09-01 00:00:00\n")
	w.write("events.csv", "name,at,cust,ip\nbuy,2026-09-07 10:00:00,h1,203.0.113.7\nbuy,2026-09-07 10:00:00,c2,203.0.113.8\n")
	google := crm("google.csv")
	google.Columns["email_key"] = Column{Column: "mail", ID: Email, Hash: Gmail}
	household := exposures("csv", "a.csv")
	return Config{
		"orders": crm("orders.csv"), "google": google, "meta": crm("meta.csv"),
		"csv": household, "parquet": exposures("parquet", "a.parquet"),
		"links": {Table: "identity_link", Format: "csv", Files: Globs{"data/links.csv"}, Columns: map[string]Column{
			"id_type": {Constant: "email"}, "id_key": {Column: "mail", ID: Email}, "household_key": {Column: "hh"}, "last_seen_at": {Column: "seen", Zone: "UTC"}}},
		"arms": {Table: "assignment", Format: "csv", Files: Globs{"data/arms.csv"}, Columns: map[string]Column{
			"household_key": {Column: "hh"}, "arm": {Column: "arm"}, "assigned_at": {Column: "at", Zone: "UTC"}}},
		"events": {Table: "event", Format: "csv", Files: Globs{"data/events.csv"}, Surface: "pixel", Columns: map[string]Column{
			"event_name": {Column: "name"}, "occurred_at": {Column: "at", Zone: "UTC"}, "customer_key": {Column: "cust"}, "ip_key": {Column: "ip"}}},
	}
}

// digests are the suppression list's rows for identifiers of one type.
func (w *world) digests(cfg Config, idType string, ids ...string) [][]Suppressed {
	w.t.Helper()
	var all [][]Suppressed
	for _, id := range ids {
		digests, broken := w.keyer.Digests(idType, cfg.Normalise().IDRules(idType), id)
		if broken != "" {
			w.t.Fatal(broken)
		}
		var forms []Suppressed
		for _, d := range digests {
			forms = append(forms, Suppressed{Type: idType, Digest: d, Rules: w.keyer.Rules(), After: "000001"})
		}
		all = append(all, forms)
	}
	return all
}

func (w *world) erase(by string, ids [][]Suppressed) (found int64, removed []Removed) {
	w.t.Helper()
	err := w.db.Transact(w.t.Context(), func(tx *warehouse.Tx) (err error) {
		if found, removed, err = Erase(w.t.Context(), tx, by, ids); err != nil {
			return err
		}
		return Balance(w.t.Context(), tx)
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return found, removed
}

// held is what is left of every table, a line a row.
func (w *world) held() []string {
	return w.text(`SELECT * FROM (
		SELECT 'order ' || order_id AS row FROM clean.crm_order UNION ALL
		SELECT 'link' FROM clean.identity_link UNION ALL
		SELECT 'exposure ' || exposure_id FROM clean.exposure UNION ALL
		SELECT 'unit' FROM clean.assignment UNION ALL
		SELECT 'event ' || line_no FROM clean.event UNION ALL
		SELECT 'identifiers ' || count(*) FROM clean.identifier) ORDER BY ALL`)
}

// TestErase: rows go by every form of their keys, of the right person only; an
// identifier that arrives hashed meets what was hashed alike.
func TestErase(t *testing.T) {
	ada := []string{"order 1", "order 4", "order 5", "link"}
	for name, c := range map[string]struct {
		idType  string
		ids     []string
		found   int64
		gone    []string
		further int // of 4 orders' and links' raw addresses, 3 further forms each
	}{
		"raw e-mail":         {"email", []string{"ADA.L@gmail.com ", "nobody@x.org"}, 1, ada, 6},
		"as Meta hashes":     {"email", []string{sha("ada.l@gmail.com")}, 1, []string{"order 1", "order 5", "link"}, 6},
		"as Google hashes":   {"email", []string{sha("adal@gmail.com")}, 1, []string{"order 1", "order 4", "link"}, 6},
		"household":          {"household", []string{"h1"}, 1, []string{"exposure i1", "exposure i3", "exposure p1", "exposure p4", "exposure p7", "link", "unit"}, 3},
		"customer, not home": {"customer", []string{"h1"}, 1, []string{"event 2"}, 0},
		"address":            {"ip", []string{"203.0.113.8", "203.0.113.9"}, 1, []string{"event 3"}, 0},
		"device":             {"device", []string{"h1"}, 0, nil, 0},
		"two":                {"household", []string{"h1", "h2"}, 2, []string{"exposure i1", "exposure i2", "exposure i3", "exposure p1", "exposure p2", "exposure p4", "exposure p5", "exposure p7", "exposure p8", "link", "link", "unit", "unit"}, 6},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			cfg := w.people()
			if _, err := w.load(cfg); err != nil {
				t.Fatal(err)
			}
			want := w.held()
			for _, row := range c.gone {
				want = slices.Delete(want, slices.Index(want, row), slices.Index(want, row)+1)
			}
			found, removed := w.erase("e1", w.digests(cfg, c.idType, c.ids...))
			for i, row := range want {
				if strings.HasPrefix(row, "identifiers ") {
					want[i] = fmt.Sprintf("identifiers %d", 12-c.further)
				}
			}
			if diff := cmp.Diff(want, w.held()); diff != "" || found != c.found {
				t.Errorf("found %d, want %d (-want +got):\n%s", found, c.found, diff)
			}
			total := int64(0)
			for _, r := range removed {
				total += r.Rows
			}
			if total != int64(len(c.gone)+c.further) {
				t.Errorf("receipt %v, want %d rows", removed, len(c.gone)+c.further)
			}
			// What is loaded already stays as it is, and adds up.
			if _, err := w.load(cfg); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, w.held()); diff != "" {
				t.Errorf("after the next load (-want +got):\n%s", diff)
			}
		})
	}
}

// TestSuppressed: to erase and then load, under other names and mappings, is to
// load and then erase; the records are counted, without an excerpt, and do not
// make the source intolerable.
func TestSuppressed(t *testing.T) {
	for _, c := range []struct{ idType, id string }{
		{"email", "ada.l@gmail.com"}, {"email", sha("adal@gmail.com")}, {"household", "h1"}, {"customer", "h1"}, {"ip", "203.0.113.8"}, {"device", "d"},
	} {
		t.Run(c.idType, func(t *testing.T) {
			after, before := newWorld(t), newWorld(t)
			cfg := after.people()
			if _, err := after.load(cfg); err != nil {
				t.Fatal(err)
			}
			after.erase("e1", after.digests(cfg, c.idType, c.id))
			before.people()
			before.erase("e1", before.digests(cfg, c.idType, c.id))
			renamed := Config{}
			for name, src := range cfg { // every row of some of these files is of the erased
				src.MaxQuarantine = "34%"
				renamed["new_"+name] = src
			}
			loaded, err := before.load(renamed)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(after.held(), before.held()); diff != "" {
				t.Errorf("-erased +suppressed:\n%s", diff)
			}
			total := int64(0)
			for _, l := range loaded {
				total += l.Suppressed
				if strings.Contains(l.FirstError, ErasedPerson) {
					t.Errorf("%s: first error %q", l.Path, l.FirstError)
				}
			}
			before.equal(`SELECT count(*), count(*) FILTER (excerpt <> '' OR column_name <> '(record)')
				FROM ops.quarantine WHERE rule = 'erased person'`, fmt.Sprintf("%d,0", total))
			before.erase("e2", nil) // balances
			before.equal(`SELECT COALESCE(sum(records), 0) FROM ops.removed WHERE reason = 'suppression'`, fmt.Sprint(total))
		})
	}
}

// TestErasedByAFurtherValue: a record that lists several addresses goes by any
// of them.
func TestErasedByAFurtherValue(t *testing.T) {
	w := newWorld(t)
	w.write("a.jsonl", `{"name":"buy","at":"2026-09-07T10:00:00Z","em":["`+sha("a@x.org")+`","`+sha("b@x.org")+`"]}`+"\n"+
		`{"name":"buy","at":"2026-09-07T11:00:00Z","em":["`+sha("c@x.org")+`"]}`+"\n")
	src := Source{Table: "event", Format: "jsonl", Files: Globs{"data/a.jsonl"}, Surface: "server", Columns: map[string]Column{
		"event_name": {Column: "name"}, "occurred_at": {Column: "at"}, "email_key": {Column: "em", ID: Email}}}
	cfg := Config{"capi": src}
	if _, err := w.load(cfg); err != nil {
		t.Fatal(err)
	}
	w.equal("SELECT (SELECT count(*) FROM clean.event), (SELECT count(*) FROM clean.identifier)", "2,1")
	if found, _ := w.erase("e1", w.digests(cfg, "email", "B@x.org")); found != 1 {
		t.Errorf("found %d, want 1", found)
	}
	w.equal("SELECT (SELECT count(*) FROM clean.event), (SELECT count(*) FROM clean.identifier), (SELECT records FROM ops.removed)", "1,0,1")
	again, err := w.load(Config{"again": src})
	if err != nil || again[0].Suppressed != 1 {
		t.Errorf("loaded again: %+v, %v", again, err)
	}
	w.equal("SELECT (SELECT count(*) FROM clean.event), (SELECT count(*) FROM clean.identifier)", "1,0")
}

// TestErasedWords: what only an erased person's event was called goes with it, stays away
// when the file is loaded again, and what is deleted by age takes its words along.
func TestErasedWords(t *testing.T) {
	w := newWorld(t)
	w.write("a.jsonl", `{"name":"only of b","at":"2026-09-07T10:00:00Z","em":"`+sha("b@x.org")+`"}`+"\n"+
		`{"name":"buy","at":"2026-09-07T11:00:00Z","em":"`+sha("c@x.org")+`"}`+"\n"+`{"name":"buy","at":"2026-09-08T11:00:00Z","em":"`+sha("b@x.org")+`"}`+"\n")
	src := Source{Table: "event", Format: "jsonl", Files: Globs{"data/a.jsonl"}, Surface: "server", Columns: map[string]Column{
		"event_name": {Column: "name"}, "occurred_at": {Column: "at"}, "email_key": {Column: "em", ID: Email}}}
	cfg := Config{"capi": src}
	if _, err := w.load(cfg); err != nil {
		t.Fatal(err)
	}
	const left = "SELECT (SELECT count(*) FROM clean.event), (SELECT string_agg(event_name, ',' ORDER BY event_name) FROM clean.signal)"
	w.equal(left, "3,buy,only of b")
	w.erase("e1", w.digests(cfg, "email", "B@x.org"))
	w.equal(left, "1,buy")
	if _, err := w.load(Config{"again": src}); err != nil {
		t.Fatal(err)
	}
	w.equal(left, "1,buy")
	err := w.db.Transact(t.Context(), func(tx *warehouse.Tx) error {
		_, err := Retain(t.Context(), tx, "r", map[string]int64{"event": 4e15})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	w.equal(left, "0,<nil>")
}

func TestDigests(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		idType, raw string
		rules       []IDRule
		n           int
		broken      string
	}{
		{"email", "a@x.org", nil, 4, ""},
		{"email", "A@x.org", nil, 5, ""}, // as written, where it stands as an opaque id
		{"email", sha("a@x.org"), nil, 4, ""},
		{"email", "ax.org", nil, 0, "not an e-mail address"},
		{"email", "null", nil, 0, "names nobody"},
		{"phone", "+1 202 555 0123", nil, 3, ""},
		{"phone", "555", nil, 0, "not a phone number"},
		{"phone", "12025550123", nil, 2, ""}, // what is written is one of its forms
		{"ip", "2001:db8::1", nil, 2, ""},
		{"ip", "10.0.0.1", nil, 0, "names nobody"},
		{"household", "H1", nil, 1, ""},
		{"household", "H1", []IDRule{Device}, 2, ""}, // lower case as well
		{"household", "H1", []IDRule{Email}, 1, ""},  // no address, so not stored as one
		{"cookie", "x", nil, 1, ""},
		{"shoe", "x", nil, 0, "unknown type"},
	} {
		digests, broken := w.keyer.Digests(c.idType, c.rules, c.raw)
		if len(digests) != c.n || !strings.Contains(broken, c.broken) || (broken == "") != (c.broken == "") {
			t.Errorf("%s under %v: %d digests, %q; want %d, %q", c.idType, c.rules, len(digests), broken, c.n, c.broken)
		}
	}
	src := exposures("csv", "*.csv")
	src.Columns["household_key"] = Column{First: []Column{{Column: "dev", ID: Device}, {Column: "hh"}}}
	if rules := (Config{"a": src, "b": exposures("csv", "*.csv")}).IDRules("household"); !slices.Equal(rules, []IDRule{Device}) {
		t.Errorf("rules %v, want device", rules)
	}
	packs := Config{"a": {Format: AutoFormat}, "b": {Format: "meta_capi"}}.With(packsOf(t))
	packs.IDRules("customer") // walks every pack
}

// TestRetain deletes by the rows' own time; the file stays registered and its
// balance is explained.
func TestRetain(t *testing.T) {
	w := newWorld(t)
	cfg := w.people()
	if _, err := w.load(cfg); err != nil {
		t.Fatal(err)
	}
	prints := func() (lines []string) {
		err := w.db.Transact(t.Context(), func(tx *warehouse.Tx) (err error) {
			lines, err = RemovalPrint(t.Context(), tx)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return lines
	}
	if got := prints(); got != nil {
		t.Errorf("prints of nothing: %v", got)
	}
	retain := func(before map[string]int64) (removed []Removed, reached map[string]int64) {
		err := w.db.Transact(t.Context(), func(tx *warehouse.Tx) (err error) {
			if removed, err = Retain(t.Context(), tx, "000002", before); err != nil {
				return err
			}
			if reached, err = RetentionReached(t.Context(), tx); err != nil {
				return err
			}
			return Balance(t.Context(), tx)
		})
		if err != nil {
			t.Fatal(err)
		}
		return removed, reached
	}
	year2027 := int64(1798761600000000)
	removed, reached := retain(map[string]int64{"exposure": 1757203202000000, "crm_order": year2027, "identity_link": 0})
	if diff := cmp.Diff([]Removed{{"clean.crm_order", 4}, {"clean.exposure", 11}, {"clean.identifier", 6}, {"clean.identity_link", 0}}, removed); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if reached["exposure"] != 1757203201500000 || reached["crm_order"] == 0 || len(reached) != 2 {
		t.Errorf("reached %v", reached)
	}
	again, err := w.load(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range again {
		if l.State != StateSkipped {
			t.Errorf("%s is loaded again: %s", l.Path, l.State)
		}
	}
	if removed, _ := retain(map[string]int64{"exposure": 1757203202000000, QuarantineTable: 0}); removed[0].Rows != 0 {
		t.Errorf("deleted twice: %v", removed)
	}
	first := prints()
	if len(first) != 5 || !strings.HasPrefix(first[0], "expired csv ") {
		t.Errorf("prints %q, want those of 5 files", first)
	}
	w.erase("e1", w.digests(cfg, "email", "ben@x.org"))
	if got := prints(); len(got) != 6 || !strings.HasPrefix(got[5], "suppressed ") {
		t.Errorf("prints %q, want one more for the list", got)
	}
}

// TestBalanceSeesLoss: a row that is gone without a note is found.
func TestBalanceSeesLoss(t *testing.T) {
	for _, loss := range []string{
		"DELETE FROM clean.exposure WHERE line_no = 2", "DELETE FROM ops.quarantine",
		"INSERT INTO clean.assignment FROM clean.assignment LIMIT 1", "UPDATE ops.load SET records = records + 1 WHERE source = 'links'",
	} {
		w := newWorld(t)
		if _, err := w.load(w.people()); err != nil {
			t.Fatal(err)
		}
		err := w.db.Transact(t.Context(), func(tx *warehouse.Tx) error {
			if err := Balance(t.Context(), tx); err != nil {
				t.Fatal(err)
			}
			if _, err := tx.Exec(t.Context(), loss); err != nil {
				t.Fatal(err)
			}
			return Balance(t.Context(), tx)
		})
		if err == nil || !strings.Contains(err.Error(), "records are not") && !strings.Contains(err.Error(), "noted as removed") {
			t.Errorf("%s: %v", loss, err)
		}
	}
}

// An address that a platform took for its own id of a person is found as it was
// written, and a click or cookie in its own column.
func TestEraseAsWritten(t *testing.T) {
	w := newWorld(t)
	w.write("e.csv", "name,at,user,click,cookie\n"+
		"buy,2026-09-07 10:00:00,Ada.L@Example.org,,\n"+
		"buy,2026-09-07 10:00:01,c2,Cl-1,\n"+
		"buy,2026-09-07 10:00:02,c3,,Co-1\n"+
		"buy,2026-09-07 10:00:03,Co-1,Co-1,\n")
	cfg := Config{"events": {Table: "event", Format: "csv", Files: Globs{"data/e.csv"}, Surface: "pixel", Columns: map[string]Column{
		"event_name": {Column: "name"}, "occurred_at": {Column: "at", Zone: "UTC"},
		"customer_key": {Column: "user"}, "click_key": {Column: "click"}, "cookie_key": {Column: "cookie"}}}}
	if _, err := w.load(cfg); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ kind, id, left string }{
		{"email", " Ada.L@Example.org ", "2 3 4"}, {"click", "Cl-1", "3 4"}, {"cookie", "Co-1", "4"},
	} {
		if found, _ := w.erase(c.kind, w.digests(cfg, c.kind, c.id)); found != 1 {
			t.Errorf("%s: found %d", c.kind, found)
		}
		w.equal(`SELECT string_agg(line_no - 1, ' ' ORDER BY line_no) FROM clean.event`, c.left)
	}
}
