package warehouse

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"unicode/utf8"
	"unsafe"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/duckdb/duckdb-go/v2/mapping"
)

// maxRows is how many rows a Rows takes: a vector of the engine.
const maxRows = 2048

// streamTypes are the types of columns that Go makes.
var streamTypes = map[string]duckdb.Type{
	"VARCHAR": duckdb.TYPE_VARCHAR, "BIGINT": duckdb.TYPE_BIGINT, "BOOLEAN": duckdb.TYPE_BOOLEAN, "DATE": duckdb.TYPE_DATE,
}

// Rows are some rows that are written straight into the engine's vectors, in the
// layout that its C interface documents (duckdb.h: duckdb_string_t, validity masks).
type Rows struct {
	n       int
	long    int      // bytes of texts that do not fit into their cells
	vectors []vector // by column; those that the query does not read have no vector
}

// vector is one column of Rows.
type vector struct {
	column Column
	kind   valueKind // that it takes
	to     mapping.Vector
	data   unsafe.Pointer
	valid  []uint64 // a bit a row; nil while none is NULL
	long   []byte   // texts that do not fit into their cells, one after another
	rows   []int    // which these are
}

// textCell is a VARCHAR in a vector, duckdb_string_t: its length, then the text itself when
// that fits, and otherwise its first bytes and where it is.
type textCell struct {
	length uint32
	short  [4]byte
	rest   [8]byte // of a short text, or the address
}

const shortText = 12

// maxLong bounds the long texts of some rows, but for the last row's.
const maxLong = 8 << 20

// IsFull tells that there is no room for another row.
func (r *Rows) IsFull() bool { return r.n == maxRows || r.long >= maxLong }

// begin points r at an empty chunk. The driver sets single cells only, at the cost of
// a call into C for each; it holds the chunk and which columns are read in fields that
// it does not export, and a test fails when their names change.
func (r *Rows) begin(columns []Column, chunk duckdb.DataChunk) error {
	inner := reflect.ValueOf(chunk)
	ptr, read := inner.FieldByName("chunk").FieldByName("Ptr"), inner.FieldByName("projection")
	filled := 0
	for _, c := range columns {
		if !c.Empty {
			filled++
		}
	}
	if ptr.Kind() != reflect.UnsafePointer || read.Kind() != reflect.Slice || read.Len() != filled {
		return errors.New("the driver's data chunk is not as expected")
	}
	if r.vectors == nil {
		r.vectors = make([]vector, len(columns))
	}
	out := mapping.DataChunk{Ptr: ptr.UnsafePointer()}
	next := 0
	for i := range r.vectors {
		v := &r.vectors[i]
		if cap(v.long) > 2*maxLong {
			v.long = nil
		}
		v.column, v.kind, v.data, v.valid, v.long, v.rows = columns[i], kindOf(columns[i].Type), nil, nil, v.long[:0], v.rows[:0]
		if v.column.Empty {
			continue
		}
		at := read.Index(next).Int()
		next++
		if at < 0 {
			continue
		}
		v.to = mapping.DataChunkGetVector(out, mapping.IdxT(at))
		v.data = mapping.VectorGetData(v.to)
	}
	r.n, r.long = 0, 0
	return nil
}

// Append adds one row: a value for each column. It copies them.
func (r *Rows) Append(values ...Value) error {
	if len(values) != len(r.vectors) {
		return fmt.Errorf("append row: %d values for %d columns", len(values), len(r.vectors))
	}
	if r.IsFull() {
		return errors.New("append row: there is no room for it")
	}
	for i := range values {
		v, value := &r.vectors[i], &values[i]
		switch {
		case v.data == nil:
			if v.column.Empty && value.kind != null {
				return fmt.Errorf("append row: column %s, which is empty, has a value", v.column.Name)
			}
		case value.kind == null && v.valid != nil:
			v.valid[r.n/64] &^= 1 << (r.n % 64)
		case value.kind == null:
			v.setNull(r.n)
		default:
			if err := v.set(r.n, value); err != nil {
				return err
			}
			if len(value.text) > shortText {
				r.long += len(value.text)
			}
		}
	}
	r.n++
	return nil
}

// setNull makes the first NULL: the engine is faster where there is none.
func (v *vector) setNull(row int) {
	mapping.VectorEnsureValidityWritable(v.to)
	v.valid = unsafe.Slice((*uint64)(mapping.VectorGetValidity(v.to)), maxRows/64)
	v.valid[row/64] &^= 1 << (row % 64)
}

func (v *vector) set(row int, value *Value) error {
	if value.kind != v.kind {
		return fmt.Errorf("append row: column %s: %s is no %s", v.column.Name, value.kind.column(), v.column.Type)
	}
	switch value.kind {
	case textValue:
		if !utf8.ValidString(value.text) {
			return fmt.Errorf("append row: column %s: a text is not valid UTF-8", v.column.Name)
		}
		v.text(row, value.text)
	case intValue:
		*at[int64](v.data, row) = value.n
	case flagValue:
		*at[bool](v.data, row) = value.n != 0
	case dayValue:
		*at[int32](v.data, row) = int32(value.n)
	}
	return nil
}

// at is the place of a row in a vector of T.
func at[T any](data unsafe.Pointer, row int) *T {
	var zero T
	return (*T)(unsafe.Add(data, uintptr(row)*unsafe.Sizeof(zero)))
}

func (v *vector) text(row int, s string) {
	c := at[textCell](v.data, row)
	*c = textCell{length: uint32(len(s))}
	if len(s) <= shortText {
		copy(c.rest[:], s[copy(c.short[:], s):])
		return
	}
	copy(c.short[:], s)
	v.long = append(v.long, s...)
	v.rows = append(v.rows, row)
}

// end hands the rows over. The long texts of a column become one text that the vector
// owns, and their cells point into it.
func (r *Rows) end(chunk duckdb.DataChunk) error {
	for i := range r.vectors {
		v := &r.vectors[i]
		if v.data == nil || len(v.rows) == 0 {
			continue
		}
		first := at[textCell](v.data, v.rows[0])
		length := first.length
		if len(v.long) > math.MaxUint32 {
			return fmt.Errorf("append row: column %s: the texts are too long", v.column.Name)
		}
		mapping.VectorAssignStringElementLen(v.to, mapping.IdxT(v.rows[0]), v.long)
		address := *(*uintptr)(unsafe.Pointer(&first.rest))
		first.length = length
		for _, row := range v.rows {
			c := at[textCell](v.data, row)
			*(*uintptr)(unsafe.Pointer(&c.rest)) = address
			address += uintptr(c.length)
		}
	}
	return chunk.SetSize(r.n)
}
