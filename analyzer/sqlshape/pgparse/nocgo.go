//go:build !cgo

// Package pgparse reads the facts of a statement, and the tables of a schema,
// with PostgreSQL's own parser. This build has no cgo and therefore no parser.
package pgparse

import (
	"errors"

	"github.com/ormlint/ormlint/analyzer/schema"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// Parse returns what the lexical extractor finds.
func Parse(sql string) (sqlshape.Facts, error) { return sqlshape.Extract(sql), nil }

// Schema returns an error: DDL needs the parser.
func Schema([]byte) (*schema.Schema, []error) {
	return nil, []error{errors.New("this build has no PostgreSQL parser (CGO_ENABLED=0)")}
}
