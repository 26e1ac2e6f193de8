package httpd_test

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/labstack/echo/v4"
	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/config"
	"github.com/pb33f/libopenapi-validator/content"
	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"

	"github.com/optgate/optgate/internal/optgate"
)

// description is openapi.yaml, read by a library that knows OpenAPI.
type description struct {
	model     *v3.Document
	validator validator.Validator
}

var describe = sync.OnceValues(func() (description, error) {
	doc, err := os.ReadFile("openapi.yaml")
	if err != nil {
		return description{}, err
	}
	parsed, err := libopenapi.NewDocument(doc)
	if err != nil {
		return description{}, err
	}
	model, err := parsed.BuildV3Model()
	if err != nil {
		return description{}, err
	}
	// OpenAPI 3.1 knows no schema for lines of JSON: they are a text to it.
	text := content.DecoderFunc(func(in *content.DecodeInput) (any, error) {
		doc, err := io.ReadAll(in.Body)
		return string(doc), err
	})
	v, errs := validator.NewValidator(parsed, config.WithBodyDecoder("application/jsonl", text))
	if len(errs) > 0 {
		return description{}, errs[0]
	}
	return description{&model.Model, v}, nil
})

func described(t *testing.T) description {
	t.Helper()
	d, err := describe()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// operations returns the operations of the document by method and path, as Echo
// writes them.
func (d description) operations() map[string]*v3.Operation {
	all := map[string]*v3.Operation{}
	for path, item := range d.model.Paths.PathItems.FromOldest() {
		for method, o := range item.GetOperations().FromOldest() {
			all[strings.ToUpper(method)+" "+strings.NewReplacer("{", ":", "}", "").Replace(path)] = o
		}
	}
	return all
}

// wantDescribed checks that the document says that this request may be answered
// so.
func wantDescribed(t *testing.T, req *http.Request, answer *http.Response) {
	t.Helper()
	doc, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body = io.NopCloser(bytes.NewReader(doc))
	ok, faults := described(t).validator.ValidateHttpResponse(req, answer)
	answer.Body = io.NopCloser(bytes.NewReader(doc))
	if ok {
		return
	}
	for _, f := range faults {
		t.Errorf("openapi.yaml does not describe %s %s, %d: %s: %s", req.Method, req.URL, answer.StatusCode, f.Message, f.Reason)
		for _, why := range f.SchemaValidationErrors {
			t.Errorf("  %s: %s", why.FieldPath, why.Reason)
		}
	}
	t.Logf("%s", doc)
}

func TestOpenAPIDocument(t *testing.T) {
	d := described(t)
	if ok, faults := d.validator.ValidateDocument(); !ok {
		for _, f := range faults {
			t.Errorf("%s: %s", f.Message, f.Reason)
			for _, why := range f.SchemaValidationErrors {
				t.Errorf("  %s: %s", why.FieldPath, why.Reason)
			}
		}
	}
	ids := map[string]bool{}
	for name, o := range d.operations() {
		if o.OperationId == "" || ids[o.OperationId] || o.Summary == "" || len(o.Tags) != 1 {
			t.Errorf("%s needs an operationId of its own, a summary and a tag", name)
		}
		ids[o.OperationId] = true
	}
	k := newKit(t)
	want, err := os.ReadFile("openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if got := read(t, k.do(request{method: "GET", path: "/api/v1/openapi.yaml"})); got != string(want) {
		t.Error("openapi.yaml is served otherwise")
	}
	r := k.do(request{method: "GET", path: "/api/v1/openapi.json"})
	var served, file any
	if err := yaml.Unmarshal([]byte(read(t, r)), &served); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(want, &file); err != nil {
		t.Fatal(err)
	}
	if got := r.Header.Get("Content-Type"); got != "application/json" || !reflect.DeepEqual(served, file) {
		t.Errorf("openapi.json, %q, says something else than openapi.yaml", got)
	}
}

// TestOpenAPIRoutes compares the document with the routes, both ways: with their
// parameters, too.
func TestOpenAPIRoutes(t *testing.T) {
	said, routes := described(t).operations(), newKit(t).handler.(*echo.Echo).Routes()
	registered := map[string]bool{}
	for _, r := range routes {
		name := r.Method + " " + r.Path
		if !strings.HasPrefix(r.Path, "/api/") || r.Method == http.MethodHead || r.Method == "echo_route_not_found" {
			continue
		}
		registered[name] = true
		if said[name] == nil {
			t.Errorf("openapi.yaml lacks %s", name)
		}
	}
	if len(registered) < 10 {
		t.Fatalf("got %d routes of the API", len(registered))
	}
	for name := range said {
		if !registered[name] {
			t.Errorf("openapi.yaml describes %s, which there is not", name)
		}
	}
}

// TestOpenAPISiteFile compares the document with what site files can say.
func TestOpenAPISiteFile(t *testing.T) {
	doc, err := os.ReadFile("openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Components struct{ Schemas map[string]schema }
	}
	if err := yaml.Unmarshal(doc, &file); err != nil {
		t.Fatal(err)
	}
	all := file.Components.Schemas
	compareKeys(t, all, "SiteFile", all["SiteFile"], reflect.TypeFor[optgate.Own]())
}

// schema is as much of a JSON schema as has keys in it.
type schema struct {
	Ref        string `yaml:"$ref"`
	Properties map[string]schema
	Items      *schema
}

// compareKeys compares the properties of a schema with the keys of a type.
func compareKeys(t *testing.T, all map[string]schema, at string, s schema, of reflect.Type) {
	if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
		s = all[name]
	}
	switch of.Kind() {
	case reflect.Pointer:
		compareKeys(t, all, at, s, of.Elem())
	case reflect.Slice:
		if s.Items == nil {
			t.Errorf("%s is no array in openapi.yaml", at)
			return
		}
		compareKeys(t, all, at+"[]", *s.Items, of.Elem())
	case reflect.Struct:
		var keys []string
		for _, field := range fieldsOf(of) {
			key := field.Tag.Get("yaml")
			keys = append(keys, key)
			if _, ok := s.Properties[key]; !ok {
				t.Errorf("openapi.yaml lacks %s.%s: describe it in its schemas", at, key)
				continue
			}
			compareKeys(t, all, at+"."+key, s.Properties[key], field.Type)
		}
		for key := range s.Properties {
			if !slices.Contains(keys, key) {
				t.Errorf("openapi.yaml has %s.%s, which no site file has", at, key)
			}
		}
	}
}

// fieldsOf returns the fields of a type, with those of an inline field in its place.
func fieldsOf(of reflect.Type) []reflect.StructField {
	var all []reflect.StructField
	for i := range of.NumField() {
		if field := of.Field(i); field.Tag.Get("yaml") == ",inline" {
			all = append(all, fieldsOf(field.Type)...)
		} else {
			all = append(all, field)
		}
	}
	return all
}

// statuses returns every answer that the document says an operation has.
func statuses(t *testing.T, o *v3.Operation) []int {
	t.Helper()
	var all []int
	for code := range o.Responses.Codes.FromOldest() {
		n, err := strconv.Atoi(code)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, n)
	}
	return all
}
