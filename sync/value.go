package sync

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"sort"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/text/unicode/norm"
)

// A Value is what a document body is made of: an Object, a []any of scalars or
// objects, a string in NFC, a bool or an int64. Nil means absent: bodies hold
// no null, no empty object and no fraction (a decimal is an integer of a
// declared unit, such as hundredths of a point). Values are never changed in
// place; every function that changes one returns a new one.
type Value = any

// An Object maps keys to values. Keys match [A-Za-z0-9][A-Za-z0-9_-]{0,63}.
type Object = map[string]any

// Bounds of what a body may hold.
const (
	MaxBody   = 64 << 10  // bytes of the canonical body of a document written by a person
	MaxKept   = 256 << 10 // bytes of a conflict or rejection, which keeps several sides
	MaxDepth  = 12        // levels of objects and arrays
	MaxKey    = 64        // bytes of a key
	MaxNumber = 1<<53 - 1 // greatest magnitude of a number: what every JSON reader keeps exactly
)

// A Fault says what is wrong with a value, a body or a mutation.
type Fault struct {
	Code   Code
	Path   Pointer // where in the body, if anywhere
	Detail string  // for developers; holds no content
}

// Error implements error.
func (f *Fault) Error() string {
	s := string(f.Code)
	if f.Path != "" {
		s += " at " + string(f.Path)
	}
	if f.Detail != "" {
		s += ": " + f.Detail
	}
	return s
}

// Codes of faults in values.
const (
	CodeSyntax      Code = "json_syntax"
	CodeTooDeep     Code = "too_deep"
	CodeNull        Code = "null_value"
	CodeBadKey      Code = "bad_key"
	CodeBadNumber   Code = "bad_number"
	CodeNestedArray Code = "nested_array"
	CodeEmptyObject Code = "empty_object"
	CodeBodyLarge   Code = "body_too_large"
)

// ValidKey reports whether s may be a key in a body.
func ValidKey(s string) bool {
	if s == "" || len(s) > MaxKey {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case (c == '_' || c == '-') && i > 0:
		default:
			return false
		}
	}
	return true
}

// ParseObject decodes a JSON object strictly into a body. The second result
// reports whether the text had to be normalised: brought to NFC, or rid of
// empty objects.
func ParseObject(raw []byte) (Object, bool, *Fault) {
	r := reader{dec: jsontext.NewDecoder(bytes.NewReader(raw)), key: ValidKey}
	v, f := r.value(0)
	if f == nil {
		f = r.end()
	}
	if f != nil {
		return nil, false, f
	}
	if v == nil && r.normalised {
		return Object{}, true, nil
	}
	body, ok := v.(Object)
	if !ok {
		return nil, false, &Fault{Code: CodeInvalidType, Detail: "a body is an object"}
	}
	return body, r.normalised, nil
}

// parseStored decodes a canonical body read from a store; that of a conflict
// or rejection holds bodies itself and is deeper than what people may write.
func parseStored(canonical []byte) Object {
	r := reader{
		dec: jsontext.NewDecoder(bytes.NewBuffer(canonical), jsontext.AllowDuplicateNames(true)), // nothing to find: save the search
		key: func(string) bool { return true }, extra: MaxDepth, normal: true,
	}
	v, _ := r.value(0)
	body, _ := v.(Object)
	if body == nil {
		body = Object{}
	}
	return body
}

// A reader decodes values from a strict tokenizer: duplicate names and invalid
// UTF-8 are syntax errors there.
type reader struct {
	dec        *jsontext.Decoder
	key        func(string) bool
	extra      int  // levels allowed beyond MaxDepth
	keep       bool // empty objects stay: the text is not a body but what holds one
	nulls      bool // null is read as null{}
	normal     bool // the text is known to be in normal form
	normalised bool
}

func (r *reader) end() *Fault {
	if _, err := r.dec.ReadToken(); err != io.EOF {
		return &Fault{Code: CodeSyntax, Detail: "something follows the value"}
	}
	return nil
}

func (r *reader) value(depth int) (Value, *Fault) {
	if depth > MaxDepth+r.extra {
		return nil, &Fault{Code: CodeTooDeep, Detail: "more than " + strconv.Itoa(MaxDepth) + " levels"}
	}
	tok, err := r.dec.ReadToken()
	if err != nil {
		return nil, syntax(err)
	}
	switch tok.Kind() {
	case '{':
		return r.object(depth)
	case '[':
		return r.array(depth)
	case '"':
		return r.text(tok.String()), nil
	case 't', 'f':
		return tok.Bool(), nil
	case '0':
		return integer(tok.String())
	}
	if r.nulls {
		return null{}, nil
	}
	return nil, &Fault{Code: CodeNull, Detail: "leave absent values out"}
}

// null stands for a null that was read where one may be.
type null struct{}

// object reads the rest of an object; an empty one is the same as none.
func (r *reader) object(depth int) (Value, *Fault) {
	o := Object{}
	for {
		tok, err := r.dec.ReadToken()
		if err != nil {
			return nil, syntax(err)
		}
		if tok.Kind() == '}' {
			break
		}
		k := tok.String()
		if !r.key(k) {
			return nil, &Fault{Code: CodeBadKey, Detail: "a key is 1 to 64 of A-Z a-z 0-9 _ - and starts with a letter or digit"}
		}
		v, f := r.value(depth + 1)
		if f != nil {
			return nil, f
		}
		if v != nil {
			o[k] = v
		}
	}
	if len(o) == 0 && depth > 0 && !r.keep {
		r.normalised = true
		return nil, nil
	}
	return o, nil
}

func (r *reader) array(depth int) (Value, *Fault) {
	a := []any{}
	for {
		switch r.dec.PeekKind() {
		case ']':
			_, _ = r.dec.ReadToken()
			return a, nil
		case '[':
			return nil, &Fault{Code: CodeNestedArray, Detail: "an array holds no array"}
		}
		v, f := r.value(depth + 1)
		if f != nil {
			return nil, f
		}
		if v == nil {
			return nil, &Fault{Code: CodeEmptyObject, Detail: "an array holds no empty object"}
		}
		a = append(a, v)
	}
}

func (r *reader) text(s string) string {
	if r.normal || norm.NFC.IsNormalString(s) {
		return s
	}
	r.normalised = true
	return norm.NFC.String(s)
}

func integer(s string) (Value, *Fault) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n > MaxNumber || n < -MaxNumber {
		return nil, &Fault{Code: CodeBadNumber, Detail: "a number is an integer between -(2^53-1) and 2^53-1"}
	}
	return n, nil
}

func syntax(err error) *Fault {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return &Fault{Code: CodeSyntax, Detail: "the text ends too early"}
	}
	var se *jsontext.SyntacticError
	if errors.As(err, &se) {
		return &Fault{Code: CodeSyntax, Detail: "at byte " + strconv.FormatInt(se.ByteOffset, 10)}
	}
	return &Fault{Code: CodeSyntax}
}

// Canonical returns the canonical JSON text of a value (RFC 8785): sorted
// keys, no spaces, shortest escapes. It is what hashes are taken of. Absent
// is written as null.
func Canonical(v Value) []byte {
	room := 64
	if o, ok := v.(Object); ok {
		room += 192 * len(o)
	}
	return appendCanonical(make([]byte, 0, room), v)
}

func appendCanonical(b []byte, v Value) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...)
	case bool:
		return strconv.AppendBool(b, v)
	case int64:
		return strconv.AppendInt(b, v, 10)
	case string:
		return appendText(b, v)
	case []any:
		b = append(b, '[')
		for i, e := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendCanonical(b, e)
		}
		return append(b, ']')
	case Object:
		keys := make([]string, 0, 16)
		for k := range v {
			keys = append(keys, k)
		}
		sort.Strings(keys) // keys are ASCII: byte order is UTF-16 order
		b = append(b, '{')
		for i, k := range keys {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendText(b, k)
			b = append(b, ':')
			b = appendCanonical(b, v[k])
		}
		return append(b, '}')
	}
	return b
}

const hexDigits = "0123456789abcdef"

func appendText(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\b':
			b = append(b, '\\', 'b')
		case '\t':
			b = append(b, '\\', 't')
		case '\n':
			b = append(b, '\\', 'n')
		case '\f':
			b = append(b, '\\', 'f')
		case '\r':
			b = append(b, '\\', 'r')
		default:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}

// A Hash is a SHA-256 in lower-case hexadecimal.
type Hash string

// HashOf returns the hash of the canonical text of a value.
func HashOf(v Value) Hash { return hashBytes(Canonical(v)) }

func hashBytes(b []byte) Hash {
	sum := sha256.Sum256(b)
	return Hash(hex.EncodeToString(sum[:]))
}

func validHash(s string) bool {
	if len(s) != 64 {
		return false
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// Equal reports whether two values are the same.
func Equal(a, b Value) bool {
	switch a := a.(type) {
	case Object:
		b, ok := b.(Object)
		if !ok || len(a) != len(b) {
			return false
		}
		for k, v := range a {
			if w, ok := b[k]; !ok || !Equal(v, w) {
				return false
			}
		}
		return true
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for i := range a {
			if !Equal(a[i], b[i]) {
				return false
			}
		}
		return true
	}
	switch b.(type) {
	case Object, []any:
		return false
	}
	return a == b
}
