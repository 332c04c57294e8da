package report_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"safepublish/classify"
	"safepublish/classify/transcript"
	"safepublish/classify/transcript/recordedtest"
	"safepublish/remedy"
	"safepublish/runner/report"
)

func schema(t *testing.T, at string) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(report.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("report.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("report.json" + at)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func decoded(t *testing.T, document any) any {
	t.Helper()
	var b bytes.Buffer
	if err := report.Write(&b, document); err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(&b)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Every recorded run makes a diagnosis that the schema takes.
func TestRecordedDiagnosesValidate(t *testing.T) {
	runs, err := recordedtest.Load("../../testdata/transcripts")
	if err != nil {
		t.Fatal(err)
	}
	s, seen := schema(t, "#/$defs/diagnosis"), 0
	for _, r := range runs {
		c := &classify.Case{Transcript: transcript.Read(r.Input())}
		d, failed := classify.Diagnose(c)
		if !failed {
			continue
		}
		seen++
		known := report.Known(&remedy.Problem{Case: c, Diagnosis: d, Terminal: true, Ask: true, Standing: remedy.StandingOf(c)})
		doc := report.Describe(d, c, known, func(s string) string { return s })
		if err := s.Validate(decoded(t, doc)); err != nil {
			t.Errorf("%s: %v", r.Name(), err)
		}
		for _, o := range doc.Remedies {
			if strings.HasPrefix(o.Command, "safepublish") && strings.Contains(o.Command, "/NAME") {
				t.Errorf("%s: %q is no whole command", r.Name(), o.Command)
			}
		}
	}
	if seen < 500 {
		t.Errorf("only %d diagnoses", seen)
	}
}

// A bump is offered without the package, but no file that is not there is spoken of.
func TestKnownWithoutThePackage(t *testing.T) {
	c := &classify.Case{}
	d := classify.Diagnosis{Cause: classify.Lookup("version-exists")}
	got := report.Known(&remedy.Problem{Case: c, Diagnosis: d, Terminal: true, Ask: true, Standing: remedy.StandingOf(c)})
	want := []report.Remedy{{ID: "bump", Title: "publish under the next free version", Safety: "ask", Command: "safepublish --fix bump", Steps: []string{}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
}

// What the program writes and what the schema describes have the same keys.
func TestSchemaKnowsEveryKey(t *testing.T) {
	full := report.Document{
		Packages: []report.Package{{}},
		Attempts: []report.Attempt{{Diagnosis: &report.Diagnosis{Evidence: []report.Evidence{{}}, Remedies: []report.Remedy{{}}}}},
	}
	var b bytes.Buffer
	if err := report.Write(&b, full); err != nil {
		t.Fatal(err)
	}
	var doc, described map[string]any
	if err := json.Unmarshal(b.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(report.Schema()), &described); err != nil {
		t.Fatal(err)
	}
	keys, known := map[string]bool{}, map[string]bool{}
	collect(doc, keys, false)
	collect(described, known, true)
	for k := range keys {
		if !known[k] {
			t.Errorf("the schema does not know %q", k)
		}
	}
	for k := range known {
		if !keys[k] {
			t.Errorf("the schema describes %q, which is never written", k)
		}
	}
}

// collect gathers the keys of a document, or those that a schema has properties for.
func collect(v any, into map[string]bool, schema bool) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			collect(e, into, schema)
		}
	case map[string]any:
		for k, e := range v {
			if properties, ok := e.(map[string]any); ok && schema && k == "properties" {
				for name := range properties {
					into[name] = true
				}
			} else if !schema {
				into[k] = true
			}
			collect(e, into, schema)
		}
	}
}
