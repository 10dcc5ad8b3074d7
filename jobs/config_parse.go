package jobs

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Bounds of one configuration file. The parser needs quadratic time for many
// tokens or deep nesting, so both are counted before it sees the file.
const (
	maxFileBytes  = 1 << 20
	maxFileTokens = 20_000
	maxFlowDepth  = 32
)

// parse makes a tree of the text, or records why that cannot be done.
func (d *document) parse(data []byte) ast.Node {
	if len(data) > maxFileBytes {
		d.fail(position{1, 1}, "the file is larger than 1 MiB", "")
		return nil
	}
	text := strings.TrimPrefix(string(data), "\ufeff")
	if p, fault, hint := badText(text); fault != "" {
		d.fail(p, fault, hint)
		return nil
	}
	tokens := lexer.Tokenize(text)
	if p, fault, hint := badTokens(tokens); fault != "" {
		d.fail(p, fault, hint)
		return nil
	}
	file, err := parseYAML(text)
	if err != nil {
		p, message := position{1, 1}, "the file is not YAML"
		if syntax, ok := errors.AsType[*yaml.SyntaxError](err); ok {
			message = syntax.Message
			if syntax.Token != nil {
				p = tokenPosition(syntax.Token)
			}
		}
		d.fail(p, message, "")
		return nil
	}
	if len(file.Docs) == 0 || file.Docs[0].Body == nil {
		d.fail(position{1, 1}, "the file is empty", "")
		return nil
	}
	if len(file.Docs) > 1 {
		d.fail(nodePosition(file.Docs[1].Body), "a second document begins here", "keep one document in a file")
		return nil
	}
	return file.Docs[0].Body
}

// parseYAML keeps a defect of the parser from ending the program: the text
// comes from outside.
func parseYAML(text string) (file *ast.File, err error) {
	defer func() {
		if r := recover(); r != nil {
			file, err = nil, fmt.Errorf("parse YAML: %v", r)
		}
	}()
	return parser.ParseBytes([]byte(text), 0, parser.AllowDuplicateMapKey())
}

func badText(text string) (p position, fault, hint string) {
	line, col := 1, 1
	for i, r := range text {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(text[i:]); size == 1 {
				return position{line, col}, "the text is not UTF-8", "save the file as UTF-8"
			}
		}
		if unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' {
			return position{line, col}, fmt.Sprintf("control character %U is not allowed", r), ""
		}
		if col++; r == '\n' {
			line, col = line+1, 1
		}
	}
	return position{}, "", ""
}

func badTokens(tokens token.Tokens) (p position, fault, hint string) {
	count, depth, begun := 0, 0, false
	for _, t := range tokens {
		if t.Type == token.CommentType {
			continue
		}
		if count++; count > maxFileTokens {
			return tokenPosition(t), "the file holds too much: more than 20000 words and signs", "split it"
		}
		switch t.Type {
		case token.AnchorType, token.AliasType, token.MergeKeyType:
			return tokenPosition(t), "anchors, aliases and merge keys are not allowed", "write the value out; put quotes around text that begins with & or *"
		case token.TagType:
			return tokenPosition(t), "tags are not allowed", "put quotes around text that begins with !"
		case token.MappingKeyType:
			return tokenPosition(t), "keys with ? are not allowed", "write key: value"
		case token.DirectiveType:
			return tokenPosition(t), "directives are not allowed", ""
		case token.DocumentHeaderType:
			if begun {
				return tokenPosition(t), "a second document begins here", "keep one document in a file"
			}
		case token.MappingStartType, token.SequenceStartType:
			if depth++; depth > maxFlowDepth {
				return tokenPosition(t), "brackets are nested too deep", ""
			}
		case token.MappingEndType, token.SequenceEndType:
			depth--
		}
		begun = true
	}
	return position{}, "", ""
}

func tokenPosition(t *token.Token) position {
	if t == nil || t.Position == nil {
		return position{1, 1}
	}
	return position{max(t.Position.Line, 1), max(t.Position.Column, 1)}
}
