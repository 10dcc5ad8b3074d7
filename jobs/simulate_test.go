package jobs_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"ghostlight/analysis/simulate"
	"ghostlight/jobs"
)

func sha256Hex(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

func simulated(t *testing.T, opt jobs.SimulateOptions) string {
	t.Helper()
	opt.Dir = filepath.Join(t.TempDir(), "workspace")
	if err := jobs.Simulate(t.Context(), opt); err != nil {
		t.Fatal(err)
	}
	return opt.Dir
}

func smallWorld(seed uint64) simulate.Config {
	c := simulate.Default()
	c.Households, c.Exposures, c.Seed = 4_000, 12_000, seed
	return c
}

// TestSimulateTruth counts everything in the files again and compares it with
// truth.json.
func TestSimulateTruth(t *testing.T) {
	for _, test := range []struct {
		name string
		opt  jobs.SimulateOptions
	}{
		{"default", jobs.SimulateOptions{World: smallWorld(5)}},
		{"many conversions", jobs.SimulateOptions{World: smallWorld(6), Conversions: 4_000}},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := simulated(t, test.opt)
			text, err := os.ReadFile(filepath.Join(dir, "truth.json"))
			if err != nil {
				t.Fatal(err)
			}
			var want simulate.Truth
			if err := json.Unmarshal(text, &want); err != nil {
				t.Fatal(err)
			}
			got := recountedTruth(t, dir)
			// What no file can tell is taken as it is.
			got.Version, got.Lift, got.Config = want.Version, want.Lift, want.Config
			got.PeriodStart, got.PeriodEnd, got.AsOf = want.PeriodStart, want.PeriodEnd, want.AsOf
			for _, part := range []struct {
				name      string
				got, want any
			}{
				{"arms", got.Arms, want.Arms}, {"planted", got.Planted, want.Planted},
				{"conversions", got.Conversions, want.Conversions}, {"records", got.Records, want.Records},
				{"spend", got.SpendMicros, want.SpendMicros},
			} {
				if !reflect.DeepEqual(part.got, part.want) {
					t.Errorf("%s:\nfiles %+v\ntruth %+v", part.name, part.got, part.want)
				}
			}
			p := want.Planted
			for name, n := range map[string]int64{
				"event id pairs": p.Duplicates.EventIDPairs, "order id pairs": p.Duplicates.OrderPairs, "retries": p.Duplicates.ServerRetries,
				"staging": p.Staging.Records, "undefined": p.Undefined.Records, "missing": p.Missing.Records,
				"before": p.Outside.Before, "after": p.Outside.After, "late": p.Late, "shared ip keys": p.SharedIPs.Keys,
				"shared ip conversions": p.SharedIPs.Conversions, "false links": p.FalseLinks, "ip only": want.Conversions.IPOnly,
			} {
				if n == 0 {
					t.Errorf("nothing was planted of: %s", name)
				}
			}
		})
	}
}

func recountedTruth(t *testing.T, dir string) simulate.Truth {
	r := newRecount(t, dir)
	truth := simulate.Truth{Arms: []simulate.Arm{{Name: "treatment"}, {Name: "holdout"}}}
	p, c := &truth.Planted, &truth.Conversions
	p.Staging = r.split("staging")
	p.Undefined = r.split("undefined")
	p.Missing = simulate.Missing{Split: r.split("missing"), Value: r.count["without value"], Currency: r.count["without currency"]}
	p.Late = r.count["late"]
	c.Visits = r.count["visit"]
	r.countConversions(&truth)
	r.countArms(&truth)
	r.countLinks(&truth)
	truth.Records = simulate.Records{
		Assignment: r.rows["assignment"], Delivered: r.count["exposure imp"], Ghost: r.count["exposure ghost"],
		Pixel: r.rows["pixel"], Server: r.rows["capi"], OrderLines: r.rows["crm"],
		Orders: simulate.Orders{Total: int64(len(r.orders)), Verified: r.states["paid"] + r.states["partially_refunded"],
			Paid: r.states["paid"], PartiallyRefunded: r.states["partially_refunded"], Pending: r.states["pending"],
			Authorized: r.states["authorized"], Voided: r.states["voided"], Refunded: r.states["refunded"]},
		EmailLinks: r.rows["identity_email"], IPLinks: r.rows["identity_ip"],
	}
	r.countSpend(&truth)
	return truth
}

func (r *recount) split(class string) simulate.Split {
	pixel, server := r.count[class+" pixel"], r.count[class+" server"]
	return simulate.Split{Records: pixel + server, Pixel: pixel, Server: server}
}

// countConversions walks the conversions once: sources, duplicates, household,
// window.
func (r *recount) countConversions(truth *simulate.Truth) {
	c, dup := &truth.Conversions, &truth.Planted.Duplicates
	buyers := map[string]map[string]bool{"paid": {}, "reported": {}, "any": {}}
	for _, records := range r.conversions() {
		var pixel, server, crm []record
		for _, e := range records {
			switch e.surface {
			case "pixel":
				pixel = append(pixel, e)
			case "server":
				server = append(server, e)
			default:
				crm = append(crm, e)
			}
		}
		c.Total++
		*map[[3]bool]*int64{
			{true, false, false}: &c.Pixel, {false, true, false}: &c.Server, {false, false, true}: &c.CRM,
			{true, true, false}: &c.PixelServer, {true, false, true}: &c.PixelCRM, {false, true, true}: &c.ServerCRM,
			{true, true, true}: &c.All,
		}[[3]bool{len(pixel) > 0, len(server) > 0, len(crm) > 0}]++
		if n := int64(len(pixel) + len(server) - 1); n > 0 {
			dup.Records += n
			switch {
			case len(pixel) == 0 && server[0].id == server[1].id:
				dup.ServerRetries += n
			case len(pixel) == 0:
				r.t.Errorf("order %s: the server sent event ids %s and %s", server[0].order, server[0].id, server[1].id)
			case pixel[0].id == server[0].id:
				dup.EventIDPairs += n
			default:
				dup.OrderPairs += n
			}
		}
		if _, inCRM := r.orders[records[0].order]; len(crm) == 0 && inCRM {
			c.Unpaid++
		}
		at := records[0].at
		for _, e := range records {
			at = min(at, e.at)
		}
		household, by := r.match(records, at)
		switch {
		case household == "" && by == "shared":
			truth.Planted.SharedIPs.Conversions++
			continue
		case household == "":
			c.Strangers++
			continue
		}
		c.Matched++
		if by == "ip" {
			c.IPOnly++
		}
		if _, inCRM := r.orders[records[0].order]; !inCRM {
			c.NoOrder.Records++
			c.NoOrder.Pixel += int64(len(pixel))
			c.NoOrder.Server += int64(len(server))
		}
		r.countOutcome(truth, household, at, len(pixel)+len(server) > 0, crm, buyers)
	}
	for household := range buyers["paid"] {
		r.arm(truth, household).PaidBuyers++
	}
	for household := range buyers["reported"] {
		r.arm(truth, household).ReportedBuyers++
	}
	for household := range buyers["any"] {
		r.arm(truth, household).AnyBuyers++
	}
}

func (r *recount) countOutcome(truth *simulate.Truth, household string, at int64, reported bool, crm []record, buyers map[string]map[string]bool) {
	since := at - r.households[household].at
	switch {
	case since <= 0:
		truth.Planted.Outside.Before++
		truth.Planted.Outside.Conversions++
		return
	case since > 28*daySeconds:
		truth.Planted.Outside.After++
		truth.Planted.Outside.Conversions++
		return
	}
	arm := r.arm(truth, household)
	arm.AnyPurchases++
	buyers["any"][household] = true
	if reported {
		arm.ReportedPurchases++
		buyers["reported"][household] = true
	}
	if len(crm) > 0 {
		arm.PaidOrders++
		arm.PaidMicros += r.orders[crm[0].order].micros
		arm.KeptMicros += r.orders[crm[0].order].keptMicros
		buyers["paid"][household] = true
	}
}

func (r *recount) arm(truth *simulate.Truth, household string) *simulate.Arm {
	i := slices.IndexFunc(truth.Arms, func(a simulate.Arm) bool { return a.Name == r.households[household].arm })
	return &truth.Arms[i]
}

func (r *recount) countArms(truth *simulate.Truth) {
	for household := range r.households {
		r.arm(truth, household).Households++
	}
	reached := map[string]bool{}
	r.csv("exposures", func(row map[string]string) {
		arm := r.arm(truth, row["household"])
		if (arm.Name == "holdout") != (row["type"] == "ghost") {
			r.t.Errorf("exposure %s of arm %s is of type %s", row["impression_id"], arm.Name, row["type"])
		}
		arm.Exposures++
		if !reached[row["household"]] {
			reached[row["household"]] = true
			arm.Reached++
		}
	})
}

func (r *recount) countLinks(truth *simulate.Truth) {
	shared := &truth.Planted.SharedIPs
	for key, links := range r.links {
		if len(links) < 2 {
			continue
		}
		if strings.HasPrefix(key, "email:") {
			truth.Planted.FalseLinks += int64(len(links) - 1)
			continue
		}
		shared.Keys++
		shared.Households += int64(len(links))
	}
}

func (r *recount) countSpend(truth *simulate.Truth) {
	text, err := os.ReadFile(filepath.Join(r.dir, "data", "spend.csv"))
	if err != nil {
		r.t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Split(strings.TrimSpace(line), ","); fields[0] != "day" {
			truth.Records.Spend++
			truth.SpendMicros += r.micros(fields[3]) / 1_000_000
		}
	}
}

func folderBytes(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		relative, _ := filepath.Rel(dir, path)
		out[relative] = sha256Hex(string(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestSimulateSameBytes(t *testing.T) {
	for _, format := range []string{"csv", "parquet"} {
		opt := jobs.SimulateOptions{World: smallWorld(1), Format: format}
		first := folderBytes(t, simulated(t, opt))
		if again := folderBytes(t, simulated(t, opt)); !reflect.DeepEqual(first, again) {
			t.Errorf("%s: the same options made other bytes", format)
		}
		if _, ok := first[filepath.Join("data", "exposures", "part-0001."+format)]; !ok {
			t.Errorf("%s: no exposure log among %v", format, first)
		}
		opt.World.Seed++
		if other := folderBytes(t, simulated(t, opt)); reflect.DeepEqual(first, other) {
			t.Errorf("%s: another seed made the same bytes", format)
		}
	}
}

// TestSimulateCommitted: the committed scenario is what the command in
// fixtures/README.md makes.
func TestSimulateCommitted(t *testing.T) {
	committed := folderBytes(t, filepath.Join("..", "fixtures", "ctv_known_effect"))
	c := simulate.Default()
	c.Households, c.Exposures, c.Seed = 8_000, 60_000, 15
	made := folderBytes(t, simulated(t, jobs.SimulateOptions{World: c}))
	for path, sum := range made {
		if committed[path] != sum {
			t.Errorf("fixtures/ctv_known_effect/%s is not what the command makes", path)
		}
	}
}

func TestSimulateBoundedMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("left out by -short: a world of 300,000 households")
	}
	c := simulate.Default()
	c.Households, c.Exposures = 300_000, 900_000
	var most uint64
	simulated(t, jobs.SimulateOptions{World: c, Progress: func(done, _ int64) {
		if done%16_384 == 0 {
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
		}
	}})
	const limit = 32 << 20 // the data are some 130 MB
	if most == 0 || most > limit {
		t.Errorf("the heap held %d bytes, want 1 to %d", most, limit)
	}
}

func TestSimulateRefuses(t *testing.T) {
	ctx := context.Background()
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "mine"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := jobs.Simulate(ctx, jobs.SimulateOptions{Dir: full, World: smallWorld(1)}); !errors.Is(err, jobs.ErrNotEmpty) {
		t.Errorf("a folder with a file: %v, want ErrNotEmpty", err)
	}
	if entries, _ := os.ReadDir(full); len(entries) != 1 {
		t.Errorf("the folder holds %v now", entries)
	}
	for _, opt := range []jobs.SimulateOptions{
		{World: simulate.Config{}}, {World: smallWorld(1), Format: "xml"}, {World: smallWorld(1), Conversions: -5},
	} {
		opt.Dir = filepath.Join(t.TempDir(), "new")
		if err := jobs.Simulate(ctx, opt); err == nil {
			t.Errorf("%+v: no error", opt)
		}
		if _, err := os.Stat(opt.Dir); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s was made", opt.Dir)
		}
	}
	canceled, cancel := context.WithCancel(ctx)
	empty := t.TempDir()
	opt := jobs.SimulateOptions{Dir: empty, World: smallWorld(1), Progress: func(int64, int64) { cancel() }}
	opt.World.Households = 10_000
	if err := jobs.Simulate(canceled, opt); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
	if entries, err := os.ReadDir(empty); err != nil || len(entries) != 0 {
		t.Errorf("after an error the folder holds %v (%v), want it empty", entries, err)
	}
}
