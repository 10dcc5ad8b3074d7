package source

import (
	"context"
	"crypto/tls"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// malformed says nothing of what the connection string is.
func malformed(hint string) *databaseError {
	return &databaseError{what: "the connection string is malformed", hint: hint, ofDSN: true}
}

// noTLS is the fault of a server that does not speak TLS, or not as it is asked to.
func noTLS(what, hint string) *databaseError {
	return &databaseError{what: what, hint: hint, ofDSN: true}
}

// refusedLogin is the fault of who is not let in.
func refusedLogin(code string) *databaseError {
	return &databaseError{what: "the database refused the user or the password: " + code, class: fs.ErrPermission,
		hint: "correct the user and the password in the connection string, or let the user in from this machine"}
}

// tlsFault tells whether a connection failed over the server's certificate.
func tlsFault(err error) bool {
	var unverified *tls.CertificateVerificationError
	return errors.As(err, &unverified)
}

// postgresConfig reads postgres://user:password@host:port/database?sslmode=…,
// or with ?host=/folder for a socket. Every setting that the library would
// otherwise look for in the environment or the home directory is given.
func postgresConfig(dsn Secret) (*pgx.ConnConfig, error) {
	bad := malformed("write postgres://user:password@host:5432/database?sslmode=verify-full")
	u, err := url.Parse(string(dsn))
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" || u.User == nil || strings.Trim(u.Path, "/") == "" {
		return nil, bad
	}
	host, port := u.Hostname(), u.Port()
	mode, roots := "", ""
	for key, values := range u.Query() {
		switch key {
		case "host":
			host = values[0]
		case "sslmode":
			mode = values[0]
		case "sslrootcert":
			roots = values[0]
		default:
			return nil, malformed("of the options only host, sslmode and sslrootcert are known")
		}
	}
	if host == "" || strings.Contains(host, ",") {
		return nil, bad
	}
	if mode == "" {
		mode = "verify-full"
		if isLoopback(host) || strings.HasPrefix(host, "/") {
			mode = "disable"
		}
	}
	if port == "" {
		port = "5432"
	}
	password, _ := u.User.Password()
	var text strings.Builder
	for _, setting := range [][2]string{
		{"host", host}, {"port", port}, {"user", u.User.Username()}, {"password", password},
		{"database", strings.Trim(u.Path, "/")}, {"sslmode", mode}, {"sslrootcert", roots},
		{"sslcert", ""}, {"sslkey", ""}, {"sslpassword", ""}, {"sslcertmode", "disable"}, {"sslsni", "1"}, {"sslnegotiation", "postgres"},
		{"passfile", os.DevNull}, {"application_name", "ghostlight"}, {"connect_timeout", "30"},
		{"target_session_attrs", "any"}, {"min_protocol_version", "3.0"}, {"max_protocol_version", "3.0"},
		{"channel_binding", "prefer"}, {"require_auth", ""},
	} {
		value := strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(setting[1])
		text.WriteString(setting[0] + "='" + value + "' ")
	}
	config, err := pgx.ParseConfig(text.String())
	if err != nil {
		return nil, bad
	}
	config.RuntimeParams = map[string]string{"application_name": "ghostlight"} // and no PGOPTIONS
	return config, nil
}

// askPostgres runs the query in a transaction that can write nothing. The values
// are the server's own text, so that no number loses a digit on the way.
func (q *query) askPostgres(ctx context.Context, from string, a *answer) (err error) {
	config, err := postgresConfig(q.dsn)
	if err != nil {
		return err
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return postgresError(err)
	}
	defer func() {
		short, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = conn.Close(short) // all rows were read, or err says why not
	}()
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return postgresError(err)
	}
	// Of the transaction, not of the session: a pool between may not keep the latter.
	_, err = conn.PgConn().Exec(ctx, "SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL client_encoding = 'UTF8'; "+
		"SET LOCAL extra_float_digits = 3; SET LOCAL lock_timeout = '30s'; SET LOCAL statement_timeout = "+strconv.FormatInt(queryTimeout.Milliseconds(), 10)).ReadAll()
	if err != nil {
		return postgresError(err)
	}
	text, places, fault := bindCursor(q.src.Query, func(int) string { return "$1" })
	if fault != "" {
		return &answerError{what: fault}
	}
	args := []any{pgx.QueryExecModeDescribeExec, pgx.QueryResultFormats{pgx.TextFormatCode}}
	if places > 0 {
		args = append(args, from)
	}
	rows, err := tx.Query(ctx, q.limited(text), args...)
	if err != nil {
		return postgresError(err)
	}
	defer rows.Close()
	fields := rows.FieldDescriptions()
	if len(fields) == 0 { // refused before it had columns
		if rows.Close(); rows.Err() != nil {
			return postgresError(rows.Err())
		}
	}
	if err := a.begin(postgresColumns(fields)); err != nil {
		return err
	}
	for rows.Next() {
		if err := a.add(rows.RawValues()); err != nil {
			return err
		}
	}
	return postgresError(rows.Err())
}

func postgresColumns(fields []pgconn.FieldDescription) []answerColumn {
	types := pgtype.NewMap()
	columns := make([]answerColumn, len(fields))
	for i, f := range fields {
		c := answerColumn{name: f.Name, kind: "of a type of its own"}
		if t, ok := types.TypeForOID(f.DataTypeOID); ok {
			c.kind = t.Name
		}
		switch f.DataTypeOID {
		case pgtype.ByteaOID:
			c.binary = true
		case pgtype.Int2OID, pgtype.Int4OID, pgtype.Int8OID:
			c.cursor = wholeCursor
		case pgtype.TimestamptzOID:
			c.cursor, c.text = textCursor, instantTime
		case pgtype.TimestampOID:
			c.cursor, c.text = textCursor, localTime
		case pgtype.DateOID:
			c.cursor = textCursor
		case pgtype.Float4OID:
			c.text = decimal(32)
		case pgtype.Float8OID:
			c.text = decimal(64)
		case pgtype.BoolOID:
			c.text = func(raw []byte) string { return strconv.FormatBool(string(raw) == "t") }
		}
		columns[i] = c
	}
	return columns
}

// postgresError keeps of the server's words only those on names, rights and the
// query's own text: a cast that fails quotes the value.
func postgresError(err error) error {
	var pg *pgconn.PgError
	switch {
	case errors.As(err, &pg):
	case tlsFault(err):
		return noTLS("the certificate of the database cannot be verified", "correct the host, or name the authority as sslrootcert=FILE in the connection string")
	case err != nil && innermost(err) == "server refused TLS connection":
		return noTLS("the database does not speak TLS", "switch TLS on at the server; sslmode=disable in the connection string sends everything in clear")
	default:
		return err
	}
	if strings.HasPrefix(pg.Code, "28") {
		return refusedLogin("SQLSTATE " + pg.Code)
	}
	e := &databaseError{what: "the database refused the query: SQLSTATE " + pg.Code}
	switch class := (pg.Code + "  ")[:2]; class {
	case "42", "25", "3D", "0A":
		e.what += ": " + pg.Message
		e.hint = "correct the query, or the rights and the address of the connection"
	case "08", "53", "55", "57", "40":
		e.class, e.hint = ErrUnreachable, "try again later"
	default:
		e.hint = "run the query by hand to see what it meets"
	}
	return e
}
