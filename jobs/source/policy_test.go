package source

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

const orderHeader = "id,at,state,total,cur,mail\n"

// orders are n good rows of the crm source.
func orders(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "o%d,2026-09-07 10:00:00,verified,1,USD,\n", i)
	}
	return orderHeader + b.String()
}

// The registry says how a file was read, so that a load can be understood later.
func TestRegistryNamesPackAndKey(t *testing.T) {
	w := newWorld(t)
	w.write("o.csv", orders(1))
	w.write("m.jsonl", `{"data":[{"event_name":"Purchase","event_time":1757203200}]}`)
	if _, err := w.load(Config{"crm": crm("o.csv"), "capi": meta("m.jsonl")}); err != nil {
		t.Fatal(err)
	}
	w.equal(`SELECT source, pack, pack_version, key_id, norm_version, extra_columns FROM ops.load ORDER BY source`,
		fmt.Sprintf("capi,meta_capi,%d,%s,%d,<nil>", packsOf(t)["meta_capi"].Version, w.keyer.ID(), NormVersion),
		fmt.Sprintf("crm,csv,<nil>,%s,%d,<nil>", w.keyer.ID(), NormVersion))
}

// The same path with other content is replaced, refused or added to; the same
// content is skipped whatever the policy, and mapped anew is no restatement.
func TestRestated(t *testing.T) {
	for _, c := range []struct {
		policy, state string
		rows          string
		refused       string
	}{
		{"", StateRestated, "3", ""},
		{"replace", StateRestated, "3", ""},
		{"append", StateLoaded, "5", ""},
		{"error", "", "2", "the file is not what it was when it was loaded (restated: error)"},
	} {
		t.Run(c.policy, func(t *testing.T) {
			w := newWorld(t)
			src := crm("o.csv")
			src.Restated = c.policy
			w.write("o.csv", orders(2))
			if _, err := w.load(Config{"crm": src}); err != nil {
				t.Fatal(err)
			}
			if got, err := w.load(Config{"crm": src}); err != nil || got[0].State != StateSkipped {
				t.Errorf("again: %+v, %v", got, err)
			}
			w.write("o.csv", strings.ReplaceAll(orders(3), "verified,1,", "verified,2,"))
			for range 2 { // the second time it is known, and nothing changes
				got, err := w.load(Config{"crm": src})
				if c.refused != "" {
					var refused *FileError
					if !errors.As(err, &refused) || !strings.Contains(err.Error(), c.refused) {
						t.Errorf("got %v", err)
					}
				} else if err != nil || got[0].State != c.state && got[0].State != StateSkipped {
					t.Errorf("got %+v, %v", got, err)
				}
				w.equal(`SELECT count(*) FROM clean.crm_order`, c.rows)
			}
			if c.refused != "" {
				return
			}
			src.Columns["currency"] = Column{Constant: "EUR"}
			if _, err := w.load(Config{"crm": src}); err != nil {
				t.Fatal(err)
			}
			w.equal(`SELECT count(*), count(*) FILTER (currency = 'EUR') FROM clean.crm_order`, c.rows+",3")
			w.remove("o.csv")
			src.Optional = true
			if _, err := w.load(Config{"crm": src}); err != nil {
				t.Fatal(err)
			}
			w.equal(`SELECT count(*) FROM clean.crm_order`, "0")
		})
	}
}

// A column that the mapping does not name is recorded, and is news once.
func TestExtraColumns(t *testing.T) {
	w := newWorld(t)
	row := "1,2026-09-07 10:00:00,verified,1,USD,"
	w.write("1.csv", "id,at,state,total,cur,mail,note\n"+row+",x\n")
	w.write("2.csv", "id,at,state,total,cur,mail,note,4155550123\n2"+row+",x,y\n")
	w.write("3.csv", "id,at,state,total,cur,mail,4155550123,note\n3"+row+",x,y\n")
	src := crm("*.csv")
	got, err := w.load(Config{"crm": src})
	if err != nil {
		t.Fatal(err)
	}
	if g := fmt.Sprint(got[0].Drift, got[1].Drift, got[2].Drift); g != "[] [9999999999] []" {
		t.Errorf("drift %s", g)
	}
	w.equal(`SELECT path, extra_columns FROM ops.load ORDER BY path`,
		`data/1.csv,["note"]`, `data/2.csv,["9999999999","note"]`, `data/3.csv,["9999999999","note"]`)
	src.ExtraColumns = "error"
	src.Files = Globs{"data/4.csv"}
	w.write("4.csv", "id,at,state,total,cur,mail,note\n4"+row+",x\n")
	if _, err := w.load(Config{"crm": src}); err == nil || !strings.Contains(err.Error(), "data/4.csv: the mapping does not name column note") {
		t.Errorf("got %v", err)
	}
	w.parquet("4.parquet", `SELECT '1' AS id, '2026-09-07 10:00:00' AS at, 'verified' AS state, 1 AS total, 'USD' AS cur, NULL AS mail, 1 AS note`)
	src.Format, src.Files = "parquet", Globs{"data/4.parquet"}
	if _, err := w.load(Config{"crm": src}); err == nil || !strings.Contains(err.Error(), "does not name column note") {
		t.Errorf("parquet: %v", err)
	}
}

// A file that is far shorter than the source's others is refused, by every run.
func TestMinRowsVsMedian(t *testing.T) {
	w := newWorld(t)
	src := crm("*.csv")
	src.MinRowsVsMedian = "50%"
	for i, n := range []int{20, 2, 30} { // too few to have a median
		w.write(fmt.Sprintf("%d.csv", i), orders(n))
		if _, err := w.load(Config{"crm": src}); err != nil {
			t.Fatal(err)
		}
	}
	w.write("3.csv", orders(10))
	if _, err := w.load(Config{"crm": src}); err != nil {
		t.Errorf("half of 20: %v", err)
	}
	w.write("4.csv", orders(7)+"\n\n\n")
	for range 2 {
		_, err := w.load(Config{"crm": src})
		if err == nil || !strings.Contains(err.Error(), "data/4.csv: the file has 7 records; the median of the source's 4 other files is 15, and 50% of it are asked for") {
			t.Errorf("7 of 15: %v", err)
		}
	}
	w.equal(`SELECT count(*) FROM ops.load`, "4")
}

func TestMaxBytes(t *testing.T) {
	w := newWorld(t)
	src := crm("o.csv.*")
	src.MaxBytes = "1 MB"
	w.write("o.csv.gz", string(compressed(t, false, orders(30_000))))
	_, err := w.load(Config{"crm": src})
	if !errors.Is(err, ErrTooLarge) || !strings.Contains(err.Error(), "source crm: data/o.csv.gz: unpacks to more than 1000000 bytes") {
		t.Errorf("got %v", err)
	}
	src.MaxBytes = "2MiB"
	if got, err := w.load(Config{"crm": src}); err != nil || got[0].Loaded != 30_000 {
		t.Errorf("below the limit: %v", err)
	}
	w.remove("o.csv.gz")
	w.write("o.csv.zst", string(bomb(t, 1<<30)))
	src.MaxBytes = ""
	if _, err := w.load(Config{"crm": src}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a bomb: %v", err)
	}
	for text, want := range map[string]int64{"1": 1, "4096": 4096, "500MB": 500e6, "1.5 GiB": 3 << 29, "2kB": 2000, "2k": -1, "0": -1, "x": -1, "5 XB": -1, "": -1, "-1GB": -1, "99999999TB": -1} {
		if got, ok := parseBytes(text); ok != (want >= 0) || ok && got != want {
			t.Errorf("%q: %d, %v", text, got, ok)
		}
	}
}

// bomb is a small file that holds more than n bytes.
func bomb(t *testing.T, n int) []byte {
	t.Helper()
	var b bytes.Buffer
	z, err := zstd.NewWriter(&b, zstd.WithEncoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	part := []byte(orderHeader + strings.Repeat(" ", 16<<20))
	for range n/len(part) + 1 {
		if _, err := z.Write(part); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Refunds as rows of their own need the workspace's word.
func TestAllowRefunds(t *testing.T) {
	w := newWorld(t)
	w.write("o.csv", orderHeader+"1,2026-09-07 10:00:00,verified,-2.50,USD,\n2,2026-09-07 10:00:00,verified,--1,USD,\n3,2026-09-07 10:00:00,verified,1,USD,\n")
	src := crm("o.csv")
	if _, err := w.load(Config{"crm": src}); err != nil {
		t.Fatal(err)
	}
	w.equal(`SELECT line_no, rule FROM ops.quarantine ORDER BY line_no`, "2,amount is below zero", "3,not an amount (digits with a decimal point)")
	src.AllowRefunds = true
	if _, err := w.load(Config{"crm": src}); err != nil {
		t.Fatal(err)
	}
	w.equal(`SELECT order_id, value_micros FROM clean.crm_order ORDER BY ALL`, "1,-2500000", "3,1000000")
}
