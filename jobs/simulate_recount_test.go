package jobs_test

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// recount reads a simulated workspace back and works out, without the
// generator, what an engine should find in it.
type recount struct {
	t          *testing.T
	dir        string
	rows       map[string]int64 // by folder of data
	households map[string]assigned
	links      map[string][]evidence // "email:..." or "ip:..." to evidence
	orders     map[string]order
	states     map[string]int64
	records    []record // usable purchase records
	count      map[string]int64
}

type assigned struct {
	arm string
	at  int64
}

type evidence struct {
	household string
	lastSeen  int64
}

type order struct {
	email              string
	at                 int64
	micros, keptMicros int64
	verified           bool
}

type record struct {
	surface, id, order string
	at                 int64
	email, ip          string
}

const daySeconds = 86_400

func newRecount(t *testing.T, dir string) *recount {
	r := &recount{t: t, dir: dir, rows: map[string]int64{}, households: map[string]assigned{}, links: map[string][]evidence{},
		orders: map[string]order{}, states: map[string]int64{}, count: map[string]int64{}}
	r.csv("assignment", func(row map[string]string) {
		r.households[row["household"]] = assigned{row["group"], r.time(row["assigned_at"])}
	})
	r.csv("exposures", func(row map[string]string) { r.count["exposure "+row["type"]]++ })
	for folder, column := range map[string]string{"identity_email": "email_sha256", "identity_ip": "ip"} {
		kind := strings.TrimPrefix(folder, "identity_") + ":"
		r.csv(folder, func(row map[string]string) {
			key := kind + row[column]
			r.links[key] = append(r.links[key], evidence{row["household"], r.time(row["last_seen"])})
		})
	}
	r.csv("crm", r.orderLine)
	r.csv("pixel", r.pixelRow)
	r.capi()
	return r
}

// csv calls each for every row of every part of a folder of data.
func (r *recount) csv(folder string, each func(map[string]string)) {
	r.t.Helper()
	for _, path := range r.parts(folder) {
		file, err := os.Open(path)
		if err != nil {
			r.t.Fatal(err)
		}
		defer file.Close()
		reader := csv.NewReader(file)
		header, err := reader.Read()
		if err != nil {
			r.t.Fatalf("%s: %v", path, err)
		}
		for {
			fields, err := reader.Read()
			if err == io.EOF {
				break
			}
			if err != nil {
				r.t.Fatalf("%s: %v", path, err)
			}
			row := map[string]string{}
			for i, name := range header {
				row[name] = fields[i]
			}
			r.rows[folder]++
			each(row)
		}
	}
}

func (r *recount) parts(folder string) []string {
	r.t.Helper()
	paths, err := filepath.Glob(filepath.Join(r.dir, "data", folder, "part-*"))
	if err != nil || len(paths) == 0 {
		r.t.Fatalf("no parts of %s: %v", folder, err)
	}
	return paths
}

func (r *recount) time(s string) int64 {
	r.t.Helper()
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		r.t.Fatal(err)
	}
	return t.Unix()
}

func (r *recount) micros(s string) int64 {
	r.t.Helper()
	x, ok := new(big.Rat).SetString(s)
	if !ok {
		r.t.Fatalf("%q is no amount", s)
	}
	x.Mul(x, big.NewRat(1_000_000, 1))
	if !x.IsInt() {
		r.t.Fatalf("%q is no whole number of micros", s)
	}
	return x.Num().Int64()
}

func (r *recount) orderLine(row map[string]string) {
	status := row["Financial Status"]
	if status == "" {
		if _, known := r.orders[row["Name"]]; !known {
			r.t.Fatalf("a line of order %s comes before the order", row["Name"])
		}
		return
	}
	r.states[status]++
	at, err := time.Parse("2006-01-02 15:04:05 -0700", row["Created at"])
	if err != nil {
		r.t.Fatal(err)
	}
	total := r.micros(row["Total"])
	r.orders[row["Name"]] = order{
		email: sha256Hex(strings.ToLower(row["Email"])), at: at.Unix(), micros: total,
		keptMicros: total - r.micros(row["Refunded Amount"]), verified: status == "paid" || status == "partially_refunded",
	}
}

func (r *recount) pixelRow(row map[string]string) {
	e := record{"pixel", row["event_id"], row["order_id"], r.time(row["ts"]), row["email_sha256"], row["ip"]}
	r.event(e, row["event"], "purchase", "page_view", row["is_test"] == "true", row["value"], row["currency"], r.time(row["received_at"]))
}

func (r *recount) capi() {
	type request struct {
		ReceivedAt string `json:"received_at"`
		TestCode   string `json:"test_event_code"`
		Data       []struct {
			Name string `json:"event_name"`
			Time int64  `json:"event_time"`
			ID   string `json:"event_id"`
			User struct {
				Email []string `json:"em"`
				IP    string   `json:"client_ip_address"`
			} `json:"user_data"`
			Custom struct {
				Value    json.Number `json:"value"`
				Currency string      `json:"currency"`
				OrderID  string      `json:"order_id"`
			} `json:"custom_data"`
		} `json:"data"`
	}
	for _, path := range r.parts("capi") {
		file, err := os.Open(path)
		if err != nil {
			r.t.Fatal(err)
		}
		defer file.Close()
		for lines := bufio.NewScanner(file); lines.Scan(); {
			var q request
			if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
				r.t.Fatal(err)
			}
			for _, d := range q.Data {
				r.rows["capi"]++
				e := record{"server", d.ID, d.Custom.OrderID, d.Time, "", d.User.IP}
				if len(d.User.Email) > 0 {
					e.email = d.User.Email[0]
				}
				r.event(e, d.Name, "Purchase", "", q.TestCode != "", d.Custom.Value.String(), d.Custom.Currency, r.time(q.ReceivedAt))
			}
		}
	}
}

// event puts a record into the first class that fits.
func (r *recount) event(e record, name, purchase, visit string, test bool, value, currency string, received int64) {
	if received-e.at > 7*daySeconds {
		r.count["late"]++
	}
	switch {
	case test:
		r.count["staging "+e.surface]++
	case name == visit:
		r.count["visit"]++
	case name != purchase:
		r.count["undefined "+e.surface]++
	case value == "" || currency == "":
		r.count["missing "+e.surface]++
		if value == "" {
			r.count["without value"]++
		}
		if currency == "" {
			r.count["without currency"]++
		}
	default:
		r.records = append(r.records, e)
	}
}

// conversions joins the usable records and the verified orders.
func (r *recount) conversions() [][]record {
	all := r.records
	for name, o := range r.orders {
		if o.verified {
			all = append(all, record{surface: "crm", order: name, at: o.at, email: o.email})
		}
	}
	group := make([]int, len(all)) // of a record: the first record of its conversion
	var root func(i int) int
	root = func(i int) int {
		if group[i] != i {
			group[i] = root(group[i])
		}
		return group[i]
	}
	first := map[string]int{}
	for i, e := range all {
		group[i] = i
		for _, key := range []string{"id " + e.id, "order " + e.order} {
			if key == "id " || key == "order " {
				continue
			}
			j, known := first[key]
			if !known {
				first[key] = i
				continue
			}
			if key[0] == 'i' && max(e.at-all[j].at, all[j].at-e.at) > 48*3600 {
				r.t.Fatalf("event id %s comes again after 48 hours", e.id)
			}
			group[root(i)] = root(j)
		}
	}
	byRoot := map[int][]record{}
	for i, e := range all {
		byRoot[root(i)] = append(byRoot[root(i)], e)
	}
	var out [][]record
	for _, records := range byRoot {
		out = append(out, records)
	}
	return out
}

// match finds the household of a conversion, by e-mail and then by IP, and the
// kind of evidence; "shared" when an IP has several households.
func (r *recount) match(records []record, at int64) (household, by string) {
	for _, kind := range []struct {
		name string
		key  func(record) string
		days int64
	}{
		{"email", func(e record) string { return e.email }, 180},
		{"ip", func(e record) string { return e.ip }, 30},
	} {
		found := map[string]bool{}
		for _, e := range records {
			if key := kind.key(e); key != "" {
				for _, l := range r.links[kind.name+":"+key] {
					if at-l.lastSeen <= kind.days*daySeconds {
						found[l.household] = true
					}
				}
			}
		}
		if len(found) == 1 {
			for household := range found {
				return household, kind.name
			}
		}
		if len(found) > 1 {
			by = "shared"
		}
	}
	return "", by
}
