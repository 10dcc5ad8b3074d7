// Package warehouse stores and reads tables in one DuckDB file.
//
// In: the SELECT texts of package sql, named parameters, and slices of Go
// structs. Out: tables, checked against the key and not-null lines of their
// file's header after every write, and slices of Go structs.
//
// Everything is written inside [DB.Transact]: one connection, one transaction,
// all or nothing. The database is opened hardened (see harden.go) and proves at
// open that it is. One process at a time writes; [Lock] says who that is.
//
// It imports package sql and the DuckDB driver, and is the only package that
// imports either.
package warehouse
