package warehouse

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"github.com/duckdb/duckdb-go/v2"
)

// Filler adds rows to rows, which are empty, until they are full. One that adds none
// has come to its end.
type Filler func(rows *Rows) error

// Stream is a temporary view whose rows Go makes while the engine reads it: with
// all its threads, in bounded memory and without a file between. A second reading fails.
type Stream struct {
	tx      *Tx
	id      int64
	name    string
	columns []Column
	infos   []duckdb.ColumnInfo
	fillers chan Filler // those that no thread of the engine has taken
	threads int

	mu    sync.Mutex
	reads int
	err   error // the first that a filler gave
}

// spareProcessors are those of Go's beside one for each of the engine's threads.
const spareProcessors = 2

// giveProcessors has Go run more goroutines at once than there are processors. A thread of
// the engine that fills a chunk keeps one of Go's for as long; with as many as threads, the
// garbage collector and a thread that waited for its turn to read get theirs late, while the
// machine idles.
func giveProcessors(threads int) {
	if n := threads + spareProcessors; os.Getenv("GOMAXPROCS") == "" && runtime.GOMAXPROCS(0) < n {
		runtime.GOMAXPROCS(n)
	}
}

// streamFunction is the engine's name of the table function that reads a stream by
// its number.
const streamFunction = "ghostlight_stream"

// streams are those that are open, by number.
type streams struct {
	mu   sync.Mutex
	last int64
	open map[int64]*Stream
}

// Stream makes temporary view name over the rows of the fillers. Each is called by
// one thread at a time. Close it after the query that reads it.
func (tx *Tx) Stream(ctx context.Context, name string, columns []Column, fillers []Filler) (*Stream, error) {
	s := &Stream{tx: tx, name: name, columns: columns, fillers: make(chan Filler, len(fillers)), threads: len(fillers)}
	var list []string
	for _, c := range columns {
		if c.Empty {
			list = append(list, "CAST(NULL AS "+c.Type+") AS "+c.Name)
			continue
		}
		list = append(list, c.Name)
		kind, ok := streamTypes[c.Type]
		if !ok {
			return nil, failed("open stream", name, fmt.Errorf("column %s: type %s cannot be streamed", c.Name, c.Type))
		}
		info, err := duckdb.NewTypeInfo(kind)
		if err != nil {
			return nil, failed("open stream", name, err)
		}
		s.infos = append(s.infos, duckdb.ColumnInfo{Name: c.Name, T: info})
	}
	for _, f := range fillers {
		s.fillers <- f
	}
	open := &tx.db.streams
	open.mu.Lock()
	open.last++
	s.id = open.last
	open.open[s.id] = s
	open.mu.Unlock()
	query := "CREATE OR REPLACE TEMP VIEW " + name + " AS SELECT " + strings.Join(list, ", ") + " FROM " + streamFunction + "(" + strconv.FormatInt(s.id, 10) + ")"
	if err := tx.run(ctx, query); err != nil {
		return nil, s.Close(failed("open stream", name, err))
	}
	return s, nil
}

// Close ends the stream; its view stays, and can no longer be read. err is what the query
// that read it failed with: the engine knows a filler's error as text only, so Close gives
// the error itself.
func (s *Stream) Close(err error) error {
	open := &s.tx.db.streams
	open.mu.Lock()
	delete(open.open, s.id)
	open.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return s.err
	}
	return err
}

// register makes the table function known to the engine.
func (of *streams) register(ctx context.Context, pool *sql.DB) error {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	bigint, err := duckdb.NewTypeInfo(duckdb.TYPE_BIGINT)
	if err != nil {
		return err
	}
	return duckdb.RegisterTableUDF(conn, streamFunction, duckdb.ParallelChunkTableFunction{
		Config: duckdb.TableFunctionConfig{Arguments: []duckdb.TypeInfo{bigint}},
		BindArguments: func(_ map[string]any, args ...any) (duckdb.ParallelChunkTableSource, error) {
			of.mu.Lock()
			defer of.mu.Unlock()
			id, _ := args[0].(int64)
			s := of.open[id]
			if s == nil {
				return nil, fmt.Errorf("stream %d is not open", id)
			}
			return s, nil
		},
	})
}

// ColumnInfos, Cardinality, Init, NewLocalState and FillChunk are called by the
// engine.

func (s *Stream) ColumnInfos() []duckdb.ColumnInfo { return s.infos }

func (s *Stream) Cardinality() *duckdb.CardinalityInfo { return nil }

func (s *Stream) Init() duckdb.ParallelTableSourceInfo {
	s.mu.Lock()
	s.reads++
	s.mu.Unlock()
	return duckdb.ParallelTableSourceInfo{MaxThreads: s.threads}
}

// NewLocalState takes a filler for a thread of the engine.
func (s *Stream) NewLocalState() any {
	local := &streamThread{}
	select {
	case local.fill = <-s.fillers:
	default: // more threads than it said
	}
	return local
}

// streamThread is what one thread of the engine reads.
type streamThread struct {
	fill Filler
	rows Rows
}

func (s *Stream) FillChunk(state any, chunk duckdb.DataChunk) (err error) {
	s.mu.Lock()
	again := s.reads > 1
	s.mu.Unlock()
	if again {
		return s.fail(fmt.Errorf("stream %s is read twice", s.name))
	}
	thread, ok := state.(*streamThread)
	if !ok || thread.fill == nil {
		return chunk.SetSize(0)
	}
	defer func() { // a panic must not pass through the engine
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
		if err != nil {
			err = s.fail(err)
		}
	}()
	if err := thread.rows.begin(s.columns, chunk); err != nil {
		return err
	}
	if err := thread.fill(&thread.rows); err != nil {
		return err
	}
	return thread.rows.end(chunk)
}

func (s *Stream) fail(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = err
	}
	return err
}
