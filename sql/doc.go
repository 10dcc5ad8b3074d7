// Package sql is the data flow as text: one file, one table, one SELECT.
//
// sql/<schema>/<table>.sql says what <schema>.<table> holds. The warehouse wraps
// the SELECT into the statement that stores it; the file itself runs as it is in
// a DuckDB shell once its named parameters ($as_of_us) have values. There is no
// templating: values are named parameters, schema and table names are literal.
//
// Every file opens with a header of comment lines:
//
//	-- One row per household that the study assigned, with its arm.
//	-- grain: assigned household
//	-- key: household_id
//	-- reads: clean.assignment, model.household, ops.arm
//	-- params: as_of_us
//	-- not null: arm_id
//
// The sentence says what one row is. key names the columns that are unique
// together and never NULL; reads and params are "none" when empty; not null is
// left out when only the key is never NULL. Tests compare the header with
// DuckDB's own parse of the file, and the warehouse checks key and not null
// after every write, in production too.
//
// Data flows ops and clean, then model, then result: a file reads its own schema
// and those to its left. Files of model and result are portable: the same text
// gives the same integers on DuckDB and on PostgreSQL. A table that Go fills is a
// typed empty SELECT, so that its types are declared where all the others are.
// Files under check select offending rows; a check passes when there are none.
//
// The folder holds no Go beyond the embedding, and imports nothing of this module.
package sql
