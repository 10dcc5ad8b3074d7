package sql

import "embed"

// Files holds every <schema>/<table>.sql and check/<schema>.<table>.<what>.sql.
//
//go:embed */*.sql
var Files embed.FS
