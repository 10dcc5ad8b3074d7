package source

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ghostlight/fixtures/server"

	"github.com/google/go-cmp/cmp"
)

// TestQueryText: what the database holds comes through as exact text.
func TestQueryText(t *testing.T) {
	onDatabases(t, func(t *testing.T, d *database) {
		d.run(`INSERT INTO orders (id, placed, changed, local, day, total, status, email, paid) VALUES
			(9223372036854775807, '2026-03-29 01:30:00.123456', '2026-01-01 00:00:00', '2026-03-29 02:30:00.5', '2026-03-29', 1234567890123456789012345678.0123456789, 'a,"b"` + "\n" + `c', 'ä €', true),
			(-1, NULL, '2026-01-02 00:00:00', NULL, NULL, NULL, '', NULL, false)`)
		w := newWorld(t)
		d.connect(w)
		spool, err := OpenSpool(filepath.Join(w.dir, "spool"))
		if err != nil {
			t.Fatal(err)
		}
		in := &Intake{Spool: spool, Connections: w.connections, Secrets: Secrets{Env: func(string) (string, bool) { return d.dsn, true }}}
		src := orderQuery("SELECT id, placed, local, day, total, status, email, paid, 1e15 + 0.5e0 AS x FROM orders ORDER BY id DESC -- ; ' :cursor")
		files, err := in.Find(t.Context(), "crm", src, nil)
		if err != nil {
			t.Fatal(err)
		}
		f, err := in.Fetch(t.Context(), src, files[0])
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(f.spooled)
		if err != nil || info.Mode().Perm() != 0o600 || info.Size() != f.Size {
			t.Errorf("spooled as %v, %v", info, err)
		}
		folder, err := os.Stat(spool.Dir())
		if err != nil || folder.Mode().Perm() != 0o700 {
			t.Errorf("spool is %v, %v", folder, err)
		}
		got, err := os.ReadFile(f.spooled)
		if err != nil {
			t.Fatal(err)
		}
		yes, no, x := "true", "false", "1000000000000000.5"
		if d.kind == mysqlType {
			yes, no = "1", "0"
		}
		want := "id,placed,local,day,total,status,email,paid,x\n" +
			"9223372036854775807,2026-03-29T01:30:00.123456Z,2026-03-29T02:30:00.500000,2026-03-29,1234567890123456789012345678.0123456789,\"a,\"\"b\"\"\nc\",ä €," + yes + "," + x + "\n" +
			"-1,,,,,,," + no + "," + x + "\n"
		if diff := cmp.Diff(want, string(got)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if err := errors.Join(in.Release(f), in.Close(), spool.Close()); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(spool.Dir()); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the spool is left: %v", err)
		}
	})
}

// TestQueryWhole: without a cursor the answer is one file, which another answer
// replaces.
func TestQueryWhole(t *testing.T) {
	onDatabases(t, func(t *testing.T, d *database) {
		w := newWorld(t)
		d.connect(w)
		d.order(1, "10:00:00")
		d.order(2, "11:00:00")
		cfg := Config{"crm": orderQuery("SELECT * FROM (SELECT id, placed, changed, total, status, email FROM orders) AS o ORDER BY id")}
		for _, want := range []string{StateLoaded, StateSkipped} {
			got, err := w.load(cfg)
			if err != nil || len(got) != 1 || got[0].State != want || got[0].Path != "shop#query" {
				t.Fatalf("%+v, %v", got, err)
			}
		}
		w.equal("SELECT order_id, ordered_us, received_us, value_micros, email_key IS NOT NULL FROM clean.crm_order ORDER BY order_id",
			"1,1769940000000000,1772359200000000,1500000,true", "2,1770026400000000,1772362800000000,2500000,true")
		d.run("DELETE FROM orders WHERE id = 1")
		if got, err := w.load(cfg); err != nil || got[0].State != StateRestated {
			t.Errorf("%+v, %v", got, err)
		}
		w.equal("SELECT order_id FROM clean.crm_order", "2")
		d.run("DELETE FROM orders")
		if got, err := w.load(cfg); err != nil || got[0].Records != 0 {
			t.Errorf("%+v, %v", got, err)
		}
		w.equal("SELECT count(*) FROM clean.crm_order", "0")
	})
}

// TestQueryPieces: with a cursor every run asks for what came since, and what it
// gets stays.
func TestQueryPieces(t *testing.T) {
	onDatabases(t, func(t *testing.T, d *database) {
		w := newWorld(t)
		d.connect(w)
		src := orderQuery("SELECT id, placed, changed, total, status, email FROM orders WHERE changed >= :cursor")
		src.Cursor, src.CursorStart = "changed", "2026-01-01"
		cfg := Config{"crm": src}
		load := func(wantNew int) {
			t.Helper()
			got, err := w.load(cfg)
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for _, l := range got {
				if l.State != StateSkipped {
					n++
				}
			}
			if n != wantNew {
				t.Errorf("%d new pieces, want %d: %+v", n, wantNew, got)
			}
		}
		load(0) // nothing is there, and nothing is registered
		w.equal("SELECT count(*) FROM ops.load", "0")
		d.order(2, "11:00:00")
		d.order(1, "10:00:00")
		d.order(3, "11:00:00")
		load(1)
		load(0)
		w.equal("SELECT path, loaded, cursor_value FROM ops.load", "shop#000001,3,2026-03-01T11:00:00.000000Z")

		d.order(4, "11:00:00") // the same instant, committed later
		load(1)
		load(0)
		d.order(5, "12:00:00")
		d.run("DELETE FROM orders WHERE id = 1") // gone from the window, and stays here
		load(1)
		load(0)
		w.equal("SELECT path, loaded, cursor_value FROM ops.load ORDER BY path", "shop#000001,3,2026-03-01T11:00:00.000000Z",
			"shop#000002,3,2026-03-01T11:00:00.000000Z", "shop#000003,4,2026-03-01T12:00:00.000000Z")
		w.equal("SELECT count(DISTINCT order_id) FROM clean.crm_order", "5")

		// Another mapping cannot go on where this one ended: all is asked for again.
		src.Columns["currency"] = Column{Constant: "EUR"}
		load(1)
		w.equal("SELECT path, loaded FROM ops.load", "shop#000001,4")
		w.equal("SELECT DISTINCT currency FROM clean.crm_order", "EUR")
	})
}

// TestQueryWholeCursor: a cursor that is a number, beyond what a double holds.
func TestQueryWholeCursor(t *testing.T) {
	onDatabases(t, func(t *testing.T, d *database) {
		w := newWorld(t)
		d.connect(w)
		src := orderQuery("SELECT id, placed, changed, total, status, email FROM orders WHERE id > :cursor")
		src.Cursor, src.CursorStart = "id", "0"
		d.order(7, "10:00:00")
		d.run("UPDATE orders SET id = 9007199254740993")
		d.order(8, "10:00:00")
		for range 2 {
			if _, err := w.load(Config{"crm": src}); err != nil {
				t.Fatal(err)
			}
			w.equal("SELECT cursor_value FROM ops.load", "9007199254740993")
		}
		d.run("UPDATE orders SET id = 9007199254740994 WHERE id = 8")
		if _, err := w.load(Config{"crm": src}); err != nil {
			t.Fatal(err)
		}
		w.equal("SELECT cursor_value, loaded FROM ops.load ORDER BY 1", "9007199254740993,2", "9007199254740994,1")
	})
}

// TestQueryFaults: each fault with its message, without a value of the data or
// the password.
func TestQueryFaults(t *testing.T) {
	onDatabases(t, func(t *testing.T, d *database) {
		d.order(1, "10:00:00")
		d.run("UPDATE orders SET email = 'hunter2@example.org'")
		write := "WITH gone AS (DELETE FROM orders RETURNING id) SELECT id FROM gone"
		blob, number := "decode('00', 'hex')", "CAST(email AS integer)"
		if d.kind == mysqlType {
			d.run("CREATE SEQUENCE numbers")
			write, blob, number = "SELECT NEXTVAL(numbers) AS id FROM orders", "UNHEX('00')", "(SELECT email FROM orders UNION ALL SELECT email FROM orders)"
		}
		clear := map[string]string{postgresType: "postgres://ghostlight:hunter2@%s/postgres?sslmode=require", mysqlType: "ghostlight:hunter2@tcp(%s)/shop?tls=true"}[d.kind]
		clear = fmt.Sprintf(clear, d.overTCP())
		stranger := strings.NewReplacer("ghostlight@", "nobody:hunter2@", server.MariaDBPassword, "hunter2").Replace(d.dsn)
		timeless := map[string]string{postgresType: "SQLSTATE 22007", mysqlType: "the header has no column"}[d.kind]
		for _, c := range []struct{ name, query, cursor, dsn, want string }{
			{name: "no table, with a cursor", query: "SELECT id, changed FROM ordres WHERE changed > :cursor", cursor: "changed", want: "ordres"},
			{name: "a cursor that is no time", query: "SELECT id, changed FROM orders WHERE changed > :cursor", cursor: "changed", want: timeless},
			{name: "no login", query: "SELECT 1 AS id", dsn: stranger, want: "the database refused the user or the password: "},
			{name: "no TLS", query: "SELECT 1 AS id", dsn: clear, want: "connections.shop.dsn: the "},
			{name: "writing", query: write, want: "transaction"},
			{name: "syntax", query: "SELECT FORM orders", want: "the database refused the query"},
			{name: "no table", query: "SELECT id FROM ordres", want: "ordres"},
			{name: "a value at fault", query: "SELECT " + number + " AS id FROM orders", want: "the database refused the query"},
			{name: "bytes", query: "SELECT " + blob + " AS id FROM orders", want: "column id is "},
			{name: "no cursor in the answer", query: "SELECT id FROM orders WHERE id > :cursor", cursor: "changed", want: "the answer has no column changed, which is the cursor"},
			{name: "text as cursor", query: "SELECT email FROM orders WHERE email > :cursor", cursor: "email", want: "is the cursor and is "},
			{name: "two columns of one name", query: "SELECT id, id FROM orders", want: "column id is there twice in the header"},
			{name: "nobody listens", query: "SELECT 1 AS id", dsn: map[string]string{
				postgresType: "postgres://ghostlight:hunter2@127.0.0.1:1/shop", mysqlType: "ghostlight:hunter2@tcp(127.0.0.1:1)/shop"}[d.kind],
				want: "the database cannot be reached: connection refused"},
			{name: "malformed", query: "SELECT 1 AS id", dsn: "hunter2", want: "connections.shop.dsn: the connection string is malformed"},
			{name: "option", query: "SELECT 1 AS id", dsn: d.dsn + map[string]string{postgresType: "&passfile=hunter2", mysqlType: "?allowAllFiles=true"}[d.kind],
				want: "the connection string is malformed"},
		} {
			t.Run(c.name, func(t *testing.T) {
				w := newWorld(t)
				d.connect(w)
				if c.dsn != "" {
					w.env["SHOP_DSN"] = c.dsn
				}
				src := orderQuery(c.query)
				if src.Cursor = c.cursor; c.cursor != "" {
					src.CursorStart = "0"
				}
				_, err := w.load(Config{"crm": src})
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Fatalf("got %v", err)
				}
				if errors.Is(err, ErrUnreachable) != (c.name == "nobody listens") {
					t.Errorf("trying again does not help: %v", err)
				}
				if strings.Contains(fmt.Sprintf("%+v %#v", err, err), "hunter2") {
					t.Errorf("a value or a password is shown: %v", err)
				}
				if err := w.nothingSpooled(); err != nil {
					t.Error(err)
				}
			})
		}
		w := newWorld(t)
		d.connect(w)
		src := orderQuery("SELECT id, placed, changed, total, status, email FROM orders")
		src.MaxBytes = "20B"
		if _, err := w.load(Config{"crm": src}); !errors.Is(err, ErrTooLarge) {
			t.Errorf("too large: %v", err)
		}
	})
}

// TestQueryIsBounded: a sample is the beginning of an answer, and who stops
// waiting is let go at once.
func TestQueryIsBounded(t *testing.T) {
	onDatabases(t, func(t *testing.T, d *database) {
		w := newWorld(t)
		d.connect(w)
		spool, err := OpenSpool(filepath.Join(w.dir, ".ghostlight", "spool"))
		if err != nil {
			t.Fatal(err)
		}
		many, sleep := "generate_series(1, 1500) AS s(id)", "SELECT pg_sleep(60) AS id"
		if d.kind == mysqlType {
			many, sleep = "(SELECT seq AS id FROM seq_1_to_1500) AS s", "SELECT SLEEP(60) AS id"
		}
		in := &Intake{Spool: spool, Connections: w.connections, Secrets: Secrets{Env: func(string) (string, bool) { return d.dsn, true }}}
		fetch := func(ctx context.Context, query string) (int, error) {
			src := orderQuery(query)
			files, err := in.Find(ctx, "crm", src, nil)
			if err != nil {
				return 0, err
			}
			f, err := in.Fetch(ctx, src, files[0])
			if err != nil {
				return 0, err
			}
			text, err := os.ReadFile(f.spooled)
			return strings.Count(string(text), "\n") - 1, errors.Join(err, in.Release(f))
		}
		for _, sample := range []bool{false, true} {
			in.Sample = sample
			want := map[bool]int{false: 1500, true: sampleRows}[sample]
			if n, err := fetch(t.Context(), "SELECT id FROM "+many+" ORDER BY id -- all"); err != nil || n != want {
				t.Errorf("sample %v: %d rows, %v", sample, n, err)
			}
		}
		in.Sample = false
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(300*time.Millisecond, cancel)
		start := time.Now()
		if _, err := fetch(ctx, sleep); !errors.Is(err, context.Canceled) || time.Since(start) > 10*time.Second {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
		if err := w.nothingSpooled(); err != nil {
			t.Error(err)
		}
	})
}

// TestPostgresIsAskedAlone: nothing of the library's usual environment is used.
func TestPostgresIsAskedAlone(t *testing.T) {
	home := t.TempDir()
	if err := os.WriteFile(filepath.Join(home, "pass"), []byte("*:*:*:*:stolen\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"PGHOST": "elsewhere", "PGPORT": "1", "PGUSER": "other", "PGPASSWORD": "other", "PGDATABASE": "other", "PGPASSFILE": filepath.Join(home, "pass"),
		"PGSSLMODE": "disable", "PGSSLROOTCERT": "/none", "PGSSLCERT": "/none", "PGSSLKEY": "/none", "PGOPTIONS": "-c x=y", "PGAPPNAME": "other",
		"PGTARGETSESSIONATTRS": "read-write", "PGCONNECT_TIMEOUT": "1", "PGTZ": "Asia/Tokyo", "PGREQUIREAUTH": "none",
	} {
		t.Setenv(name, value)
	}
	c, err := postgresConfig("postgres://me@db.example.org/shop")
	if err != nil {
		t.Fatal(err)
	}
	if c.Host != "db.example.org" || c.Port != 5432 || c.User != "me" || c.Password != "" || c.Database != "shop" || len(c.Fallbacks) > 0 ||
		c.TLSConfig == nil || c.TLSConfig.InsecureSkipVerify || len(c.TLSConfig.Certificates) > 0 || len(c.RuntimeParams) != 1 || c.ValidateConnect != nil {
		t.Errorf("got %+v, TLS %+v", c, c.TLSConfig)
	}
	m, err := mysqlConfig("me:pass@tcp(db.example.org:3306)/shop")
	if err != nil || m.TLSConfig != "true" || m.AllowAllFiles || m.MultiStatements || m.AllowFallbackToPlaintext {
		t.Errorf("got %+v, %v", m, err)
	}
}

func TestBindCursor(t *testing.T) {
	for _, c := range []struct {
		query, text string
		places      int
		fault       string
	}{
		{"SELECT a FROM t WHERE b >= :cursor", "SELECT a FROM t WHERE b >= $1", 1, ""},
		{"SELECT a FROM t WHERE b >= :cursor AND c < :cursor", "SELECT a FROM t WHERE b >= $1 AND c < $2", 2, ""},
		{"SELECT ':cursor', \":cursor\", a::cursor, :cursors -- :cursor\nFROM /* :cursor ; */ t", "SELECT ':cursor', \":cursor\", a::cursor, :cursors \nFROM   t", 0, ""},
		{"SELECT 'it''s'", "SELECT 'it''s'", 0, ""},
		{"SELECT 1; DROP TABLE t", "", 0, "the query holds a semicolon: it is one statement"},
		{"SELECT 'a", "", 0, "a quote of the query is not closed"},
		{"SELECT 1 /* a", "", 0, "a comment of the query is not closed"},
	} {
		text, places, fault := bindCursor(c.query, func(n int) string { return fmt.Sprintf("$%d", n) })
		if text != c.text || places != c.places || fault != c.fault {
			t.Errorf("%s: %q, %d, %q", c.query, text, places, fault)
		}
	}
}
