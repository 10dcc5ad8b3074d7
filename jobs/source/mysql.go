package source

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
)

// mysqlConfig reads user:password@tcp(host:port)/database?tls=… and switches off
// what a server could use against the client.
func mysqlConfig(dsn Secret) (*mysql.Config, error) {
	bad := malformed("write user:password@tcp(host:3306)/database?tls=true")
	text := string(dsn)
	config, err := mysql.ParseDSN(text)
	if err != nil || config.User == "" || config.DBName == "" || config.Net != "tcp" && config.Net != "unix" ||
		!strings.Contains(text, "@"+config.Net+"(") {
		return nil, bad
	}
	_, options, _ := strings.Cut(text[strings.LastIndex(text, "/")+1:], "?")
	for option := range strings.SplitSeq(options, "&") {
		if name, _, _ := strings.Cut(option, "="); name != "" && name != "tls" {
			return nil, malformed("of the options only tls is known")
		}
	}
	host, _, _ := net.SplitHostPort(config.Addr) // a socket has none
	if config.TLSConfig == "" && config.Net == "tcp" && !isLoopback(host) {
		config.TLSConfig = "true"
	}
	config.InterpolateParams = true // one protocol, in which every value is text
	config.Collation = "utf8mb4_general_ci"
	config.Timeout, config.ReadTimeout, config.WriteTimeout = 30*time.Second, queryTimeout+time.Minute, 30*time.Second
	config.Logger = &mysql.NopLogger{}
	return config, nil
}

// askMySQL runs the query in a transaction that can write nothing.
func (q *query) askMySQL(ctx context.Context, from string, a *answer) (err error) {
	config, err := mysqlConfig(q.dsn)
	if err != nil {
		return err
	}
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return malformed("tls is true, false or skip-verify")
	}
	db := sql.OpenDB(connector)
	defer db.Close() // all rows were read, or err says why not
	conn, err := db.Conn(ctx)
	if err != nil {
		return mysqlError(err)
	}
	defer conn.Close()
	var version string
	if err := conn.QueryRowContext(ctx, "SELECT VERSION()").Scan(&version); err != nil {
		return mysqlError(err)
	}
	timeout := fmt.Sprintf("max_execution_time = %d", queryTimeout.Milliseconds())
	if strings.Contains(version, "MariaDB") {
		timeout = fmt.Sprintf("max_statement_time = %d", int(queryTimeout.Seconds()))
	}
	if _, err := conn.ExecContext(ctx, "SET time_zone = '+00:00', lock_wait_timeout = 30, "+timeout); err != nil {
		return mysqlError(err)
	}
	tx, err := conn.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return mysqlError(err)
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	text, places, fault := bindCursor(q.src.Query, func(int) string { return "?" })
	if fault != "" {
		return &answerError{what: fault}
	}
	rows, err := tx.QueryContext(ctx, q.limited(text), repeat(mysqlValue(from), places)...)
	if err != nil {
		return mysqlError(err)
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	if err != nil {
		return mysqlError(err)
	}
	if err := a.begin(mysqlColumns(types)); err != nil {
		return err
	}
	raw, cells, targets := make([]sql.RawBytes, len(types)), make([][]byte, len(types)), make([]any, len(types))
	for i := range raw {
		targets[i] = &raw[i]
	}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return mysqlError(err)
		}
		for i := range raw {
			cells[i] = raw[i]
		}
		if err := a.add(cells); err != nil {
			return err
		}
	}
	return mysqlError(rows.Err())
}

// mysqlValue is a cursor value as it is compared: a number with numbers, a time
// in the session's zone, which is UTC, with times.
func mysqlValue(s string) any {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n
	}
	if len(s) > 10 && s[10] == 'T' {
		return strings.TrimSuffix(s[:10]+" "+s[11:], "Z")
	}
	return s
}

func repeat(value any, n int) []any {
	var list []any
	for range n {
		list = append(list, value)
	}
	return list
}

func mysqlColumns(types []*sql.ColumnType) []answerColumn {
	columns := make([]answerColumn, len(types))
	for i, t := range types {
		c := answerColumn{name: t.Name(), kind: t.DatabaseTypeName()}
		switch strings.TrimPrefix(c.kind, "UNSIGNED ") {
		case "BLOB", "TINYBLOB", "MEDIUMBLOB", "LONGBLOB", "BINARY", "VARBINARY", "BIT", "GEOMETRY", "VECTOR":
			c.binary = true
		case "TINYINT", "SMALLINT", "MEDIUMINT", "INT", "BIGINT":
			c.cursor = wholeCursor
		case "TIMESTAMP":
			c.cursor, c.text = textCursor, instantTime
		case "DATETIME":
			c.cursor, c.text = textCursor, localTime
		case "DATE":
			c.cursor = textCursor
		case "FLOAT":
			c.text = decimal(32)
		case "DOUBLE":
			c.text = decimal(64)
		}
		columns[i] = c
	}
	return columns
}

// Errors of MySQL and MariaDB by what can be done.
var (
	mysqlTemporary = []uint16{1040, 1053, 1203, 1205, 1213, 1226, 1317, 1969, 3024}
	mysqlLogin     = []uint16{1044, 1045, 1698}
	mysqlOwnWords  = []uint16{1049, 1054, 1064, 1142, 1143, 1146, 1227, 1305, 1370, 1792}
)

// mysqlError keeps of the server's words only those on names, rights and the
// query's own text.
func mysqlError(err error) error {
	var said *mysql.MySQLError
	switch {
	case errors.As(err, &said):
	case tlsFault(err):
		return noTLS("the certificate of the database cannot be verified", "correct the host; tls=skip-verify in the connection string trusts any")
	case errors.Is(err, mysql.ErrNoTLS):
		return noTLS("the database does not speak TLS", "switch TLS on at the server; tls=false in the connection string sends everything in clear")
	default:
		return err
	}
	if slices.Contains(mysqlLogin, said.Number) {
		return refusedLogin(fmt.Sprintf("error %d", said.Number))
	}
	e := &databaseError{what: fmt.Sprintf("the database refused the query: error %d", said.Number), hint: "run the query by hand to see what it meets"}
	for _, number := range mysqlTemporary {
		if said.Number == number {
			e.class, e.hint = ErrUnreachable, "try again later"
		}
	}
	for _, number := range mysqlOwnWords {
		if said.Number == number {
			e.what += ": " + said.Message
			e.hint = "correct the query, or the rights and the address of the connection"
		}
	}
	return e
}
