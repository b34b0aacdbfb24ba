package mongo

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"

	"thidua/sync"
)

// Bodies are BSON of the same shape: objects are subdocuments with their keys
// in order, integers are int64, texts strings, booleans booleans. What comes
// back has the very same canonical text.

// escape writes a key so that it may be part of a path in a query: without a
// dot, which would mean a deeper place, a dollar, which would mean an operator,
// and a NUL, which BSON cannot hold in a key. A lone percent is the empty key.
// The keys of bodies people write need none of this.
func escape(key string) string {
	if key == "" {
		return "%"
	}
	if !strings.ContainsAny(key, "%.$\x00") {
		return key
	}
	return strings.NewReplacer("%", "%25", ".", "%2E", "$", "%24", "\x00", "%00").Replace(key)
}

// unescape is the reverse of escape.
func unescape(key string) string {
	if key == "%" {
		return ""
	}
	if !strings.Contains(key, "%") {
		return key
	}
	return strings.NewReplacer("%25", "%", "%2E", ".", "%24", "$", "%00", "\x00").Replace(key)
}

// rawObject returns an object as BSON.
func rawObject(o sync.Object) (bson.Raw, error) {
	b, err := appendObject(make([]byte, 0, 256), o)
	return bson.Raw(b), err
}

// rawValue returns a value as BSON; absent as what is left out.
func rawValue(v sync.Value) (bson.RawValue, error) {
	if v == nil {
		return bson.RawValue{}, nil
	}
	b, err := appendElement(nil, "", v)
	if err != nil {
		return bson.RawValue{}, err
	}
	return bson.RawValue{Type: bson.Type(b[0]), Value: b[2:]}, nil // after the type and the end of the empty key
}

func appendObject(b []byte, o sync.Object) ([]byte, error) {
	at, b := bsoncore.AppendDocumentStart(b)
	for _, key := range slices.Sorted(maps.Keys(o)) {
		var err error
		if b, err = appendElement(b, escape(key), o[key]); err != nil {
			return b, err
		}
	}
	return bsoncore.AppendDocumentEnd(b, at)
}

func appendElement(b []byte, key string, v sync.Value) ([]byte, error) {
	switch v := v.(type) {
	case bool:
		return bsoncore.AppendBooleanElement(b, key, v), nil
	case int64:
		return bsoncore.AppendInt64Element(b, key, v), nil
	case string:
		return bsoncore.AppendStringElement(b, key, v), nil
	case sync.Object:
		return appendObject(bsoncore.AppendHeader(b, bsoncore.TypeEmbeddedDocument, key), v)
	case []any:
		at, b := bsoncore.AppendArrayElementStart(b, key)
		for i, e := range v {
			var err error
			if b, err = appendElement(b, fmt.Sprint(i), e); err != nil {
				return b, err
			}
		}
		return bsoncore.AppendArrayEnd(b, at)
	}
	return b, fmt.Errorf("a body cannot hold a %T", v)
}

// objectOf reads what rawObject wrote.
func objectOf(raw bson.Raw) (sync.Object, error) {
	elements, err := raw.Elements()
	if err != nil {
		return nil, err
	}
	o := make(sync.Object, len(elements))
	for _, e := range elements {
		if o[unescape(e.Key())], err = valueOf(e.Value()); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// valueOf reads what rawValue wrote. Another kind of value, put there by hand,
// is an error: to read it as something else would change a hash unseen.
func valueOf(v bson.RawValue) (sync.Value, error) {
	switch v.Type {
	case 0: // left out
		return nil, nil
	case bson.TypeBoolean:
		return v.Boolean(), nil
	case bson.TypeInt64:
		return v.Int64(), nil
	case bson.TypeString:
		return v.StringValue(), nil
	case bson.TypeEmbeddedDocument:
		return objectOf(v.Document())
	case bson.TypeArray:
		values, err := v.Array().Values()
		if err != nil {
			return nil, err
		}
		a := make([]any, len(values))
		for i, e := range values {
			if a[i], err = valueOf(e); err != nil {
				return nil, err
			}
		}
		return a, nil
	}
	return nil, fmt.Errorf("a body cannot hold a BSON %s", v.Type)
}
