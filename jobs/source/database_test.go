package source

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"ghostlight/fixtures/server"

	"github.com/jackc/pgx/v5"
)

// database is a real server with table orders, under one of the two engines.
type database struct {
	t    *testing.T
	kind string
	dsn  string
	exec func(ctx context.Context, query string) error
}

// onDatabases runs a test against PostgreSQL and MariaDB.
func onDatabases(t *testing.T, do func(*testing.T, *database)) {
	t.Run("postgres", func(t *testing.T) {
		d := &database{t: t, kind: postgresType, dsn: server.Postgres(t, t.Name()+" (queries of PostgreSQL)")}
		var conn *pgx.Conn
		err := server.Await(t.Context(), func(ctx context.Context) (err error) { conn, err = pgx.Connect(ctx, d.dsn); return err })
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close(context.Background()) })
		d.exec = func(ctx context.Context, query string) error { _, err := conn.Exec(ctx, query); return err }
		d.run(`CREATE TABLE orders (id bigint PRIMARY KEY, placed timestamptz, changed timestamptz NOT NULL, local timestamp, day date,
			total numeric(38, 10), status text, email text, paid boolean, blob bytea)`)
		do(t, d)
	})
	t.Run("mariadb", func(t *testing.T) {
		d := &database{t: t, kind: mysqlType, dsn: "ghostlight:" + server.MariaDBPassword + "@unix(" + server.MariaDB(t, t.Name()+" (queries of MariaDB)") + ")/shop"}
		db, err := sql.Open("mysql", d.dsn+"?time_zone=%27%2B00:00%27")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		d.exec = func(ctx context.Context, query string) error { _, err := db.ExecContext(ctx, query); return err }
		if err := server.Await(t.Context(), db.PingContext); err != nil {
			t.Fatal(err)
		}
		d.run("CREATE TABLE orders (id BIGINT PRIMARY KEY, placed TIMESTAMP(6) NULL, changed TIMESTAMP(6) NOT NULL DEFAULT '2000-01-01', local DATETIME(6), day DATE, " +
			"total DECIMAL(38, 10), status TEXT, email TEXT, paid BOOLEAN, blobby BLOB) CHARSET utf8mb4")
		do(t, d)
	})
}

func (d *database) run(query string) {
	d.t.Helper()
	if err := d.exec(d.t.Context(), query); err != nil {
		d.t.Fatal(err)
	}
}

// overTCP is an address of loopback that leads to the server's socket.
func (d *database) overTCP() string {
	d.t.Helper()
	_, socket, _ := strings.Cut(d.dsn, "@unix(")
	socket, _, _ = strings.Cut(socket, ")")
	if _, dir, ok := strings.Cut(d.dsn, "?host="); ok {
		socket = filepath.Join(dir, ".s.PGSQL.5432")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("unix", socket)
			if err != nil {
				_ = in.Close()
				continue
			}
			go func() { _, _ = io.Copy(out, in); _ = out.Close() }()
			go func() { _, _ = io.Copy(in, out); _ = in.Close() }()
		}
	}()
	return l.Addr().String()
}

// order adds one; changed is a time of 2026-03-01.
func (d *database) order(id int, changed string) {
	d.t.Helper()
	d.run(fmt.Sprintf("INSERT INTO orders (id, placed, changed, total, status, email) VALUES (%d, '2026-02-%02d 10:00:00', '2026-03-01 %s', %d.5, 'verified', 'p%d@example.org')", id, id, changed, id, id))
}

// connect lets a world reach the server.
func (d *database) connect(w *world) {
	w.env = map[string]string{"SHOP_DSN": d.dsn}
	w.connections = Connections{"shop": {Type: d.kind, DSN: KeyRef{Env: "SHOP_DSN"}}}
}

func orderQuery(query string) Source {
	return Source{Table: "crm_order", Format: "csv", Connection: "shop", Query: query, Columns: map[string]Column{
		"order_id": {Column: "id"}, "ordered_at": {Column: "placed"}, "received_at": {Column: "changed"}, "status": {Column: "status"},
		"value": {Column: "total"}, "currency": {Constant: "USD"}, "email_key": {Column: "email"},
	}}
}
